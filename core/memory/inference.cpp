#include "core/memory/inference.h"

#include "core/memory/activations.h"
#include "core/memory/cache.h"
#include "core/memory/weights.h"
#include "core/precision/model_format.h"

namespace weighbridge {

namespace {

template<class Number>
Number overhead(const InferenceInputs& inputs, double weights)
{
    if (inputs.overhead_fraction)
        return named<Number>("f_ovh", *inputs.overhead_fraction) * named<Number>("W", weights);
    return named<Number>("C_runtime", inputs.overhead_bytes);
}

/// CUDA context and framework. Measured on one GPU: 0.16 to 1.79 GiB (vllm#12126, vllm#10511), typically 0.35 on
/// consumer cards, 0.5 on A100 and H100, 0.75 on Blackwell.
Term overhead_term(const InferenceInputs& inputs, const Term& weights)
{
    constexpr std::int64_t measured_low = 171798692;   // 0.16 GiB
    constexpr std::int64_t measured_high = 1922010818; // 1.79 GiB
    Term term = make_term("overhead", "Overhead", overhead<Traced>(inputs, static_cast<double>(weights.bytes.count)),
                          Basis::assumed);
    if (inputs.overhead_fraction) {
        term.low.count = term.bytes.count * 2 / 3;
        term.high.count = term.bytes.count * 4 / 3;
        term.source = "a share of the weights (book appendix: 10 to 20 % for 15 %)";
    } else {
        term.low.count = std::min(term.bytes.count, measured_low);
        term.high.count = std::max(term.bytes.count, measured_high);
        term.source =
            "CUDA context and framework, assumed; measured 0.16 to 1.79 GiB on one GPU (vllm#12126, vllm#10511)";
    }
    return term;
}

} // namespace

Result<InferenceInputs> inference_inputs(const Scenario& scenario, const Model& model)
{
    const InferenceChoice& choice = scenario.inference;
    InferenceInputs inputs;
    inputs.model = &model;
    const auto look_up = [&](NumberFormat& format, const std::string& id, FormatUse use,
                             std::string_view field) -> Outcome {
        auto found = find_format(id, use);
        if (!found)
            return Error{std::string(field), found.error().message};
        format = std::move(*found);
        return {};
    };
    for (const Outcome& failed :
         {look_up(inputs.weights, scenario.precision.weights, FormatUse::weights, "precision.weights"),
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
    return inputs;
}

double inference_bytes(const InferenceInputs& inputs)
{
    const double weights = weight_bytes(inputs);
    return weights + cache_bytes(inputs) + activation_bytes(inputs, weights) + overhead<double>(inputs, weights);
}

std::vector<Term> inference_terms(const InferenceInputs& inputs)
{
    std::vector<Term> terms;
    terms.push_back(weights_term(inputs));
    terms.push_back(cache_term(inputs));
    terms.push_back(activations_term(inputs, terms.front()));
    terms.push_back(overhead_term(inputs, terms.front()));
    return terms;
}

} // namespace weighbridge
