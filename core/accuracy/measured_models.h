#pragma once

#include "core/model/model.h"
#include "core/quantity/result.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <string_view>

namespace weighbridge {

/// The models of measured runs, through the same importer as any other; each is imported once.
class MeasuredModels
{
public:
    /// Of a file of models in resources/measured: a preset, or a config of its own.
    Result<ModelPointer> of_model_id(const std::string& model_id, std::string_view file = "models.jsonl");
    /// Of a file of networks by name: llama_cpp_networks.json, qwen_configs.json.
    Result<ModelPointer> of_network(const std::string& file, const std::string& name);

private:
    using Models = std::map<std::string, Result<ModelPointer>, std::less<>>;
    const Models& models_of(std::string_view file);

    std::map<std::string, Models, std::less<>> models_; ///< by file
    Models networks_;
};

/// The model of a config with recurrent layers behind its own (or in their place), given by the sizes of their states:
/// `layers`, `conv_kernel`, `conv_channels`, `state_elements`, `no_attention`. Logs of llama.cpp print these, not the
/// config that they came from. `states` null: the config alone.
Result<ModelPointer> model_with_states(const nlohmann::json& config, const nlohmann::json& states,
                                       const std::string& name);

} // namespace weighbridge
