#include "core/sources/config_reader.h"
#include "core/sources/families/family.h"
#include "core/sources/hf_config.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

using nlohmann::json;

template<class Part, class Member>
const Part* first_part(const Architecture& architecture, Member member)
{
    for (const Layer& layer : architecture.kinds)
        if (const auto* part = first_of<Part>(layer.*member))
            return part;
    return nullptr;
}

/// The attention with the most key and value elements.
const Attention* widest_attention(const Architecture& architecture)
{
    const Attention* widest = nullptr;
    for (const Layer& layer : architecture.kinds) {
        const auto* attention = first_of<Attention>(layer.mixers);
        if (attention != nullptr &&
            (widest == nullptr || attention->kv_heads * attention->head_dim > widest->kv_heads * widest->head_dim))
            widest = attention;
    }
    return widest;
}

/// Of networks that cache something else than keys and values.
std::optional<std::int64_t> first_heads(const Architecture& architecture)
{
    for (const Layer& layer : architecture.kinds)
        for (const Mixer& mixer : layer.mixers)
            if (const auto shared = attention_heads(mixer))
                return shared->heads;
    return std::nullopt;
}

std::optional<std::int64_t> attention_field(const Architecture& architecture, ArchitectureField field)
{
    const Attention* attention = widest_attention(architecture);
    if (attention == nullptr && field == ArchitectureField::num_attention_heads)
        return first_heads(architecture);
    if (attention == nullptr)
        return std::nullopt;
    switch (field) {
    case ArchitectureField::num_attention_heads:
        return attention->heads;
    case ArchitectureField::num_kv_heads:
        return attention->kv_heads;
    default:
        return attention->head_dim;
    }
}

/// The form's own decoder shows its expert fields even when it is dense: there they are how one makes it sparse.
std::optional<std::int64_t> dense_form_field(const Architecture& architecture, ArchitectureField field)
{
    if (architecture.family != generic_family)
        return std::nullopt;
    switch (field) {
    case ArchitectureField::num_shared_experts:
        return 0;
    case ArchitectureField::expert_ffn_size:
        return architecture_field(architecture, ArchitectureField::intermediate_size);
    default:
        return 1;
    }
}

std::optional<std::int64_t> expert_field(const Architecture& architecture, ArchitectureField field)
{
    const auto* experts = first_part<MixtureOfExperts>(architecture, &Layer::feed_forwards);
    if (experts == nullptr)
        return dense_form_field(architecture, field);
    switch (field) {
    case ArchitectureField::num_routed_experts:
        return experts->routed_experts;
    case ArchitectureField::num_shared_experts:
        return experts->shared_experts;
    case ArchitectureField::expert_ffn_size:
        return experts->expert_intermediate_size;
    default:
        return experts->experts_per_token;
    }
}

constexpr std::array<std::pair<std::string_view FamilyKeys::*, std::string_view>, 12> field_table = {{
    {&FamilyKeys::hidden_size, "hidden size"},
    {&FamilyKeys::intermediate_size, "intermediate size of dense layers"},
    {&FamilyKeys::num_layers, "number of layers"},
    {&FamilyKeys::num_attention_heads, "number of attention heads"},
    {&FamilyKeys::num_kv_heads, "number of KV heads"},
    {&FamilyKeys::head_dim, "head dimension"},
    {&FamilyKeys::vocab_size, "vocabulary size"},
    {&FamilyKeys::tie_word_embeddings, "tied word embeddings"},
    {&FamilyKeys::num_routed_experts, "number of routed experts"},
    {&FamilyKeys::num_shared_experts, "number of shared experts"},
    {&FamilyKeys::expert_ffn_size, "expert size"},
    {&FamilyKeys::experts_per_token, "experts per token"},
}};

/// Lists of layer indices, told from lists with one entry per layer by name.
bool lists_indices(std::string_view key)
{
    static constexpr std::array<std::string_view, 2> names = {"moe_layers", "mlp_only_layers"};
    return std::find(names.begin(), names.end(), key) != names.end();
}

/// Indices beyond the end go; a list that went on evenly to the end goes on.
void fit_indices(json& list, std::int64_t layers)
{
    json fitted = json::array();
    for (const json& index : list)
        if (!index.is_number_integer() || index < layers)
            fitted.push_back(index);
    const std::size_t count = list.size();
    if (fitted.size() == count && count >= 2 && list[count - 1].is_number_integer() &&
        list[count - 2].is_number_integer()) {
        const auto last = list[count - 1].get<std::int64_t>();
        const auto step = last - list[count - 2].get<std::int64_t>();
        for (std::int64_t next = last + step; step > 0 && step < ranges::layers.maximum && next < layers; next += step)
            fitted.push_back(next);
    }
    list = std::move(fitted);
}

/// The length of the shortest pattern that makes up the list, its last copy possibly cut (the failure function of
/// Knuth, Morris, Pratt).
std::size_t shortest_period(const json& list)
{
    std::vector<std::size_t> border(list.size(), 0);
    for (std::size_t i = 1; i < list.size(); ++i) {
        std::size_t length = border[i - 1];
        while (length > 0 && list[i] != list[length])
            length = border[length - 1];
        border[i] = list[i] == list[length] ? length + 1 : 0;
    }
    return list.size() - border.back();
}

