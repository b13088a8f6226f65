#pragma once

#include "core/engines/exllamav3/run.h"
#include "core/engines/plan.h"

#include <optional>
#include <vector>

namespace weighbridge {

MemoryFigures exl_figures(const ExlBytes& bytes);

/// The first-level terms of one GPU: weights, caches, work of a chunk, context.
std::vector<Term> exl_terms(const ExlRun& run, const ExlBytes& bytes, bool text);

/// In system memory: the embedding, experts that stay there, and snapshots of states.
std::vector<Term> exl_host_terms(const ExlRun& run);

std::optional<Refusal> exl_refusal(const ExlRun& run);
/// What keeps exllamav3 from it, what has no effect, and what has no rule here.
std::vector<Issue> exl_issues(const InferenceInputs& load, const ExlRun& run);

} // namespace weighbridge
