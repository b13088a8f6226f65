#include "core/engines/generic/generic.h"

#include "core/engines/generic/notebook.h"
#include "core/engines/inference.h"
#include "core/memory/activations.h"
#include "core/memory/cache.h"
#include "core/memory/overhead.h"
#include "core/memory/weights.h"

#include <cmath>

namespace weighbridge {

namespace {

MemoryFigures memory(const InferenceInputs& inputs)
{
    MemoryFigures figures;
    figures.weights = weight_bytes(inputs);
    figures.kv_cache = cache_bytes(inputs);
    figures.activations = activation_bytes(inputs, figures.weights);
    figures.overhead = overhead_bytes(inputs, figures.weights);
    return figures;
}

std::vector<Term> terms(const InferenceInputs& inputs, bool text)
{
    if (!text) {
        const MemoryFigures figures = memory(inputs);
        return {make_term("weights", "Weights", figures.weights), make_term("kv_cache", "KV cache", figures.kv_cache),
                make_term("activations", "Activations", figures.activations, Basis::derived),
                make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
    }
    std::vector<Term> list;
    list.push_back(weights_term(inputs));
    list.push_back(cache_term(inputs));
    list.push_back(activations_term(inputs, list.front()));
    list.push_back(overhead_term(inputs, list.front()));
    return list;
}

Bytes usable(const InferenceInputs& inputs)
{
    return {static_cast<std::int64_t>(std::floor(inputs.device_memory * inputs.usable_fraction))};
}

} // namespace

const Engine generic_rules = {.id = generic_engine,
                              .name = "Formulas alone",
                              .summary = "formulas alone",
                              .versions = "",
                              .memory = memory,
                              .terms = terms,
                              .usable = usable,
                              .prints = notebook_prints,
                              .prints_heading = "By the notebook's rules",
                              .check = notebook_issues};

} // namespace weighbridge
