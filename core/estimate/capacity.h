#pragma once

#include "core/memory/load.h"
#include "core/quantity/bytes.h"
#include "core/quantity/limits.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace weighbridge {

/// What the questions asked backwards come to, for one scenario on one accelerator.
struct Capacity
{
    std::int64_t max_concurrent_sequences = 0; ///< of the scenario's sequence length; 0 when not even one fits
    std::int64_t max_sequence_length = 0;      ///< at the scenario's concurrency; 0 when not even one token fits
    std::int64_t kv_tokens = 0; ///< that the cache holds: what the engine says, else sequences x their length

    bool operator==(const Capacity&) const = default;
};

/// The most sequences of the inputs' length whose total stays within `usable`; 0 where not even one does. Memory grows
/// with both, so bisection is exact.
std::int64_t most_sequences_within(const InferenceInputs& inputs, Bytes usable);

/// The longest context for the inputs' concurrency; 0 where not even one token fits.
std::int64_t longest_context_within(const InferenceInputs& inputs, Bytes usable);

/// Both, and the tokens that the cache holds.
Capacity capacity(const InferenceInputs& inputs, Bytes usable);

/// Tensor parallelisms an architecture allows, smallest first: they divide the attention heads and the hidden size, and
/// divide the key/value heads or are divided by them. At most 4,096.
std::vector<std::int64_t> tensor_parallel_choices(const Architecture& architecture);

/// Bytes per GPU for each of the architecture's tensor parallelisms, everything else as in `inputs`.
std::vector<std::pair<std::int64_t, double>> bytes_by_tensor_parallel(const InferenceInputs& inputs);

/// The smallest of them that stays within `usable`; nothing where none does.
std::optional<std::int64_t> fewest_gpus(const std::vector<std::pair<std::int64_t, double>>& bytes, Bytes usable);

} // namespace weighbridge
