#pragma once

#include "core/model/architecture.h"
#include "core/precision/format.h"
#include "core/quantity/formula.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

enum class Phase
{
    decode,   ///< one new token per sequence
    prefill,  ///< whole prompts
    training, ///< forward and backward pass of a micro batch (training/training_roofline.h)
};

std::string_view phase_name(Phase phase);

/// The GPUs that share a part of a layer, and the sequences whose tokens meet there.
struct Spread
{
    std::int64_t ranks = 1;
    std::int64_t sequences = 1;
    bool whole_experts = false; ///< each rank has some experts whole, and sees only the tokens that chose one of them
};

/// The workload of one layer on one GPU. Without more it is that of one replica whose GPUs share all parts alike.
struct Workload
{
    Phase phase = Phase::decode;
    std::int64_t sequences = 1; ///< that this GPU's attention serves
    std::int64_t context =
        1; ///< tokens per sequence: attended to in decode (the new one included), processed in prefill
    std::int64_t tensor_parallel = 1;
    /// Where replicas of the attention meet in one feed-forward (data-parallel attention), or in the routed experts
    /// alone, whose weights are then divided over the ranks of all replicas.
    std::optional<Spread> feed_forward{};
    std::optional<Spread> experts{};
    NumberFormat weights;
    NumberFormat kv_k;
    NumberFormat kv_v;
    NumberFormat activations;
};

/// One operation of one layer, per GPU.
struct Operation
{
    std::string id; ///< "qkv_projection", "attention_scores", "attention_values", "output_projection", "ffn", "norms";
                    ///< others for other layers
    std::string label; ///< English; the window translates it
    ComputeType compute =
        ComputeType::bf16; ///< the arithmetic it asks for; an accelerator may have to run it wider (peak_rate)
    double flops = 0;
    double weight_bytes = 0;
    double cache_bytes = 0;
    double activation_bytes = 0;
    Formula flops_formula; ///< empty when made without text
    Formula bytes_formula; ///< of the sum: weights, then cache, then activations

    double bytes() const { return weight_bytes + cache_bytes + activation_bytes; }
    double intensity() const { return bytes() > 0 ? flops / bytes() : 0; } ///< FLOP per byte
};

/// What a layer does, per GPU: FLOPs (a multiplication and an addition are two) and bytes moved to and from the GPU's
/// memory, each operation reading its inputs once and writing its outputs once. `explain` records the formulas.
///
/// - `qkv_projection` also writes the new tokens' keys and values to the cache, at the cache's precision: the engines'
/// kernel that does so reads
///   what the projection wrote, so this comes on top of the output.
/// - Attention is fused (arXiv:2205.14135): scores never reach memory. `attention_scores` reads queries and keys,
/// `attention_values`
///   reads values and writes the output. Decode attends to `context` tokens, at most a window's; a chunk is counted as
///   full. Prefill is causal: each query meets the keys up to its own, those of its window or chunk.
/// - `ffn` is the dense network or the routed experts; `router` and `shared_experts` are operations of their own. The
/// two or three matrices count as
///   one fused operation. Routed experts read as many different experts as the batch reaches: distinct_experts().
/// - Latent attention decodes over the cached latent (absorbed: `q_absorb`, `v_up_projection`) and prefills over keys
/// and values rebuilt
///   from it (`kv_up_projection`). Decoding reads the latent once for scores and values; the two share its bytes in
///   proportion to their FLOPs, so that both show the intensity of the one kernel.
/// - `norms` counts 4 FLOP per element (square, add, scale, weight), QK and latent norms included.
///
/// Divided by tensor_parallel like the generic engine's weights: all but norms and output biases, also the router and
/// the latent down-projections. Key and value heads are replicated once there are more GPUs than heads; latent caches
/// always. With `feed_forward` or `experts` these parts are divided over their own ranks, and compute for their own
/// sequences. Sources: vLLM v1/metrics/perf.py for the projections and attention, mla_attention.py for latent
/// attention.
std::vector<Operation> layer_operations(const Architecture& architecture, const Layer& layer, const Workload& workload,
                                        bool explain);

/// Distinct experts that `tokens` tokens reach with uniform routing: E · (1 − (1 − k/E)^T).
double distinct_experts(double experts, double experts_per_token, double tokens);

} // namespace weighbridge