/// Cuts the list, or goes on with its pattern.
void fit_pattern(json& list, std::size_t layers)
{
    const std::size_t period = shortest_period(list);
    json fitted = json::array();
    for (std::size_t i = 0; i < layers; ++i)
        fitted.push_back(i < list.size() ? list[i] : list[i % period]);
    list = std::move(fitted);
}

void fit_lists(json& keys, std::int64_t old_layers, std::int64_t layers)
{
    for (auto& [key, value] : keys.items()) {
        if (!value.is_array() || value.empty())
            continue;
        if (lists_indices(key))
            fit_indices(value, layers);
        else if (value.size() == static_cast<std::size_t>(old_layers))
            fit_pattern(value, static_cast<std::size_t>(layers));
    }
}

/// What num_hidden_layers is before the edit, or nothing where the config can't say.
std::optional<std::int64_t> layers_of(const json& keys, const Family& family)
{
    ReadLog log;
    ConfigReader reader(&keys, family.defaults, log);
    const std::int64_t layers = reader.integer(family.keys.num_layers, ranges::layers);
    if (log.error)
        return std::nullopt;
    return layers;
}

/// Writes under the spelling that the config uses; under all of them where it has several.
void write(json& keys, const Family& family, std::string_view defaults, std::string_view key, const json& value)
{
    bool written = false;
    for (const std::string& name : key_spellings(defaults.empty() ? family.defaults : defaults, key)) {
        if (keys.contains(name)) {
            keys[name] = value;
            written = true;
        }
    }
    if (!written)
        keys[std::string(key)] = value;
}

Result<json> changed(json config, ArchitectureField field, std::int64_t value)
{
    if (!config.is_object())
        return Error{"config.json", "config.json is " + brief(config) + "; it must be an object"};
    const auto model_type = config.find("model_type");
    const Family* family =
        model_type != config.end() && model_type->is_string() ? find_family(model_type->get<std::string>()) : nullptr;
    const bool known = family != nullptr;
    family = known ? family : &assumed_llama_family;

    const auto& [member, label] = field_table[static_cast<std::size_t>(field)];
    const std::string_view key = family->keys.*member;
    if (key.empty())
        return Error{"model_type", "A " + (known ? std::string(family->model_type) : "Llama-like") +
                                       " model has no field for the " + std::string(label)};
    if (field == ArchitectureField::tie_word_embeddings) {
        if (value != 0 && value != 1)
            return Error{std::string(key), std::string(key) + " is " + grouped(value) + "; it must be 0 or 1"};
        write(config, *family, family->nested.empty() ? "" : family->model_type, key,
              value == 1); // outside, where it decides
        return config;
    }

    std::string nested(family->nested);
    if (!known && !config.contains("hidden_size") && config.contains("text_config"))
        nested = "text_config";
    json& keys = nested.empty() ? config : config[nested];
    if (keys.is_null())
        keys = json::object();
    if (!keys.is_object())
        return Error{nested, nested + " is " + brief(keys) + "; it must be an object"};
    if (field == ArchitectureField::num_layers && value >= 1 && value <= ranges::layers.maximum)
        if (const auto old_layers = layers_of(keys, *family))
            fit_lists(keys, *old_layers, value);
    write(keys, *family, "", key, value);
    return config;
}

} // namespace

std::optional<std::int64_t> architecture_field(const Architecture& architecture, ArchitectureField field)
{
    switch (field) {
    case ArchitectureField::hidden_size:
        return architecture.hidden_size;
    case ArchitectureField::vocab_size:
        return architecture.vocab_size;
    case ArchitectureField::num_layers:
        return architecture.layers();
    case ArchitectureField::tie_word_embeddings:
        return architecture.tie_word_embeddings ? 1 : 0;
    case ArchitectureField::intermediate_size: {
        const auto* dense = first_part<DenseFeedForward>(architecture, &Layer::feed_forwards);
        return dense == nullptr ? std::nullopt : std::optional(dense->intermediate_size);
    }
    case ArchitectureField::num_attention_heads:
    case ArchitectureField::num_kv_heads:
    case ArchitectureField::head_dim:
        return attention_field(architecture, field);
    case ArchitectureField::num_routed_experts:
    case ArchitectureField::num_shared_experts:
    case ArchitectureField::expert_ffn_size:
    case ArchitectureField::experts_per_token:
        return expert_field(architecture, field);
    }
    return std::nullopt;
}

Result<nlohmann::json> with_architecture_field(const nlohmann::json& config, ArchitectureField field,
                                               std::int64_t value)
{
    try {
        return changed(config, field, value);
    } catch (const std::exception&) { // out of memory is all that is left
        return Error{"config.json", "config.json can't be changed: it needs too much memory"};
    }
}

} // namespace weighbridge
