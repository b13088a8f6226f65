#include "core/scenario/scenario.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace weighbridge {

bool ModelReference::operator==(const ModelReference& other) const
{
    if (kind != other.kind || name != other.name || read_as != other.read_as)
        return false;
    if (kind != Kind::config && kind != Kind::architecture)
        return text == other.text;
    if (kind == Kind::config && text != other.text)
        return false;
    if (config == other.config)
        return true;
    return config && other.config && *config == *other.config;
}

double usable_share(const HardwareChoice& hardware, const Accelerator& accelerator)
{
    const double chosen = hardware.usable_fraction.value_or(default_usable_fraction(accelerator));
    const bool of_this = hardware.accelerator == accelerator.id && accelerator.platform == "metal";
    if (!hardware.wired_limit_mb || !of_this || accelerator.capacity.count <= 0)
        return chosen;
    const double limit =
        static_cast<double>(*hardware.wired_limit_mb) * bytes_per_mib / static_cast<double>(accelerator.capacity.count);
    return std::min(limit, hardware.usable_fraction.value_or(1));
}

void take_kind(HardwareChoice& hardware, const std::string& accelerator)
{
    hardware.accelerator = accelerator;
    hardware.count.reset();
    hardware.devices.clear();
    hardware.memory_in_use_gib.reset();
    hardware.wired_limit_mb.reset();
    hardware.layout.reset();
    hardware.host = {};
    hardware.links = {};
}

// ---- whether the scenario has a use for an option

bool is_training(const Scenario& scenario)
{
    return scenario.training() != nullptr;
}

bool trains_adapters(const Scenario& scenario)
{
    const TrainingChoice* training = scenario.training();
    return training != nullptr && training->method != "full";
}

bool has_quantized_base(const Scenario& scenario)
{
    const TrainingChoice* training = scenario.training();
    return training != nullptr && training->method == "qlora";
}

bool projects_gradients(const Scenario& scenario)
{
    const TrainingChoice* training = scenario.training();
    return training != nullptr &&
           (training->optimizer.starts_with("galore") || training->optimizer.starts_with("apollo"));
}

bool computes_in_fp8(const Scenario& scenario)
{
    const TrainingChoice* training = scenario.training();
    return training != nullptr && training->precision_recipe == "fp8_mixed";
}

bool shards_by_fsdp(const Scenario& scenario)
{
    const TrainingChoice* training = scenario.training();
    return training != nullptr && training->fsdp;
}

bool takes_completions(const Scenario& scenario)
{
    const TrainingChoice* training = scenario.training();
    return training != nullptr && (training->trainer == "grpo" || training->trainer == "rloo" ||
                                   training->trainer == "ppo" || training->trainer == "online_dpo");
}

bool compares_with_reference(const Scenario& scenario)
{
    const TrainingChoice* training = scenario.training();
    return training != nullptr &&
           (takes_completions(scenario) || training->trainer == "dpo" || training->trainer == "kto");
}

bool recomputes_by_layers(const Scenario& scenario)
{
    const TrainingChoice* training = scenario.training();
    return training != nullptr && training->recompute == "full";
}

bool weights_concern(const Scenario& scenario)
{
    return !is_training(scenario) || trains_adapters(scenario) || scenario.precision.weights;
}

bool activations_concern(const Scenario& scenario)
{
    return !is_training(scenario) || scenario.precision.weights == "fp32";
}

} // namespace weighbridge
