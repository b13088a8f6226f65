#pragma once

#include "core/engines/mlx/run.h"
#include "core/engines/plan.h"

#include <optional>
#include <vector>

namespace weighbridge {

/// What a call takes, and the moment at which it peaks.
struct MlxFigures
{
    MemoryFigures memory;
    MlxMoment peak;
};

/// After the last token.
MlxMoment end_of(const MlxRun& run);

/// `text` has the weights as they are loaded.
MlxFigures mlx_figures(const InferenceInputs& text, const MlxRun& run);
std::vector<Term> mlx_plain_terms(const MlxFigures& figures);
std::vector<Term> mlx_terms(const InferenceInputs& text, const MlxRun& run);
/// What the server may keep of earlier prompts. Bytes.
double mlx_prompt_caches(const MlxRun& run);

std::optional<Refusal> mlx_refusal(const MlxRun& run);
std::vector<Issue> mlx_issues(const InferenceInputs& load, const MlxRun& run);

} // namespace weighbridge
