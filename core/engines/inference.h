#pragma once

#include "core/engines/engine.h"
#include "core/memory/load.h"

namespace weighbridge {

/// Looks up the names of a scenario. The error is that of the name that is not known. Without an accelerator there is
/// no device memory, and engines take the defaults of a device they don't know.
Result<InferenceInputs> inference_inputs(const Scenario& scenario, const Model& model,
                                         const Accelerator* accelerator = nullptr);

/// The same scenario on another accelerator of the catalogue.
InferenceInputs on_accelerator(const InferenceInputs& inputs, const Accelerator& accelerator);

/// The same scenario on so many tensor-parallel ranks.
InferenceInputs with_tensor_parallel(const InferenceInputs& inputs, std::int64_t ranks);

/// Has the engine work out now what its functions have in common. From then on only `concurrent_sequences` may be
/// changed in place; the functions above start anew. For inputs without an error only.
void keep_work(InferenceInputs& inputs);

/// Bytes on one GPU; what searches call. May exceed what is exact: compare with `largest_exact`.
double inference_bytes(const InferenceInputs& inputs);

/// The four terms, with formulas, ranges, sources and children.
std::vector<Term> inference_terms(const InferenceInputs& inputs);

} // namespace weighbridge
