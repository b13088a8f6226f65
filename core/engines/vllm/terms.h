#pragma once

#include "core/engines/engine.h"
#include "core/engines/vllm/rank.h"

#include <string_view>
#include <vector>

namespace weighbridge::vllm {

/// Where a server's own sources have what loading adds.
struct LoadedSources
{
    std::string_view rope_tables;
    std::string_view absorbed;
};

/// What a GPU holds once loaded: the checkpoint's tensors on this rank, part by part, and what loading adds to them.
/// The parts' ranges are those of the tensors alone.
Term loaded_term(const InferenceInputs& stage, const LoadedExtras& extras, const LoadedSources& sources);

/// The terms with text. Ranges hold nine of ten of the runs in resources/measured.
Term weights_term(const InferenceInputs& stage, const Settings& settings, bool last);
Term cache_term(const InferenceInputs& stage, const Settings& settings, const Rank& rank);
Term activations_term(const Rank& rank, Era era);
Term overhead_term(const Rank& rank, Era era);

/// The same four without text or children.
std::vector<Term> figure_terms(const MemoryFigures& figures, const Rank& rank);

} // namespace weighbridge::vllm
