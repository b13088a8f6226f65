#pragma once

#include "core/engines/engine.h"
#include "core/engines/loaded_extra.h"
#include "core/engines/vllm/rank.h"

#include <vector>

namespace weighbridge::vllm {

/// The terms with text. Ranges hold nine of ten of the runs in resources/measured.
Term weights_term(const InferenceInputs& stage, const Settings& settings, bool last);
Term cache_term(const InferenceInputs& stage, const Settings& settings, const Rank& rank);
Term activations_term(const Rank& rank, Era era);
Term overhead_term(const Rank& rank, Era era);

/// The same four without text or children.
std::vector<Term> figure_terms(const MemoryFigures& figures, const Rank& rank);

} // namespace weighbridge::vllm
