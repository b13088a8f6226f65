#pragma once

#include "core/engines/refusal.h"
#include "core/engines/vllm/settings.h"

#include <optional>

namespace weighbridge::vllm {

/// What vLLM refuses before it counts any memory: a network, a kernel, a width or a type of the cache. Nothing where
/// no such rule is known. `needed` of what comes back is 0.
std::optional<Refusal> unsupported(const InferenceInputs& inputs, const Settings& settings);

} // namespace weighbridge::vllm
