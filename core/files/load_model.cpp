#include "core/files/load_model.h"

#include "core/quantity/nearest.h"
#include "core/sources/hf_config.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace weighbridge {

namespace {

using Kind = ModelReference::Kind;

/// Sizes that files hold are read from them again; whatever else there is stands in the config.
LoadedModel loaded(ModelReference reference, ModelFile file)
{
    const bool exact = file.model->published && file.model->published->stored;
    if (!exact) {
        reference.kind = Kind::config;
        reference.config = file.config;
        if (reference.name.empty())
            reference.name = file.model->name;
    }
    return {std::move(reference), std::move(file.config), std::move(file.model)};
}

Result<LoadedModel> load_preset(ModelReference reference)
{
    auto config = preset_config(reference.text);
    if (!config)
        return config.error();
    auto model = preset_model(reference.text);
    if (!model)
        return model.error();
    reference.text = (*model)->name;
    return LoadedModel{std::move(reference), std::make_shared<const nlohmann::json>(std::move(*config)),
                       std::move(*model)};
}

/// A config or a typed architecture, which stand in the reference.
Result<LoadedModel> load_embedded(ModelReference reference)
{
    const bool typed = reference.kind == Kind::architecture;
    nlohmann::json config = reference.config ? *reference.config : nlohmann::json::object();
    if (typed && config.is_object())
        config["model_type"] = generic_family;
    const std::string name = !reference.name.empty() ? reference.name : typed ? "Custom" : "Model";
    auto model = import_config(config, name, {.read_as = reference.read_as});
    if (!model)
        return model.error();
    auto shared = std::make_shared<const nlohmann::json>(std::move(config));
    reference.config = shared;
    return LoadedModel{std::move(reference), std::move(shared), std::move(*model)};
}

Result<LoadedModel> load_path(const ModelReference& reference, const ReadWatch& watch)
{
    auto file = read_model_path(reference.text, reference.name, {.read_as = reference.read_as}, watch);
    if (!file)
        return file.error();
    return loaded(reference, std::move(*file));
}

Result<LoadedModel> load_from_hub(const ModelReference& reference, const FetchModel& fetch)
{
    if (!fetch)
        return Error{"model", in_quotes(reference.text) + " has to be fetched first"};
    const auto fetched = fetch(reference);
    if (!fetched)
        return fetched.error();
    return load_fetched(*fetched, reference);
}

} // namespace

Result<LoadedModel> load_model(const ModelReference& reference, const FetchModel& fetch, const ReadWatch& watch)
{
    switch (reference.kind) {
    case Kind::preset:
        return load_preset(reference);
    case Kind::path:
        return load_path(reference, watch);
    case Kind::hub:
        return load_from_hub(reference, fetch);
    case Kind::config:
    case Kind::architecture:
        return load_embedded(reference);
    }
    return Error{"model", "model is of no known kind"};
}

Result<LoadedModel> load_fetched(const FetchedModel& fetched, ModelReference reference)
{
    const std::string name = reference.name.empty() ? name_of_repository(reference.text) : reference.name;
    auto file = model_of_fetched(fetched, name, reference.text, {.read_as = reference.read_as});
    if (!file)
        return file.error();
    reference.kind = Kind::hub;
    reference.name = name;
    return loaded(std::move(reference), std::move(*file));
}

std::string name_of_repository(std::string_view reference)
{
    const std::size_t colon = reference.find(':');
    const std::string_view file = colon == std::string_view::npos ? "" : reference.substr(colon);
    reference = reference.substr(0, std::min(colon, reference.find('@')));
    return std::string(reference.substr(reference.rfind('/') + 1)) + std::string(file);
}

} // namespace weighbridge
