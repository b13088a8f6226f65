#pragma once

#include "core/memory/load.h"

namespace weighbridge {

/// Query and key/value heads for the notebook's formulas; for MLA every head has its own keys. One each where nothing
/// attends.
struct NotebookHeads
{
    std::int64_t queries = 1;
    std::int64_t keys = 1;
};

NotebookHeads notebook_heads(const Architecture& architecture);

/// Whether the method is one of the notebook's formulas: vanilla, gqa, flash.
bool is_of_notebook(ActivationMethod method);

/// Activation bytes on one GPU by the chosen method; `weights` are the weight bytes on that GPU.
double activation_bytes(const InferenceInputs& inputs, double weights);

/// The activations term.
Term activations_term(const InferenceInputs& inputs, const Term& weights);

} // namespace weighbridge
