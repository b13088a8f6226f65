#pragma once

#include "core/engines/engine.h"
#include "core/engines/loaded_extra.h"
#include "core/engines/vllm/rank.h"

#include <vector>

namespace weighbridge::vllm {

/// The terms with text. Ranges hold nine of ten of the runs in resources/measured.
Term weights_term(const InferenceInputs& stage, const Settings& settings, bool last);
Term cache_term(const InferenceInputs& stage, const Settings& settings, const Rank& rank);
Term activations_term(const Rank& rank, const Settings& settings);
Term overhead_term(const Rank& rank, const Settings& settings);

/// What lies in the host's memory of all ranks: first-level terms; empty where nothing does.
std::vector<Term> host_terms(const InferenceInputs& inputs, const Settings& settings);

/// The same four without text or children.
std::vector<Term> figure_terms(const MemoryFigures& figures, const Rank& rank, const Settings& settings);

} // namespace weighbridge::vllm
