#include "core/sources/hf_config.h"

#include "core/quantity/nearest.h"
#include "core/quantity/printable.h"
#include "core/sources/config_reader.h"
#include "core/sources/derived_network.h"
#include "core/sources/family_choice.h"
#include "core/sources/import_notes.h"
#include "core/sources/json_text.h"
#include "core/sources/quantization_config.h"
#include "core/sources/resemblance.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;

double elements_of(const Tensor& tensor)
{
    return static_cast<double>(tensor.rows.value) * static_cast<double>(tensor.columns.value) *
           static_cast<double>(tensor.copies.value) * static_cast<double>(tensor.layers);
}

/// Elements and cache entries beyond this are no network's, and would overflow what later multiplies them.
Outcome check_totals(const Architecture& network)
{
    constexpr double most = 1e15;
    double parameters = 0;
    for (const Tensor& tensor : weight_inventory(network))
        parameters += elements_of(tensor);
    for (const PredictionLayers& layers : network.mtp)
        for (const Tensor& tensor : layer_inventory(network, layers.layer))
            parameters += elements_of(tensor) * static_cast<double>(layers.count);
    if (parameters > most)
        return Error{"hidden_size",
                     "hidden_size is " + grouped(network.hidden_size) + " in " + grouped(network.layers()) +
                         " layers; with the other sizes that makes more than 10^15 parameters, more than are computed"};
    for (const CacheRun& run : cache_layout(network)) {
        const double entries = static_cast<double>(run.layers) * static_cast<double>(run.entry_elements()) *
                               static_cast<double>(run.window);
        if (entries > most)
            return Error{"sliding_window",
                         "sliding_window is " + grouped(run.window) +
                             "; the windows then hold more than 10^15 elements, more than are computed"};
    }
    return {};
}

/// The form's own fields are a closed set, so a misspelt one can be named.
Outcome check_form_keys(const json& config)
{
    static constexpr std::array<std::string_view, 15> known = {
        "hidden_size",     "intermediate_size", "num_layers",          "num_attention_heads",     "num_kv_heads",
        "head_dim",        "vocab_size",        "tie_word_embeddings", "num_routed_experts",      "num_shared_experts",
        "expert_ffn_size", "experts_per_token", "model_type",          "max_position_embeddings", "torch_dtype"};
    for (const auto& [key, value] : config.items()) {
        if (key.starts_with('_') || std::find(known.begin(), known.end(), key) != known.end())
            continue;
        const std::string quoted = brief(key);
        const std::string_view near = nearest_name(key, known);
        return Error{quoted.substr(1, quoted.size() - 2),
                     quoted + " is no field of the architecture" +
                         (near.empty() ? "" : "; did you mean " + std::string(near) + "?")};
    }
    return {};
}

/// What was chosen for an unknown model_type, with the keys that the chosen family does not understand.
Issue note_choice(const FamilyChoice& choice, bool asked_for, const json& config, const json* inner, const ReadLog& log)
{
    std::vector<std::string> unknown = keys_not_understood(config, log);
    if (inner != nullptr && inner != &config)
        for (std::string& key : keys_not_understood(*inner, log))
            unknown.push_back(std::move(key));
    std::string message =
        choice.model_type.empty() ? "The model_type is missing" : "model_type " + choice.model_type + " is not known";
    message += ": read as a " + choice.family_name() +
               (choice.family == &assumed_llama_family ? " decoder" : " model") +
               (asked_for ? " because you chose so. " : ", which it resembles most. ");
    message += unknown.empty() ? "" : "Not understood: " + listed_keys(unknown) + ". ";
    return {"model_type", Severity::warning, message + "Weights and cache may be wrong."};
}

std::vector<Issue> collect_issues(const FamilyChoice& choice, bool asked_for, const json& config, const json* inner,
                                  const ReadLog& log)
{
    std::vector<Issue> issues = log.issues;
    if (choice.assumed)
        issues.insert(issues.begin(), note_choice(choice, asked_for, config, inner, log));
    if (choice.family != &form_family) {
        warn_unread_keys(config, log, choice.family_name(), issues);
        if (inner != nullptr && inner != &config)
            warn_unread_keys(*inner, log, choice.family_name(), issues);
    }
    note_defaults(log, issues);
    return issues;
}

/// A choice that nobody needs any more is said, not obeyed: the family of the model's own is the better one.
void note_needless_choice(const FamilyChoice& choice, const ImportOptions& options, std::vector<Issue>& issues)
{
    if (choice.assumed || options.read_as.empty() || choice.family == &form_family)
        return;
    issues.push_back({"read_as", Severity::note,
                      "model_type " + choice.model_type + " is known, so the choice to read it as " +
                          weighbridge::in_quotes(options.read_as) + " is not used."});
}

Result<ModelPointer> import_checked(const json& config, const std::string& name, const ImportOptions& options)
{
    if (!config.is_object())
        return Error{"config.json", "config.json is " + brief(config) + "; it must be an object"};
    const Result<FamilyChoice> choice = choose_family(config, options);
    if (!choice)
        return choice.error();
    if (choice->family == &form_family)
        if (Outcome problem = check_form_keys(config))
            return *problem;

    ReadLog log;
    const json* inner = nullptr;
    Architecture network = read_network(*choice, config, log, &inner);
    if (log.error)
        return *log.error;
    if (Outcome problem = check_totals(network))
        return *problem;
    std::vector<Issue> issues = collect_issues(*choice, !options.read_as.empty(), config, inner, log);
    note_needless_choice(*choice, options, issues);
    const ModelPointer made = make_model(printable(name), std::move(network), std::move(issues));
    const json* quantization = choice->family == &form_family ? nullptr : find_quantization_config(config, inner);
    const bool assumed = choice->assumed || choice->family->model_type == derived_family;
    if (quantization == nullptr && !assumed)
        return made;
    auto model = std::make_shared<Model>(*made);
    model->family_assumed = assumed;
    if (quantization != nullptr)
        model->published = read_published_weights(quantization, expert_dtype_of(inner), *made, model->issues);
    return ModelPointer(std::move(model));
}

} // namespace

Result<ModelPointer> import_config(const nlohmann::json& config, const std::string& name, const ImportOptions& options)
{
    try {
        return import_checked(config, name, options);
    } catch (const std::exception&) { // out of memory is all that is left
        return Error{"config.json", "config.json can't be read: it needs too much memory"};
    }
}

Result<ModelPointer> import_config_text(std::string_view text, const std::string& name, const ImportOptions& options)
{
    const Result<json> config = parse_json(text, "config.json");
    if (!config)
        return config.error();
    return import_config(*config, name, options);
}

bool is_readable_as(std::string_view name)
{
    return readable_family(name) != nullptr;
}

std::vector<std::string_view> known_families()
{
    std::vector<std::string_view> names;
    for (const Family* family : families())
        names.push_back(family->model_type);
    return names;
}

} // namespace weighbridge
