#include "core/sources/hf_config.h"

#include "core/quantity/nearest.h"
#include "core/sources/config_reader.h"
#include "core/sources/families/family.h"
#include "core/sources/import_notes.h"
#include "core/sources/json_text.h"
#include "core/sources/quantization_config.h"
#include "core/sources/rope.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;

std::string known_families_text()
{
    std::string list;
    for (const std::string_view name : known_families())
        list += (list.empty() ? "" : ", ") + std::string(name);
    return list;
}

/// The row for a config, and whether that row is a guess that a person allowed.
struct Choice
{
    const Family* family = nullptr;
    std::string model_type;
    bool assumed = false;
};

Architecture read_network(const Choice& choice, ConfigReader& keys, ConfigReader& outer);
std::string_view nested_key(const Choice& choice, const json& config);

std::string listed(const std::vector<std::string>& keys)
{
    constexpr std::size_t most = 8;
    std::string list;
    for (std::size_t i = 0; i < std::min(most, keys.size()); ++i)
        list += (list.empty() ? "" : ", ") + keys[i];
    return keys.size() > most ? list + " and " + std::to_string(keys.size() - most) + " more" : list;
}

/// What a config would be as a model of a known family: which of its keys that family understands.
std::string resemblance(const json& config, std::string_view family)
{
    const Choice choice{find_family(family), std::string(family), false};
    ReadLog log;
    const std::string_view nested = nested_key(choice, config);
    ConfigReader outer(&config, nested.empty() ? choice.family->defaults : family, log);
    ConfigReader inner = nested.empty() ? outer : outer.nested(nested, choice.family->defaults);
    read_network(choice, inner, outer);
    const json& keys = inner.object() != nullptr ? *inner.object() : config;
    std::vector<std::string> understood;
    for (const auto& [key, value] : keys.items())
        if (log.asked.contains(key) && key != "model_type")
            understood.push_back(key);
    std::vector<Issue> unread;
    warn_unread_keys(keys, log, family, unread);
    std::vector<std::string> unknown;
    unknown.reserve(unread.size());
    for (const Issue& issue : unread)
        unknown.push_back(issue.field);
    std::string text = " As a " + std::string(family) + " model ";
    text += understood.empty() ? "no key is understood" : "it is understood in " + listed(understood);
    text += unknown.empty() ? "" : ", not in " + listed(unknown);
    return text + (log.error ? "; " + log.error->message : "") + ". Change model_type to " + std::string(family) +
           " to read it so.";
}

Error unknown_family(const json& config, const json* model_type)
{
    const std::string offer = " It can be read as a Llama-like decoder if you choose so.";
    if (model_type == nullptr || model_type->is_null())
        return {"model_type", "model_type is missing, so nothing says which network this is; known are " +
                                  known_families_text() + "." + offer};
    std::string message = "model_type is " + brief(*model_type) + ", which is not known";
    std::string similar;
    if (model_type->is_string()) {
        const std::string_view near = nearest_name(model_type->get_ref<const std::string&>(), known_families());
        message += near.empty() ? "" : " (nearest: " + std::string(near) + ")";
        if (!near.empty() && near != generic_family)
            similar = resemblance(config, near);
    }
    return {"model_type", message + "." + similar + " Known are " + known_families_text() + "." + offer};
}

Result<Choice> choose_family(const json& config, const ImportOptions& options)
{
    const auto found = config.find("model_type");
    const json* model_type = found == config.end() ? nullptr : &*found;
    const std::string name = model_type != nullptr && model_type->is_string() ? model_type->get<std::string>() : "";
    if (const Family* family = find_family(name))
        return Choice{family, name, false};
    if (!options.read_unknown_as_llama)
        return unknown_family(config, model_type);
    const std::string quoted = brief(name);
    return Choice{&assumed_llama_family, quoted.substr(1, quoted.size() - 2), true};
}

/// An unknown composite model keeps its decoder in text_config, as the known ones do. Older files of known ones
/// (Qwen2-VL) have its keys outside.
std::string_view nested_key(const Choice& choice, const json& config)
{
    const std::string_view nested = choice.assumed ? "text_config" : choice.family->nested;
    const auto text = nested.empty() ? config.end() : config.find(std::string(nested));
    const bool outside = config.contains("hidden_size") && (text == config.end() || text->is_null());
    if (choice.assumed)
        return !config.contains("hidden_size") && text != config.end() && text->is_object() ? nested : "";
    return outside ? "" : nested;
}

