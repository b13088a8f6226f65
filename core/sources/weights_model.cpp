#include "core/sources/weights_model.h"

#include "core/precision/gguf_mix.h"
#include "core/precision/model_format.h"
#include "core/quantity/display.h"
#include "core/quantity/nearest.h"
#include "core/quantity/printable.h"
#include "core/sources/gguf_config.h"
#include "core/sources/stored_comparison.h"

#include <nlohmann/json.hpp>

#include <string_view>
#include <unordered_set>
#include <utility>

namespace weighbridge {

namespace {

std::string label_of(const StoredWeights& stored)
{
    std::string label = stored.files.empty() ? "" : printable(stored.files.front().name);
    if (stored.files.size() > 1)
        label += " and " + std::to_string(stored.files.size() - 1) + " more";
    return label + ": " + stored_types(stored.parts);
}

/// Elements that no file of any version counts as weights: tables that a converter adds.
bool is_added_table(const StoredTensor& tensor)
{
    return tensor.name.starts_with("rope_f") || tensor.name.find("inv_freq") != std::string::npos;
}

/// More than that are in no model, and sums of them would not be exact.
Outcome check_amounts(const std::vector<TensorFile>& files)
{
    constexpr double most = 1e15;
    double elements = 0;
    for (const TensorFile& file : files)
        for (const StoredTensor& tensor : file.tensors)
            elements += static_cast<double>(tensor.elements);
    if (elements <= most)
        return {};
    const std::string& name = files.front().name;
    return Error{name, name + (files.size() > 1 ? " and the files with it hold" : " holds") +
                           " tensors of more than 10^15 elements in all, more than are computed"};
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

/// A GGUF file holds weights, each once.
Outcome check_tensors(const std::vector<TensorFile>& files, const std::string& path)
{
    std::unordered_set<std::string_view> names;
    for (const TensorFile& file : files)
        for (const StoredTensor& tensor : file.tensors)
            if (!names.insert(tensor.name).second)
                return Error{path, path + ": tensor " + weighbridge::in_quotes(tensor.name) + " is there twice"};
    if (names.empty())
        return Error{path, path + ": it holds no tensors, as files of a vocabulary alone do, so there are no weights "
                                  "to count"};
    return {};
}

/// "llama-Q4_K_M" of "llama-Q4_K_M.gguf".
std::string stem(std::string_view file)
{
    return std::string(file.substr(0, file.rfind('.')));
}

} // namespace

Result<ModelFile> model_of_gguf(std::vector<GgufPart> parts, const std::string& name, const std::string& path,
                                const ImportOptions& options)
{
    if (parts.empty())
        return Error{path, path + ": it has no parts"};
    GgufHeader& first = parts.front().header;
    const auto said = first.integer("split.count");
    const auto said_tensors = first.integer("split.tensors.count");
    const auto count = static_cast<std::int64_t>(parts.size());
    if (said && *said > 1 && *said != count)
        return Error{path, path + ": split.count is " + grouped(*said) + ", but the file's name says it is one of " +
                               grouped(count) + "; parts are named NAME-00001-of-0000" + "N.gguf"};
    std::vector<TensorFile> files;
    files.reserve(parts.size());
    for (const GgufPart& part : parts)
        files.push_back({part.file, part.header.tensors});
    if (Outcome problem = check_amounts(files))
        return Error{path, path + ": " + problem->message};
    // The keys speak for all parts; so must the tensors that the keys are completed from.
    for (std::size_t i = 1; i < files.size(); ++i)
        first.tensors.insert(first.tensors.end(), files[i].tensors.begin(), files[i].tensors.end());

    std::vector<Issue> issues;
    auto config = config_of_gguf(first, path, issues);
    if (!config)
        return config.error();
    const std::int64_t file_type = first.integer("general.file_type").value_or(-1);
    if (gguf_mix_of_file_type(file_type) != nullptr) // so that the rule is there where the sizes no longer hold
        (*config)["quantization_config"] = {{"quant_method", "gguf"}, {"file_type", file_type}};
    std::string called = name.empty() ? gguf_model_name(first) : name;
    if (called.empty())
        called = stem(parts.front().file);
    const auto model = import_config(*config, called, options);
    if (!model)
        return Error{model.error().field, path + ": " + model.error().message};
    if (Outcome problem = check_tensors(files, path))
        return *problem;
    if (said_tensors && *said_tensors != static_cast<std::int64_t>(first.tensors.size()))
        return Error{path, path + ": split.tensors.count is " + grouped(*said_tensors) + ", but " +
                               (files.size() > 1 ? "the parts hold " : "the file holds ") +
                               grouped(static_cast<std::int64_t>(first.tensors.size())) + " tensors"};
    compare_elements(files, **model, issues);
    StoredWeights stored = stored_weights(files, **model, issues);
    std::string label = label_of(stored);
    if (const auto* mix = gguf_mix_of_file_type(file_type))
        label += " (" + std::string(mix->name) + ")";
    PublishedWeights published;
    published.label = std::move(label);
    published.method = "gguf";
    published.rule = (*model)->published ? (*model)->published->rule : nullptr;
    return ModelFile{with_stored_weights(**model, std::move(stored), std::move(published), std::move(issues)),
                     std::make_shared<const nlohmann::json>(std::move(*config))};
}

Result<std::vector<TensorFile>> tensors_of_index(const SafetensorsIndex& index, std::vector<SafetensorsHeader> shards,
                                                 const std::string& path)
{
    std::vector<TensorFile> files;
    files.reserve(shards.size());
    std::size_t found = 0;
    for (std::size_t i = 0; i < shards.size(); ++i) {
        TensorFile& kept = files.emplace_back(TensorFile{index.files.at(i), {}});
        for (StoredTensor& tensor : shards[i].tensors) {
            const auto known = index.tensor_file.find(tensor.name);
            if (known == index.tensor_file.end() || known->second != i)
                continue; // engines load what the index names
            ++found;
            kept.tensors.push_back(std::move(tensor));
        }
    }
    if (found != index.tensor_file.size())
        return Error{path, path + ": weight_map names " + grouped(static_cast<std::int64_t>(index.tensor_file.size())) +
                               " tensors, but the files hold only " + grouped(static_cast<std::int64_t>(found)) +
                               " of them"};
    return files;
}

Result<ModelPointer> with_safetensors(const Model& model, const std::vector<TensorFile>& files)
{
    if (Outcome problem = check_amounts(files))
        return *problem;
    std::vector<Issue> issues;
    NumberFormat rule = for_model(*find_format(checkpoint_format, FormatUse::weights), model);
    if (!rule.column) {
        std::vector<WeightColumn::Shares> rows;
        rows.reserve(model.tensors.size());
        for (const Tensor& tensor : model.tensors)
            rows.push_back({{"16", static_cast<double>(tensor.elements()), rule.bits}});
        rule.column = std::make_shared<const WeightColumn>(model.tensors, std::move(rows));
    }
    StoredWeights stored = stored_weights(files, model, *rule.column, issues);
    PublishedWeights published;
    published.label = label_of(stored);
    published.method = model.published ? model.published->method : std::string();
    published.compute = rule.compute;
    published.mxfp4_experts = model.published && model.published->mxfp4_experts;
    published.rule = rule.column;
    return with_stored_weights(model, std::move(stored), std::move(published), std::move(issues));
}

} // namespace weighbridge
