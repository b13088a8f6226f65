#include "core/sources/family_choice.h"

#include "core/quantity/nearest.h"
#include "core/sources/families/parts.h"
#include "core/sources/json_text.h"
#include "core/sources/model_class.h"
#include "core/sources/resemblance.h"
#include "core/sources/rope.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;

constexpr std::string_view text_config = "text_config";
/// Where composites hold their language model, and wrappers a composite: the usual one first.
constexpr std::array<std::string_view, 6> inner_configs = {text_config,      "llm_config", "language_config",
                                                           "thinker_config", "vlm_config", "language_model_config"};

/// All but the form's own.
std::vector<std::string_view> published_families()
{
    std::vector<std::string_view> names = known_families();
    std::erase(names, generic_family);
    return names;
}

/// Where the names are that would fill a page.
std::string known_families_text()
{
    return "\"weighbridge list families\" names the " + std::to_string(published_families().size());
}

std::string model_type_of(const json& config)
{
    const auto found = config.find("model_type");
    return found != config.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string joined(std::string_view path, std::string_view key)
{
    if (path.empty() || key.empty())
        return std::string(path) + std::string(key);
    return std::string(path) + '.' + std::string(key);
}

struct InnerNetwork
{
    const Family* family = nullptr;
    std::string root; ///< dotted key of the object that the family reads
};

/// The row of a file's model_type, or of the language model inside.
std::optional<InnerNetwork> network_in(const json& config, std::string_view model_type, int depth)
{
    if (const Family* family = find_family(model_type))
        return InnerNetwork{family, ""};
    if (depth == 0)
        return std::nullopt;
    for (const std::string_view key : inner_configs) {
        const auto inner = config.find(std::string(key));
        if (inner == config.end() || !inner->is_object())
            continue;
        const std::string own = model_type_of(*inner);
        if (auto found = network_in(*inner, own.empty() ? inner_type(model_type, key) : own, depth - 1))
            return InnerNetwork{found->family, joined(key, found->root)};
    }
    return std::nullopt;
}

/// Whether the keys are there without which no network can be made of a file.
bool has_generic_sizes(const json& config)
{
    const auto inner = config.find(std::string(text_config));
    const json& keys = !config.contains("hidden_size") && inner != config.end() && inner->is_object() ? *inner : config;
    ReadLog log;
    const ConfigReader reader(&keys, llama_like, log);
    return reader.has("hidden_size") && reader.has("num_hidden_layers") && reader.has("vocab_size") &&
           reader.has("num_attention_heads");
}

Error unknown_family(const json& config, const json* model_type)
{
    std::string message = "model_type is missing, so nothing says which network this is";
    if (model_type != nullptr && !model_type->is_null())
        message = "model_type is " + brief(*model_type) + ", which is not known";
    if (model_type != nullptr && model_type->is_string()) {
        const std::string_view near = nearest_name(model_type->get_ref<const std::string&>(), known_families());
        message += near.empty() ? "" : " (nearest: " + std::string(near) + ")";
    }
    message += ". ";
    std::string names;
    for (const Resemblance& resemblance : resembled_families(config)) {
        message += sentence(resemblance) + " ";
        names += std::string(resemblance.family) + ", ";
    }
    return {"model_type",
            message + known_families_text() +
                " that are known. It can be read as one of them, or as a Llama-like decoder, if you choose so "
                "(read_as: " +
                names + std::string(llama_like) + ")."};
}

Error unknown_choice(const std::string& name)
{
    std::vector<std::string_view> names = published_families();
    names.push_back(llama_like);
    return {"read_as", "read_as is " + weighbridge::in_quotes(name) + ", which is no family" +
                           nearest_clause(name, names) + ". It must be " + std::string(llama_like) +
                           " or a known model_type: " + known_families_text()};
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

/// A key that holds a whole number of a tower's size, under the first of two names that is there.
std::int64_t size_in(const json& object, const char* name, const char* other)
{
    for (const char* key : {name, other}) {
        const auto found = object.find(key);
        if (found == object.end() || !found->is_number_integer())
            continue;
        const auto value = found->get<std::int64_t>();
        return value > 0 && value <= ranges::vision_size.maximum ? value : 0;
    }
    return 0;
}

/// MoonViT's keys begin with "vt_".
std::optional<VisionShape> vision_shape(const json& config)
{
    const auto vision = config.find("vision_config");
    if (vision == config.end() || !vision->is_object())
        return std::nullopt;
    return VisionShape{size_in(*vision, "num_hidden_layers", "vt_num_hidden_layers"),
                       size_in(*vision, "hidden_size", "vt_hidden_size")};
}

} // namespace

std::string FamilyChoice::family_name() const
{
    return family == &assumed_llama_family ? "Llama-like" : std::string(family->model_type);
}

const Family* readable_family(std::string_view name)
{
    if (name == llama_like)
        return &assumed_llama_family;
    return name == generic_family ? nullptr : find_family(name);
}

const json* object_at(const json& config, std::string_view path)
{
    const json* object = &config;
    while (!path.empty()) {
        const std::size_t dot = std::min(path.find('.'), path.size());
        const auto found = object->find(std::string(path.substr(0, dot)));
        if (found == object->end() || !found->is_object())
            return nullptr;
        object = &*found;
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return object;
}

Result<FamilyChoice> choose_family(const json& config, const ImportOptions& options)
{
    const auto found = config.find("model_type");
    const json* model_type = found == config.end() ? nullptr : &*found;
    const std::string name = model_type_of(config);
    constexpr int deepest = 3; // Qwen3-Omni: thinker_config.text_config
    const std::string quoted = brief(name);
    const std::string shown = quoted.substr(1, quoted.size() - 2);
    if (!options.read_as.empty() && find_family(name) == nullptr) {
        const Family* family = readable_family(options.read_as);
        return family == nullptr ? Result<FamilyChoice>(unknown_choice(options.read_as))
                                 : FamilyChoice{family, shown, true};
    }
    if (auto network = network_in(config, name, deepest))
        return FamilyChoice{network->family, name, false, std::move(network->root)};
    const bool nameable = model_type == nullptr || model_type->is_null() || model_type->is_string();
    const std::vector<Resemblance> alike =
        nameable && options.read_as.empty() ? resembled_families(config) : std::vector<Resemblance>{};
    if (!nameable || (alike.empty() && !has_generic_sizes(config)))
        return unknown_family(config, model_type);
    const Family* family = alike.empty() ? nullptr : find_family(alike.front().family);
    return FamilyChoice{family == nullptr ? &assumed_llama_family : family, shown, true};
}

std::string nested_key(const FamilyChoice& choice, const json& config)
{
    const json* file = object_at(config, choice.root);
    if (file == nullptr)
        return choice.root;
    const std::string_view nested = choice.assumed ? text_config : choice.family->nested;
    const auto text = nested.empty() ? file->end() : file->find(std::string(nested));
    const bool sizes_outside = file->contains("hidden_size");
    const bool inside = choice.assumed
                            ? !sizes_outside && text != file->end() && text->is_object()
                            : !nested.empty() && (!sizes_outside || (text != file->end() && !text->is_null()));
    return inside ? joined(choice.root, nested) : choice.root;
}

Architecture read_network(const FamilyChoice& choice, const json& config, ReadLog& log, const json** network_keys)
{
    const Family& family = *choice.family;
    const std::string path = nested_key(choice, config);
    const bool whole = choice.root.empty();
    const bool of_whole_file = path != choice.root && !family.nested.empty();
    const std::string_view file_defaults = of_whole_file ? family.model_type : family.defaults;
    ConfigReader file = whole ? ConfigReader(&config, file_defaults, log)
                              : ConfigReader(object_at(config, choice.root), file_defaults, log, choice.root);
    const std::size_t inner = choice.root.empty() ? 0 : choice.root.size() + 1;
    ConfigReader keys = path == choice.root ? file : file.nested(path.substr(inner), family.defaults);
    log.asked.insert(path.substr(0, path.find('.')));
    ConfigReader outer = whole ? file : ConfigReader(&config, choice.model_type, log);
    Architecture network;
    network.family = family.model_type; // what its reader goes by
    network.hidden_size = keys.integer(family.keys.hidden_size, ranges::size);
    network.vocab_size = keys.integer(family.keys.vocab_size, ranges::vocabulary);
    network.tie_word_embeddings = read_tying(keys, whole ? file : outer, family.keys.tie_word_embeddings);
    network.max_position_embeddings = keys.optional_integer("max_position_embeddings", ranges::tokens).value_or(0);
    network.draft_vocab_size = keys.optional_integer("draft_vocab_size", ranges::vocabulary).value_or(0);
    network.torch_dtype = read_data_type(keys, outer);
    network.vision = vision_shape(config);
    if (keys.object() != nullptr)
        read_rope(network, *keys.object());
    family.read(keys, file, network);
    if (whole && has_parts(choice.model_type))
        read_parts({&config, "", text_config}, keys, log, network);
    for (std::string part = choice.root; !part.empty();) {
        const std::size_t dot = part.rfind('.');
        const std::string around = dot == std::string::npos ? "" : part.substr(0, dot);
        read_parts({object_at(config, around), around, std::string_view(part).substr(around.empty() ? 0 : dot + 1)},
                   keys, log, network);
        part = around;
    }
    if (!family.own_heads)
        read_head(config, network);
    network.family = choice.model_type;
    if (network_keys != nullptr)
        *network_keys = keys.object();
    return network;
}

} // namespace weighbridge
