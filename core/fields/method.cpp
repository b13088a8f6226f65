#include "core/fields/method.h"

#include "core/engines/engine.h"
#include "core/memory/activations.h"
#include "core/quantity/nearest.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

constexpr std::array<CountingMethod, 3> methods = {
    {{"detailed", "Detailed", "scales of quantized weights, the largest layer's activations, 0.5 GiB of overhead"},
     {"book", "Book rules", "round bytes per weight, 15 % of the weights for everything but the KV cache"},
     {"notebook", "Notebook",
      "bits per weight, every buffer of a layer at once, nothing else; FlashAttention and "
      "the KV cache are switches"}}};

bool is_round_width(std::string_view format)
{
    return format.starts_with("bits:") || format.starts_with("nominal:");
}

void by_formulas_alone(Scenario& scenario, std::string_view activations, std::int64_t overhead)
{
    scenario.task = "inference";
    scenario.inference.engine = generic_engine;
    scenario.inference.activation_method = activations;
    scenario.inference.overhead_bytes = overhead;
    scenario.inference.overhead_fraction.reset();
}

/// A width typed for the method that is left would say nothing in this one.
void take_width(PrecisionChoice& precision, std::string_view own, std::string_view width)
{
    if (!precision.weights || !precision.weights->starts_with(own))
        precision.weights = width;
}

void detailed(Scenario& scenario)
{
    by_formulas_alone(scenario, "peak_layer", InferenceChoice().overhead_bytes);
    if (scenario.precision.weights && is_round_width(*scenario.precision.weights))
        scenario.precision.weights.reset();
}

void book(Scenario& scenario)
{
    by_formulas_alone(scenario, "fraction", 0);
    scenario.inference.activation_fraction = InferenceChoice().activation_fraction;
    take_width(scenario.precision, "nominal:", "nominal:2");
}

void notebook(Scenario& scenario)
{
    by_formulas_alone(scenario, "flash", 0);
    scenario.inference.use_kv_cache = true;
    PrecisionChoice& precision = scenario.precision;
    take_width(precision, "bits:", "bits:16");
    precision.kv_cache_k = precision.kv_cache_v = precision.activations = PrecisionChoice().activations;
}

} // namespace

std::span<const CountingMethod> counting_methods()
{
    return methods;
}

std::string_view counting_method(const Scenario& scenario)
{
    if (scenario.training() != nullptr || scenario.inference.engine != generic_engine)
        return {};
    const std::string& activations = scenario.inference.activation_method;
    return counts_as_notebook(activations) ? "notebook" : activations == "fraction" ? "book" : "detailed";
}

Outcome choose_counting_method(Scenario& scenario, std::string_view id)
{
    if (id == "detailed") {
        detailed(scenario);
    } else if (id == "book") {
        book(scenario);
    } else if (id == "notebook") {
        notebook(scenario);
    } else {
        std::array<std::string_view, methods.size()> known;
        std::transform(methods.begin(), methods.end(), known.begin(), [](const CountingMethod& m) { return m.id; });
        return Error{"", in_quotes(id) + " is no method of counting" + nearest_clause(id, known) +
                             ". It must be detailed, book or notebook"};
    }
    return {};
}

bool counts_as_notebook(std::string_view activation_method)
{
    const auto method = find_activation_method(activation_method);
    return method && is_of_notebook(*method);
}

std::string_view notebook_activations(bool flash_attention, const Architecture& architecture)
{
    if (flash_attention)
        return "flash";
    const NotebookHeads heads = notebook_heads(architecture);
    return heads.keys < heads.queries ? "gqa" : "vanilla";
}

} // namespace weighbridge
