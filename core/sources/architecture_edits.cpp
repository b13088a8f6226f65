#include "core/sources/config_reader.h"
#include "core/sources/family_choice.h"
#include "core/sources/hf_config.h"
#include "core/sources/json_text.h"
#include "core/sources/layer_lists.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;

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

/// The family that reads the config, with its row as a choice.
FamilyChoice family_of(const json& config, const ImportOptions& options)
{
    if (const Result<FamilyChoice> choice = choose_family(config, options))
        return *choice;
    const Family* chosen = readable_family(options.read_as);
    return {chosen == nullptr ? &assumed_llama_family : chosen, "", true};
}

/// The network before the edit, or nothing where the config can't be read.
std::optional<Architecture> network_of(const FamilyChoice& choice, const json& config)
{
    ReadLog log;
    Architecture network = read_network(choice, config, log);
    if (log.error)
        return std::nullopt;
    return network;
}

/// An object with a family's keys, and the entry of config_defaults.json behind it.
struct Keys
{
    json* object = nullptr;
    std::string_view defaults;
};

/// The object that a dotted key is in, and the key's last part.
std::pair<Keys, std::string_view> resolved(Keys keys, std::string_view key)
{
    for (std::size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.')) {
        json& inner = (*keys.object)[std::string(key.substr(0, dot))];
        if (!inner.is_object())
            inner = json::object();
        keys = {&inner, {}};
        key.remove_prefix(dot + 1);
    }
    return {keys, key};
}

/// What a key holds, class default included.
std::optional<std::int64_t> value_of(const json& keys, std::string_view defaults, std::string_view key)
{
    ReadLog log;
    const std::size_t dot = key.find('.');
    if (dot != std::string_view::npos) {
        const auto inner = keys.find(std::string(key.substr(0, dot)));
        return inner == keys.end() || !inner->is_object() ? std::nullopt : value_of(*inner, {}, key.substr(dot + 1));
    }
    return ConfigReader(&keys, defaults, log).optional_integer(key, {0, std::int64_t{1} << 40});
}

/// Writes under the spelling that the config uses; under all of them where it has several.
void write(const Keys& keys, std::string_view key, const json& value)
{
    const auto [place, name] = resolved(keys, key);
    bool written = false;
    for (const std::string& spelling : key_spellings(place.defaults, name)) {
        if (place.object->contains(spelling)) {
            (*place.object)[spelling] = value;
            written = true;
        }
    }
    if (!written)
        (*place.object)[std::string(name)] = value;
}

/// Empty where a family's layers have no key of their own for it.
std::string_view other_key(const FamilyKeys& keys, ArchitectureField field)
{
    switch (field) {
    case ArchitectureField::num_attention_heads:
        return keys.other_attention_heads;
    case ArchitectureField::num_kv_heads:
        return keys.other_kv_heads;
    case ArchitectureField::head_dim:
        return keys.other_head_dim;
    default:
        return {};
    }
}

/// Under the family's key, unless only that of its other layers holds what the form shows; under both if both do.
void write_field(const Keys& keys, const FamilyKeys& names, ArchitectureField field, std::optional<std::int64_t> shown,
                 std::int64_t value)
{
    const std::string_view usual = names.*field_table[static_cast<std::size_t>(field)].first;
    const std::string_view other = other_key(names, field);
    const bool in_other = !other.empty() && shown && value_of(*keys.object, keys.defaults, other) == shown;
    const bool in_usual = value_of(*keys.object, keys.defaults, usual) == shown;
    if (in_usual || !in_other)
        write(keys, usual, value);
    if (in_other)
        write(keys, other, value);
}

/// An edit that changes nothing was made in a key that something else overrules (multi_query of Falcon).
Outcome check_effect(const FamilyChoice& choice, const json& config, ArchitectureField field, std::int64_t value)
{
    const auto after = network_of(choice, config);
    if (!after)
        return {}; // the import says what is wrong
    const auto shown = architecture_field(*after, field);
    if (!shown || *shown == value)
        return {};
    const std::string label(field_table[static_cast<std::size_t>(field)].second);
    return Error{"model_type", "Other keys of this " + choice.family_name() + " config decide the " + label +
                                   ": it stays " + grouped(*shown)};
}

Result<json> changed_tying(const FamilyChoice& choice, json config, std::int64_t value)
{
    const Family& family = *choice.family;
    const std::string_view key = family.keys.tie_word_embeddings;
    if (value != 0 && value != 1)
        return Error{std::string(key), std::string(key) + " is " + grouped(value) + "; it must be 0 or 1"};
    const bool composite = !choice.root.empty();
    const std::string_view file_defaults = family.nested.empty() ? family.defaults : family.model_type;
    write({&config, composite ? std::string_view(choice.model_type) : file_defaults}, key,
          value == 1); // outside, where it decides
    return config;
}

Result<json> changed(json config, ArchitectureField field, std::int64_t value, const ImportOptions& options)
{
    if (!config.is_object())
        return Error{"config.json", "config.json is " + brief(config) + "; it must be an object"};
    const FamilyChoice choice = family_of(config, options);
    const Family& family = *choice.family;
    const auto& [member, label] = field_table[static_cast<std::size_t>(field)];
    if ((family.keys.*member).empty())
        return Error{"model_type", "A " + choice.family_name() + " model has no field for the " + std::string(label)};
    if (field == ArchitectureField::tie_word_embeddings)
        return changed_tying(choice, std::move(config), value);

    const auto before = network_of(choice, config);
    const std::string nested = nested_key(choice, config);
    json* place = &config;
    for (std::string_view path = nested; !path.empty() && place->is_object();) {
        const std::size_t dot = std::min(path.find('.'), path.size());
        place = &(*place)[std::string(path.substr(0, dot))];
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    json& object = *place;
    if (object.is_null())
        object = json::object();
    if (!object.is_object())
        return Error{nested, nested + " is " + brief(object) + "; it must be an object"};
    const Keys keys{&object, family.defaults};
    if (before && field == ArchitectureField::num_layers && value >= 1 && value <= ranges::layers.maximum)
        fit_layer_lists(object, {before->layers(), before->mtp_layers()}, value);
    write_field(keys, family.keys, field, before ? architecture_field(*before, field) : std::nullopt, value);
    if (Outcome problem = check_effect(choice, config, field, value))
        return *problem;
    return config;
}

} // namespace

bool has_architecture_key(const nlohmann::json& config, ArchitectureField field, const ImportOptions& options)
{
    if (!config.is_object())
        return false;
    const FamilyChoice choice = family_of(config, options);
    return !(choice.family->keys.*field_table[static_cast<std::size_t>(field)].first).empty();
}

Result<nlohmann::json> with_architecture_field(const nlohmann::json& config, ArchitectureField field,
                                               std::int64_t value, const ImportOptions& options)
{
    try {
        return changed(config, field, value, options);
    } catch (const std::exception&) { // out of memory is all that is left
        return Error{"config.json", "config.json can't be changed: it needs too much memory"};
    }
}

} // namespace weighbridge
