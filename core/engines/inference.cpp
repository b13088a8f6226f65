#include "core/engines/inference.h"

#include "core/precision/model_format.h"
#include "core/quantity/nearest.h"

namespace weighbridge {

namespace {

void prepare(InferenceInputs& inputs)
{
    inputs.work.reset();
    inputs.sharding = inputs.engine->sharding;
    if (inputs.engine->prepare != nullptr)
        inputs.engine->prepare(inputs);
}

} // namespace

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
    if (accelerator != nullptr) {
        inputs.accelerator = accelerator;
        inputs.device_memory = static_cast<double>(choice.total_memory_bytes.value_or(accelerator->capacity.count));
        inputs.device_memory_given = choice.total_memory_bytes.has_value();
        inputs.usable_fraction = scenario.hardware.usable_fraction.value_or(default_usable_fraction(*accelerator));
    }
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
          look_up(inputs.kv_k, scenario.precision.kv_cache_k, FormatUse::kv_cache, "precision.kv_cache.k"),
          look_up(inputs.kv_v, scenario.precision.kv_cache_v, FormatUse::kv_cache, "precision.kv_cache.v"),
          look_up(inputs.activations, scenario.precision.activations, FormatUse::activations, "precision.activations")})
        if (failed)
            return *failed;
    inputs.weights = for_model(std::move(inputs.weights), model);

    const auto method = find_activation_method(choice.activation_method);
    if (!method)
        return Error{"inference.activation_method", "inference.activation_method is \"" + choice.activation_method +
                                                        "\"; known are peak_layer, vanilla, gqa, flash and fraction"};
    inputs.activation_method = *method;
    inputs.activation_fraction = choice.activation_fraction;
    inputs.overhead_bytes = static_cast<double>(choice.overhead_bytes);
    inputs.overhead_fraction = choice.overhead_fraction;
    inputs.use_kv_cache = choice.use_kv_cache;
    inputs.parameters = choice.parameters;
    inputs.sequence_length = choice.sequence_length;
    inputs.concurrent_sequences = choice.concurrent_sequences;
    inputs.tensor_parallel = scenario.hardware.tensor_parallel;
    inputs.pipeline_parallel = scenario.hardware.pipeline_parallel;
    prepare(inputs);
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
    other.usable_fraction = same_kind ? inputs.hardware->usable_fraction.value_or(default_usable_fraction(accelerator))
                                      : default_usable_fraction(accelerator);
    prepare(other);
    return other;
}

InferenceInputs with_tensor_parallel(const InferenceInputs& inputs, std::int64_t ranks)
{
    InferenceInputs other = inputs;
    other.tensor_parallel = ranks;
    prepare(other);
    return other;
}

void keep_work(InferenceInputs& inputs)
{
    if (inputs.engine->work != nullptr)
        inputs.work = inputs.engine->work(inputs);
}

double inference_bytes(const InferenceInputs& inputs)
{
    return inputs.engine->memory(inputs).total();
}

std::vector<Term> inference_terms(const InferenceInputs& inputs)
{
    return inputs.engine->terms(inputs, true);
}

} // namespace weighbridge
