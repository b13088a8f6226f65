#include "core/engines/inference.h"

#include "core/precision/model_format.h"
#include "core/quantity/nearest.h"
#include "core/sources/hf_config.h"
#include "core/sources/json_text.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <variant>

namespace weighbridge {

namespace {

/// An engine with a share of its own takes that of all that the device reports, whatever else was typed: of unified
/// memory CUDA reports all of it.
double share_of(const Engine& engine, const HardwareChoice& hardware, const Accelerator& accelerator)
{
    if (engine.memory_share_key.empty())
        return usable_share(hardware, accelerator);
    if (accelerator.platform == "cuda")
        return 1;
    HardwareChoice without = hardware;
    without.usable_fraction.reset();
    return usable_share(without, accelerator);
}

/// A preset, or a config that stands in the reference; nothing of a file or a repository, which nobody has read.
Result<ModelPointer> named_model(std::string_view reference)
{
    if (!reference.starts_with('{'))
        return preset_model(reference);
    const auto object = parse_json(reference, "model");
    if (!object)
        return object.error();
    const auto config = object->find("config");
    if (config == object->end())
        return ModelPointer();
    return import_config(*config, object->value("name", std::string("draft")));
}

Result<std::shared_ptr<const DraftModel>> draft_of(const Engine& engine, const InferenceChoice& choice)
{
    std::shared_ptr<const DraftModel> none;
    const DraftName name = engine.draft == nullptr ? DraftName() : engine.draft(choice);
    if (name.model.empty())
        return none;
    const std::string key(name.key);
    auto model = named_model(name.model);
    if (!model)
        return Error{key, key + ": " + model.error().message};
    if (*model == nullptr)
        return none;
    const std::string format = name.weights.empty() ? weights_in_use({}, **model) : std::string(name.weights);
    auto weights = find_format(format, FormatUse::weights);
    if (!weights)
        return Error{key, weights.error().message};
    auto kept = for_model(std::move(*weights), **model);
    return std::make_shared<const DraftModel>(DraftModel{std::move(*model), std::move(kept)});
}

} // namespace

bool chose_cache(const PrecisionChoice& precision)
{
    const PrecisionChoice usual;
    return precision.kv_cache_chosen || precision.kv_cache_k != usual.kv_cache_k ||
           precision.kv_cache_v != usual.kv_cache_v;
}

CacheFormats cache_formats(const Engine& engine, const PrecisionChoice& precision)
{
    if (chose_cache(precision) || engine.cache_format.empty())
        return {precision.kv_cache_k, precision.kv_cache_v};
    return {std::string(engine.cache_format), std::string(engine.cache_format)};
}

Result<InferenceInputs> inference_inputs(const Scenario& scenario, const Model& model, const Accelerator* accelerator)
{
    const InferenceChoice& choice = scenario.inference;
    InferenceInputs inputs;
    inputs.engine = find_engine(choice.engine);
    if (inputs.engine == nullptr)
        return Error{"inference.engine",
                     "inference.engine is " + in_quotes(choice.engine) + ", which is not built yet"};
    inputs.model = &model;
    inputs.choice = &choice;
    inputs.hardware = &scenario.hardware;
    // Options of an engine that is not chosen are kept in the scenario, and have no effect.
    static const InferenceChoice nothing_chosen;
    const InferenceChoice& formulas = inputs.engine->takes_formulas ? choice : nothing_chosen;
    const InferenceChoice& device = inputs.engine->takes_device_memory ? choice : nothing_chosen;
    if (accelerator != nullptr) {
        inputs.accelerator = accelerator;
        inputs.device_memory = static_cast<double>(device.total_memory_bytes.value_or(accelerator->capacity.count));
        inputs.device_memory_given = device.total_memory_bytes.has_value();
        inputs.usable_fraction = share_of(*inputs.engine, scenario.hardware, *accelerator);
    }
    const CacheFormats cache = cache_formats(*inputs.engine, scenario.precision);
    const auto look_up = [&](NumberFormat& format, const std::string& id, FormatUse use,
                             std::string_view field) -> Outcome {
        auto found = find_format(id, use);
        if (!found)
            return Error{std::string(field), found.error().message};
        format = std::move(*found);
        return {};
    };
    for (const Outcome& failed :
         {look_up(inputs.weights, weights_in_use(scenario.precision, model), FormatUse::weights, "precision.weights"),
          look_up(inputs.kv_k, cache.k, FormatUse::kv_cache, "precision.kv_cache.k"),
          look_up(inputs.kv_v, cache.v, FormatUse::kv_cache, "precision.kv_cache.v"),
          look_up(inputs.activations, scenario.precision.activations, FormatUse::activations, "precision.activations")})
        if (failed)
            return *failed;
    inputs.kv_cache_chosen = chose_cache(scenario.precision);
    inputs.weights = for_model(std::move(inputs.weights), model);

    auto draft = draft_of(*inputs.engine, choice);
    if (!draft)
        return draft.error();
    inputs.draft = std::move(*draft);

    const auto method = find_activation_method(formulas.activation_method);
    if (!method)
        return Error{"inference.activation_method", "inference.activation_method is \"" + formulas.activation_method +
                                                        "\"; known are peak_layer, vanilla, gqa, flash and fraction"};
    inputs.activation_method = *method;
    inputs.activation_fraction = formulas.activation_fraction;
    inputs.overhead_bytes = static_cast<double>(formulas.overhead_bytes);
    inputs.overhead_fraction = formulas.overhead_fraction;
    inputs.use_kv_cache = formulas.use_kv_cache;
    inputs.parameters = formulas.parameters;
    inputs.sequence_length = request_tokens(*inputs.engine, choice);
    inputs.concurrent_sequences = choice.concurrent_sequences;
    inputs.tensor_parallel = scenario.hardware.tensor_parallel;
    inputs.pipeline_parallel = scenario.hardware.pipeline_parallel;
    inputs.sharding = inputs.engine->sharding;
    inputs.token_bytes = inputs.engine->token_bytes;
    if (inputs.pipeline_parallel > 1 && inputs.pipeline_parallel <= model.architecture.layers() &&
        inputs.sharding.even_stages)
        inputs.stages =
            pipeline_stages(model, inputs.pipeline_parallel, inputs.sharding.tower_stages, inputs.weights.column);
    return inputs;
}

InferenceInputs on_accelerator(const InferenceInputs& inputs, const Accelerator& accelerator)
{
    InferenceInputs other = inputs;
    const bool same_kind =
        inputs.accelerator != nullptr && inputs.accelerator->unified_memory == accelerator.unified_memory;
    other.accelerator = &accelerator;
    other.device_memory = static_cast<double>(accelerator.capacity.count);
    other.device_memory_given = false;
    other.memory_in_use = 0; // that was of another machine
    other.devices = nullptr;
    other.placed = all_on_devices(inputs.placed);
    other.usable_fraction =
        same_kind ? share_of(*inputs.engine, *inputs.hardware, accelerator) : default_usable_fraction(accelerator);
    return other;
}

std::shared_ptr<const LayerPlacement> all_on_devices(const std::shared_ptr<const LayerPlacement>& placed)
{
    static const auto all = std::make_shared<const LayerPlacement>();
    return placed ? all : nullptr;
}

InferenceInputs with_tensor_parallel(const InferenceInputs& inputs, std::int64_t ranks)
{
    InferenceInputs other = inputs;
    other.tensor_parallel = ranks;
    return other;
}

InferenceInputs with_length(const InferenceInputs& inputs, std::int64_t tokens)
{
    InferenceInputs other = inputs;
    other.sequence_length = tokens;
    return other;
}

InferenceInputs with_sequences(const InferenceInputs& inputs, std::int64_t sequences)
{
    InferenceInputs other = inputs;
    other.concurrent_sequences = sequences;
    return other;
}

double reported_memory(const InferenceInputs& inputs)
{
    constexpr double usually_kept = 470 * 1024.0 * 1024.0;
    if (inputs.device_memory_given)
        return inputs.device_memory;
    const Accelerator* device = inputs.accelerator;
    const bool from_driver = device != nullptr && device->capacity_from_driver && device->vendor == "NVIDIA" &&
                             !device->unified_memory; // of which CUDA reports what the system has
    const double all = std::floor(inputs.device_memory * inputs.usable_fraction);
    if (!from_driver)
        return all;
    const auto& kept = device->driver_reserved;
    return all - (kept ? static_cast<double>(kept->count) : usually_kept);
}

double left_beside_host(const Accelerator& accelerator, double in_use, double host)
{
    const bool one_pool = accelerator.unified_memory && !accelerator.capacity_is_gpu_share;
    return one_pool ? std::max(0.0, static_cast<double>(accelerator.capacity.count) - in_use - host)
                    : std::numeric_limits<double>::infinity();
}

double usable_host_memory(const InferenceInputs& inputs)
{
    const HostChoice& host = inputs.hardware->host;
    const bool shared = inputs.accelerator != nullptr && inputs.accelerator->unified_memory;
    if (!host.memory_gib || shared)
        return std::numeric_limits<double>::infinity();
    return std::floor((*host.memory_gib - host.memory_in_use_gib.value_or(0)) * bytes_per_gib);
}

PlanPointer plan_of(InferenceInputs inputs)
{
    inputs.sharding = inputs.engine->sharding; // one that another plan changed is of that plan
    const Engine& engine = *inputs.engine;
    return engine.plan(std::move(inputs));
}

PlanPointer on_devices_alone(const Plan& plan)
{
    if (!plan.load().placed)
        return nullptr;
    InferenceInputs load = plan.load();
    load.placed = all_on_devices(load.placed);
    return plan_of(std::move(load));
}

bool has_experts(const Architecture& architecture)
{
    return std::any_of(architecture.kinds.begin(), architecture.kinds.end(), [](const Layer& layer) {
        return std::any_of(layer.feed_forwards.begin(), layer.feed_forwards.end(), [](const FeedForward& network) {
            return std::holds_alternative<MixtureOfExperts>(network);
        });
    });
}

double inference_bytes(const InferenceInputs& inputs)
{
    return plan_of(inputs)->figures().total();
}

} // namespace weighbridge