/// The flag of a composite file stands outside; its inner one counts only where the outer is missing (facts of
/// transformers: the model ties what its own config says, and a text_config is written with its own class default).
bool read_tying(ConfigReader& config, ConfigReader& outer, std::string_view key)
{
    const bool inner = config.flag(key);
    return outer.has(key) || !config.has(key) ? outer.flag(key) : inner;
}

std::string read_data_type(ConfigReader& config, ConfigReader& outer)
{
    for (ConfigReader* reader : {&config, &outer})
        for (const std::string_view key : {"dtype", "torch_dtype"}) // the first since transformers 5
            if (auto name = reader->text(key))
                return std::move(*name);
    return {};
}

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

std::vector<Issue> collect_issues(const Choice& choice, const json& config, const ConfigReader& network_keys,
                                  const ReadLog& log)
{
    std::vector<Issue> issues = log.issues;
    if (choice.assumed)
        issues.insert(issues.begin(),
                      {"model_type", Severity::warning,
                       (choice.model_type.empty() ? "The model_type is missing"
                                                  : "model_type " + choice.model_type + " is not known") +
                           ": read as a Llama-like decoder because you chose so. Weights and cache may be wrong."});
    const std::string family = choice.assumed ? "Llama-like" : std::string(choice.family->model_type);
    if (choice.family != &form_family) {
        warn_unread_keys(config, log, family, issues);
        const json* inner = network_keys.object();
        if (inner != nullptr && inner != &config)
            warn_unread_keys(*inner, log, family, issues);
    }
    note_defaults(log, issues);
    return issues;
}

Architecture read_network(const Choice& choice, ConfigReader& keys, ConfigReader& outer)
{
    const Family& family = *choice.family;
    Architecture network;
    network.family = choice.model_type;
    network.hidden_size = keys.integer(family.keys.hidden_size, ranges::size);
    network.vocab_size = keys.integer(family.keys.vocab_size, ranges::vocabulary);
    network.tie_word_embeddings = read_tying(keys, outer, family.keys.tie_word_embeddings);
    network.max_position_embeddings = keys.optional_integer("max_position_embeddings", ranges::tokens).value_or(0);
    network.torch_dtype = read_data_type(keys, outer);
    if (keys.object() != nullptr)
        read_rope(network, *keys.object());
    family.read(keys, outer, network);
    return network;
}

Result<ModelPointer> import_checked(const json& config, std::string name, const ImportOptions& options)
{
    if (!config.is_object())
        return Error{"config.json", "config.json is " + brief(config) + "; it must be an object"};
    const Result<Choice> choice = choose_family(config, options);
    if (!choice)
        return choice.error();
    if (choice->family == &form_family)
        if (Outcome problem = check_form_keys(config))
            return *problem;

    ReadLog log;
    const std::string_view nested = nested_key(*choice, config);
    ConfigReader outer(&config,
                       choice->assumed || nested.empty() ? choice->family->defaults : choice->family->model_type, log);
    ConfigReader inner = nested.empty() ? outer : outer.nested(nested, choice->family->defaults);
    Architecture network = read_network(*choice, inner, outer);
    if (log.error)
        return *log.error;
    if (Outcome problem = check_totals(network))
        return *problem;
    std::vector<Issue> issues = collect_issues(*choice, config, inner, log);
    const ModelPointer made = make_model(std::move(name), std::move(network), std::move(issues));
    const json* quantization = find_quantization_config(config, inner.object());
    if (quantization == nullptr || choice->family == &form_family)
        return made;
    auto model = std::make_shared<Model>(*made);
    model->published = read_published_weights(quantization, *made, model->issues);
    return ModelPointer(std::move(model));
}

} // namespace

Result<ModelPointer> import_config(const nlohmann::json& config, std::string name, const ImportOptions& options)
{
    try {
        return import_checked(config, std::move(name), options);
    } catch (const std::exception&) { // out of memory is all that is left
        return Error{"config.json", "config.json can't be read: it needs too much memory"};
    }
}

Result<ModelPointer> import_config_text(std::string_view text, std::string name, const ImportOptions& options)
{
    const Result<json> config = parse_json(text, "config.json");
    if (!config)
        return config.error();
    return import_config(*config, std::move(name), options);
}

std::vector<std::string_view> known_families()
{
    std::vector<std::string_view> names;
    for (const Family* family : families())
        names.push_back(family->model_type);
    return names;
}

} // namespace weighbridge
