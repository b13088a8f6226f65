#include "core/accuracy/measured_models.h"

#include "core/accuracy/record.h"
#include "core/sources/hf_config.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

namespace weighbridge {

using nlohmann::json;

namespace {

std::int64_t whole(const json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

Error unknown_model(const std::string& name)
{
    return {"model", "no configuration of " + name + " is bundled"};
}

} // namespace

Result<ModelPointer> model_with_states(const json& config, const json& states, const std::string& name)
{
    auto model = import_config(config, name);
    if (!model || !states.is_object())
        return model;
    Recurrent recurrent;
    recurrent.kind = RecurrentKind::gated_delta_net;
    recurrent.conv_kernel = whole(states, "conv_kernel");
    recurrent.conv_channels = whole(states, "conv_channels");
    recurrent.state_elements = whole(states, "state_elements");
    Layer layer;
    layer.mixers = {recurrent};
    Architecture architecture = (*model)->architecture;
    if (states.value("no_attention", false)) {
        architecture.kinds.clear();
        architecture.runs.clear();
    }
    for (std::int64_t i = 0; i < whole(states, "layers"); ++i)
        architecture.append(layer);
    return make_model(name, std::move(architecture));
}

const MeasuredModels::Models& MeasuredModels::models_of(std::string_view file)
{
    if (const auto found = models_.find(file); found != models_.end())
        return found->second;
    Models models;
    for (const Record& record : measured_records(file)) {
        const std::string id = record.text("model_id");
        const std::string preset = record.text("preset");
        models.emplace(id, preset.empty() ? import_config(record.value("config"), id) : preset_model(preset));
    }
    return models_.emplace(std::string(file), std::move(models)).first->second;
}

Result<ModelPointer> MeasuredModels::of_model_id(const std::string& model_id, std::string_view file)
{
    const Models& models = models_of(file);
    const auto found = models.find(model_id);
    return found == models.end() ? Result<ModelPointer>(unknown_model(model_id)) : found->second;
}

Result<ModelPointer> MeasuredModels::of_network(const std::string& file, const std::string& name)
{
    const std::string key = file + '/' + name;
    if (const auto found = networks_.find(key); found != networks_.end())
        return found->second;
    const json networks = measured_file(file);
    const auto network = networks.find(name);
    Result<ModelPointer> model = unknown_model(name);
    if (network != networks.end()) {
        // llama.cpp's networks carry their states beside the config.
        const bool has_states = network->contains("config");
        model = has_states ? model_with_states(network->at("config"), network->value("states", json()), name)
                           : import_config(*network, name);
    }
    return networks_.emplace(key, std::move(model)).first->second;
}

} // namespace weighbridge
