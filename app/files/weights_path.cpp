#include "app/files/weights_path.h"

#include "app/files/file_source.h"
#include "app/files/files.h"
#include "core/precision/gguf_mix.h"
#include "core/precision/model_format.h"
#include "core/quantity/display.h"
#include "core/sources/gguf.h"
#include "core/sources/gguf_config.h"
#include "core/sources/json_text.h"
#include "core/sources/safetensors.h"
#include "core/sources/stored_weights.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>

namespace weighbridge {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view index_ending = ".safetensors.index.json";
/// An index of 2,000,000 tensors with long names stays below it.
constexpr std::size_t largest_index = 268'435'456;
/// Parts of a split file.
constexpr int most_parts = 10'000;

std::string lower_name(const std::string& path)
{
    std::string name = fs::path(path).filename().string();
    std::transform(name.begin(), name.end(), name.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return name;
}

/// PREFIX-00001-of-00003.gguf, as llama-gguf-split names parts.
struct SplitName
{
    std::string prefix;
    int part = 0;
    int parts = 0;
};

std::optional<SplitName> split_name(const std::string& path)
{
    constexpr std::size_t tail = std::string_view("-00001-of-00003.gguf").size();
    if (path.size() <= tail)
        return std::nullopt;
    SplitName split{.prefix = path.substr(0, path.size() - tail)};
    const std::string_view rest = std::string_view(path).substr(split.prefix.size());
    const auto digits = [&](std::size_t at) {
        int value = 0;
        for (const char letter : rest.substr(at, 5))
            value = letter >= '0' && letter <= '9' && value >= 0 ? value * 10 + (letter - '0') : -1;
        return value;
    };
    split.part = digits(1);
    split.parts = digits(10);
    if (rest[0] != '-' || rest.substr(6, 4) != "-of-" || split.part < 1 || split.parts < split.part ||
        split.parts > most_parts)
        return std::nullopt;
    return split;
}

std::string part_path(const SplitName& split, int part)
{
    std::array<char, 32> tail = {};
    std::snprintf(tail.data(), tail.size(), "-%05d-of-%05d.gguf", part, split.parts);
    return split.prefix + tail.data();
}

Result<GgufHeader> read_gguf_file(const std::string& path)
{
    auto source = FileSource::open(path);
    if (!source)
        return source.error();
    return read_gguf(**source, path);
}

/// The headers of all parts of a GGUF file, the first part first. Its name says how many there are.
Result<std::vector<std::pair<std::string, GgufHeader>>> read_parts(const std::string& path)
{
    std::vector<std::pair<std::string, GgufHeader>> parts;
    const auto split = split_name(path);
    const int count = split ? split->parts : 1;
    for (int part = 1; part <= count; ++part) {
        const std::string file = split ? part_path(*split, part) : path;
        auto header = read_gguf_file(file);
        if (!header)
            return header.error();
        parts.emplace_back(fs::path(file).filename().string(), std::move(*header));
    }
    const auto said = parts.front().second.integer("split.count");
    if (said && *said > 1 && *said != count)
        return Error{path, path + ": split.count is " + grouped(*said) + ", but the file's name says it is one of " +
                               grouped(count) + "; parts are named NAME-00001-of-0000" + "N.gguf"};
    return parts;
}

/// What the tensors of files are, most bytes first: "Q4_K, Q6_K and F32".
std::string types_text(const StoredWeights& stored)
{
    std::vector<std::pair<std::string_view, std::int64_t>> types;
    for (const StoredPart& part : stored.parts) {
        const auto same =
            std::find_if(types.begin(), types.end(), [&](const auto& type) { return type.first == part.type; });
        if (same == types.end())
            types.emplace_back(part.type, part.bytes);
        else
            same->second += part.bytes;
    }
    std::stable_sort(types.begin(), types.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    for (std::size_t i = 0; i < types.size(); ++i)
        text += (i == 0 ? "" : i + 1 == types.size() ? " and " : ", ") + std::string(types[i].first);
    return text;
}

std::string shown_files(const StoredWeights& stored)
{
    const std::string first = stored.files.empty() ? "" : stored.files.front().name;
    return stored.files.size() < 2 ? first : first + " and " + std::to_string(stored.files.size() - 1) + " more";
}

/// Elements that no file of any version counts as weights: tables that a converter adds.
bool is_added_table(const StoredTensor& tensor)
{
    return tensor.name.starts_with("rope_f") || tensor.name.find("inv_freq") != std::string::npos;
}

/// A network read from keys can be wrong; its tensors can't.
void compare_elements(const std::vector<TensorFile>& files, const Model& model, std::vector<Issue>& issues)
{
    std::int64_t elements = 0;
    for (const TensorFile& file : files)
        for (const StoredTensor& tensor : file.tensors)
            elements += is_added_table(tensor) ? 0 : tensor.elements;
    const std::int64_t known = model.parameters.total - model.parameters.vision;
    if (elements != known && elements != known + model.parameters.multi_token_prediction)
        issues.push_back({"weights", Severity::warning,
                          "The file's tensors have " + grouped(elements) +
                              " elements; the network read from its keys has " + grouped(known) +
                              ", so caches and operations may be counted wrong."});
}

Result<ModelFile> read_gguf_model(const std::string& path, const std::string& name, const ImportOptions& options)
{
    auto parts = read_parts(path);
    if (!parts)
        return parts.error();
    GgufHeader& first = parts->front().second;
    std::vector<TensorFile> files;
    for (const auto& [file, header] : *parts)
        files.push_back({file, header.tensors});
    // The keys speak for all parts; so must the tensors that the keys are completed from.
    for (std::size_t i = 1; i < files.size(); ++i)
        first.tensors.insert(first.tensors.end(), files[i].tensors.begin(), files[i].tensors.end());

    std::vector<Issue> issues;
    auto config = config_of_gguf(first, path, issues);
    if (!config)
        return config.error();
    std::string called = name.empty() ? gguf_model_name(first) : name;
    if (called.empty())
        called = fs::path(path).stem().string();
    const auto model = import_config(*config, called, options);
    if (!model)
        return Error{model.error().field, path + ": " + model.error().message};
    compare_elements(files, **model, issues);
    StoredWeights stored = stored_weights(files, **model, issues);
    std::string label = shown_files(stored) + ": " + types_text(stored);
    std::shared_ptr<const WeightColumn> rule;
    if (const auto* mix = gguf_mix_of_file_type(first.integer("general.file_type").value_or(-1))) {
        rule =
            std::make_shared<const WeightColumn>(gguf_column(*mix, false, (*model)->architecture, (*model)->tensors));
        label += " (" + std::string(mix->name) + ")";
    }
    return ModelFile{with_stored_weights(**model, std::move(stored), std::move(label), ComputeType::bf16,
                                         std::move(rule), std::move(issues)),
                     std::make_shared<const nlohmann::json>(std::move(*config))};
}

Result<std::vector<TensorFile>> read_shards(const std::string& path)
{
    const fs::path folder = fs::path(path).parent_path();
    const auto text = read_file(path, largest_index);
    if (!text)
        return text.error();
    const auto index = read_safetensors_index(*text, path);
    if (!index)
        return index.error();
    std::vector<TensorFile> files;
    std::size_t found = 0;
    for (std::size_t i = 0; i < index->files.size(); ++i) {
        const std::string file = (folder / index->files[i]).string();
        auto source = FileSource::open(file);
        if (!source)
            return source.error();
        auto header = read_safetensors(**source, file);
        if (!header)
            return header.error();
        TensorFile& kept = files.emplace_back(TensorFile{index->files[i], {}});
        for (StoredTensor& tensor : header->tensors) {
            const auto known = index->tensor_file.find(tensor.name);
            if (known == index->tensor_file.end() || known->second != i)
                continue; // engines load what the index names
            ++found;
            kept.tensors.push_back(std::move(tensor));
        }
    }
    if (found != index->tensor_file.size())
        return Error{path,
                     path + ": weight_map names " + grouped(static_cast<std::int64_t>(index->tensor_file.size())) +
                         " tensors, but the files hold only " + grouped(static_cast<std::int64_t>(found)) + " of them"};
    return files;
}

Result<std::vector<TensorFile>> read_safetensors_files(const std::string& path)
{
    if (lower_name(path).ends_with(index_ending))
        return read_shards(path);
    // A shard alone is no model; its index names the others.
    const std::string index = (fs::path(path).parent_path() / "model.safetensors.index.json").string();
    std::error_code error;
    if (fs::path(path).filename().string().starts_with("model-0") && fs::exists(index, error))
        return read_shards(index);
    auto source = FileSource::open(path);
    if (!source)
        return source.error();
    auto header = read_safetensors(**source, path);
    if (!header)
        return header.error();
    std::vector<TensorFile> files;
    files.push_back({fs::path(path).filename().string(), std::move(header->tensors)});
    return files;
}

Result<ModelFile> read_safetensors_model(const std::string& path, const std::string& name, const ImportOptions& options)
{
    auto files = read_safetensors_files(path);
    if (!files)
        return files.error();
    const std::string config = (fs::path(path).parent_path() / "config.json").string();
    std::error_code error;
    if (!fs::exists(config, error))
        return Error{path, path + ": there is no config.json beside it, which would say what network this is"};
    auto file = read_config_file(config, name, options);
    if (!file)
        return file;
    const Model& model = *file->model;
    std::vector<Issue> issues;
    StoredWeights stored = stored_weights(*files, model, issues);
    // The rule to compare with: the config's quantization, or its data type for every tensor.
    NumberFormat rule = for_model(*find_format(checkpoint_format, FormatUse::weights), model);
    if (!rule.column) {
        std::vector<WeightColumn::Shares> rows;
        for (const Tensor& tensor : model.tensors)
            rows.push_back({{"16", static_cast<double>(tensor.elements()), rule.bits}});
        rule.column = std::make_shared<const WeightColumn>(model.tensors, std::move(rows));
    }
    std::string label = shown_files(stored) + ": " + types_text(stored);
    file->model =
        with_stored_weights(model, std::move(stored), std::move(label), rule.compute, rule.column, std::move(issues));
    return file;
}

} // namespace

bool is_weights_path(const std::string& path)
{
    const std::string name = lower_name(path);
    return name.ends_with(".gguf") || name.ends_with(".safetensors") || name.ends_with(index_ending);
}

std::string weights_in_folder(const std::string& folder)
{
    std::error_code error;
    for (const char* name : {"model.safetensors.index.json", "model.safetensors"})
        if (const fs::path file = fs::path(folder) / name; fs::is_regular_file(file, error))
            return file.string();
    std::vector<std::string> models;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string file = entry->path().string();
        const auto split = split_name(file);
        if (lower_name(file).ends_with(".gguf") && (!split || split->part == 1))
            models.push_back(file);
    }
    return models.size() == 1 ? models.front() : std::string();
}

Result<ModelFile> read_weights_path(const std::string& path, const std::string& name, const ImportOptions& options)
{
    return lower_name(path).ends_with(".gguf") ? read_gguf_model(path, name, options)
                                               : read_safetensors_model(path, name, options);
}

} // namespace weighbridge
