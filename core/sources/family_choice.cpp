#include "core/sources/family_choice.h"

#include "core/quantity/nearest.h"
#include "core/sources/json_text.h"
#include "core/sources/resemblance.h"
#include "core/sources/rope.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;

constexpr std::string_view inner_config = "text_config";

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

Result<FamilyChoice> choose_family(const json& config, const ImportOptions& options)
{
    const auto found = config.find("model_type");
    const json* model_type = found == config.end() ? nullptr : &*found;
    const std::string name = model_type != nullptr && model_type->is_string() ? model_type->get<std::string>() : "";
    if (const Family* family = find_family(name))
        return FamilyChoice{family, name, false};
    if (options.read_as.empty())
        return unknown_family(config, model_type);
    const Family* family = readable_family(options.read_as);
    if (family == nullptr)
        return unknown_choice(options.read_as);
    const std::string shown = brief(name);
    return FamilyChoice{family, shown.substr(1, shown.size() - 2), true};
}

std::string_view nested_key(const FamilyChoice& choice, const json& config)
{
    const std::string_view nested = choice.assumed ? inner_config : choice.family->nested;
    const auto text = nested.empty() ? config.end() : config.find(std::string(nested));
    const bool sizes_outside = config.contains("hidden_size");
    if (choice.assumed)
        return !sizes_outside && text != config.end() && text->is_object() ? nested : "";
    return sizes_outside && (text == config.end() || text->is_null()) ? "" : nested;
}

Architecture read_network(const FamilyChoice& choice, const json& config, ReadLog& log, const json** network_keys)
{
    const Family& family = *choice.family;
    const std::string_view nested = nested_key(choice, config);
    const bool of_whole_file = !nested.empty() && !family.nested.empty();
    ConfigReader outer(&config, of_whole_file ? family.model_type : family.defaults, log);
    ConfigReader keys = nested.empty() ? outer : outer.nested(nested, family.defaults);
    Architecture network;
    network.family = family.model_type; // what its reader goes by
    network.hidden_size = keys.integer(family.keys.hidden_size, ranges::size);
    network.vocab_size = keys.integer(family.keys.vocab_size, ranges::vocabulary);
    network.tie_word_embeddings = read_tying(keys, outer, family.keys.tie_word_embeddings);
    network.max_position_embeddings = keys.optional_integer("max_position_embeddings", ranges::tokens).value_or(0);
    network.draft_vocab_size = keys.optional_integer("draft_vocab_size", ranges::vocabulary).value_or(0);
    network.torch_dtype = read_data_type(keys, outer);
    network.vision = vision_shape(config);
    if (keys.object() != nullptr)
        read_rope(network, *keys.object());
    family.read(keys, outer, network);
    network.family = choice.model_type;
    if (network_keys != nullptr)
        *network_keys = keys.object();
    return network;
}

} // namespace weighbridge
