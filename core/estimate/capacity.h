#pragma once

#include "core/engines/plan.h"
#include "core/quantity/bytes.h"
#include "core/quantity/limits.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace weighbridge {

/// The same of a training step, each by itself with all else as it is; nothing where no number does.
struct TrainingRoom
{
    std::optional<std::int64_t> max_sequence_length;
    std::optional<std::int64_t> max_micro_batch_size;
    std::optional<std::int64_t> max_lora_rank; ///< where adapters are trained, and their share was not typed in
    /// By data parallelism, up to 64; nothing where no number of them holds it.
    std::optional<std::int64_t> fewest_gpus;

    bool operator==(const TrainingRoom&) const = default;
};

/// What the questions asked backwards come to, for one scenario on one accelerator: by the engine's own cache where it
/// takes one at once.
struct Capacity
{
    std::int64_t max_concurrent_sequences = 0; ///< of the scenario's sequence length; 0 when not even one fits
    std::int64_t max_sequence_length = 0;      ///< at the scenario's concurrency; 0 when not even one token fits
    std::int64_t kv_tokens = 0;                ///< that the cache holds, one rank's where there are replicas
    std::int64_t kv_tokens_all = 0;            ///< that the caches of all replicas hold
    Bytes pool_bytes;                          ///< of the cache, on one GPU
    Limit limited_by = Limit::memory;          ///< what keeps further sequences out
    bool searched = true;                      ///< false of training: `step` has the answers
    std::optional<TrainingRoom> step;          ///< of training

    bool operator==(const Capacity&) const = default;
};

/// The most sequences of the load's length for which the fullest GPU has what they need; 0 where not even one does, or
/// the engine would not start. Memory grows with both, so bisection is exact.
std::int64_t most_sequences_within(const Plan& plan);

/// The longest context for the load's concurrency; 0 where not even one token fits.
std::int64_t longest_context_within(const Plan& plan);

/// Both, and what the cache holds.
Capacity capacity(const Plan& plan);

/// Tensor parallelisms an architecture allows, smallest first: they divide the attention heads and the hidden size, and
/// divide the key/value heads or are divided by them. At most 4,096.
std::vector<std::int64_t> tensor_parallel_choices(const Architecture& architecture);

} // namespace weighbridge
