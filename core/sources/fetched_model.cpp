#include "core/sources/fetched_model.h"

#include "core/precision/model_format.h"
#include "core/precision/rule_difference.h"
#include "core/precision/stored_type.h"
#include "core/quantity/display.h"
#include "core/quantity/nearest.h"
#include "core/sources/json_text.h"
#include "core/sources/prefix_source.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace weighbridge {

namespace {

constexpr std::string_view index_ending = ".index.json";

Result<ModelFile> gguf_model(const FetchedModel& fetched, const std::string& name, const std::string& source,
                             const ImportOptions& options)
{
    std::vector<GgufPart> parts;
    parts.reserve(fetched.files.size());
    for (const FetchedFile& file : fetched.files) {
        PrefixSource bytes(file.bytes, file.size);
        auto header = read_gguf(bytes, source + ": " + file.name);
        if (!header)
            return header.error();
        parts.push_back({file.name, std::move(*header)});
    }
    return model_of_gguf(std::move(parts), name, source, options);
}

Result<SafetensorsHeader> shard_header(const FetchedFile& file)
{
    PrefixSource bytes(file.bytes, file.size);
    return read_safetensors(bytes, file.name);
}

Result<std::vector<TensorFile>> safetensors_files(const std::vector<FetchedFile>& files)
{
    const FetchedFile& first = files.front();
    std::vector<TensorFile> tensors;
    if (!first.name.ends_with(index_ending)) {
        auto header = shard_header(first);
        if (!header)
            return header.error();
        tensors.push_back({first.name, std::move(header->tensors)});
        return tensors;
    }
    const auto index = read_safetensors_index(first.bytes, first.name);
    if (!index)
        return index.error();
    std::vector<SafetensorsHeader> shards;
    shards.reserve(index->files.size());
    for (const std::string& name : index->files) {
        const auto file =
            std::find_if(files.begin(), files.end(), [&](const FetchedFile& other) { return other.name == name; });
        if (file == files.end())
            return Error{first.name, first.name + ": " + weighbridge::in_quotes(name) + " was not fetched"};
        auto header = shard_header(*file);
        if (!header)
            return header.error();
        shards.push_back(std::move(*header));
    }
    return tensors_of_index(*index, std::move(shards), first.name);
}

/// Bytes of what the metadata counts, with its types; nothing where a type is not known here or the count is none.
struct Counted
{
    std::int64_t bytes = 0;
    std::string types;
};

std::optional<Counted> count(const std::vector<CountedType>& types)
{
    constexpr std::int64_t most = std::int64_t{1} << 53U;
    Counted sum;
    for (const CountedType& counted : types) {
        const StoredType* type = safetensors_type(counted.type);
        if (type == nullptr || counted.elements < 0 || counted.elements > header_limits::elements)
            return std::nullopt;
        const auto bytes = bytes_stored(*type, counted.elements);
        if (!bytes || *bytes > most - sum.bytes)
            return std::nullopt;
        sum.bytes += *bytes;
        sum.types += (sum.types.empty() ? "" : ", ") + grouped(counted.elements) + " of " + counted.type;
    }
    return sum.types.empty() ? std::nullopt : std::optional(std::move(sum));
}

/// What the metadata says of a model whose weights follow the rule.
std::string counted_text(const FetchedModel& fetched, const Model& model)
{
    const auto counted = count(fetched.counted);
    if (!counted)
        return {};
    const NumberFormat rule = for_model(*find_format(checkpoint_format, FormatUse::weights), model);
    double bytes = 0;
    for (const Tensor& tensor : model.tensors)
        bytes += static_cast<double>(tensor.elements()) * bytes_per_element(rule, tensor);
    return "The repository's metadata counts " + in_fitting_unit({counted->bytes}, ByteUnit::gib) + " in its files (" +
           counted->types + "); " + compared_with_rule({counted->bytes}, {std::llround(bytes)}) + "." +
           (model.parameters.multi_token_prediction > 0
                ? " The files hold layers for multi-token prediction as well, which engines leave out."
                : "");
}

ModelPointer with_note(const Model& model, Severity severity, const std::string& text)
{
    auto noted = std::make_shared<Model>(model);
    noted->issues.push_back({"weights", severity, text});
    return noted;
}

} // namespace

Result<ModelFile> model_of_fetched(const FetchedModel& fetched, const std::string& name, const std::string& source,
                                   const ImportOptions& options)
{
    if (!fetched.files.empty() && fetched.files.front().name.ends_with(".gguf"))
        return gguf_model(fetched, name, source, options);
    auto config = parse_json(fetched.config, "config.json");
    if (!config)
        return config.error();
    auto model = import_config(*config, name, options);
    if (!model)
        return model.error();
    std::string note = fetched.note;
    if (!fetched.files.empty()) {
        const auto files = safetensors_files(fetched.files);
        auto sized = files ? with_safetensors(**model, *files) : Result<ModelPointer>(files.error());
        if (sized)
            model = std::move(sized);
        else
            note = "The headers of the weights can't be read, so their sizes follow the rule: " + sized.error().message;
    }
    const bool by_rule = !(*model)->published || !(*model)->published->stored;
    if (by_rule)
        if (const std::string counted = counted_text(fetched, **model); !counted.empty())
            note += (note.empty() ? "" : " ") + counted;
    if (!note.empty())
        model = with_note(**model, fetched.files.empty() ? Severity::note : Severity::warning, note);
    return ModelFile{std::move(*model), std::make_shared<const nlohmann::json>(std::move(*config))};
}

HeaderNeed header_need(std::string_view name, std::string_view bytes, std::uint64_t size)
{
    PrefixSource source(bytes, size);
    const bool is_gguf = name.ends_with(".gguf");
    std::optional<Error> error;
    if (is_gguf) {
        if (const auto header = read_gguf(source, name); !header)
            error = header.error();
    } else if (const auto header = read_safetensors(source, name); !header) {
        error = header.error();
    }
    HeaderNeed need;
    if (source.wanted() > bytes.size())
        need.bytes = std::min(source.wanted(), size);
    else if (error)
        need.broken = std::move(error);
    return need;
}

} // namespace weighbridge
