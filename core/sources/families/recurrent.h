#pragma once

#include "core/model/mixer.h"
#include "core/sources/config_reader.h"

#include <cstdint>
#include <string>

// Recurrent mixers with their tensors, as modeling files of transformers spell them within a layer.

namespace weighbridge {

/// Sizes of a Mamba-2 mixer (arXiv:2405.21060; mamba2 and the hybrids).
struct Mamba2Sizes
{
    std::int64_t heads = 0;
    std::int64_t head_dim = 0;
    std::int64_t groups = 0;
    std::int64_t state = 0;
    std::int64_t kernel = 0;
    bool conv_bias = true;
    bool projection_bias = false;
    bool gated_norm = true;
};

Recurrent mamba2(const Mamba2Sizes& sizes, std::int64_t hidden_size, const std::string& module = "mamba");

/// Sizes of a Mamba mixer (arXiv:2312.00752).
struct Mamba1Sizes
{
    std::int64_t inner = 0;
    std::int64_t state = 0;
    std::int64_t kernel = 0;
    std::int64_t time_step_rank = 0;
    bool conv_bias = true;
    bool projection_bias = false;
    bool inner_norms = false; ///< of the time step, B and C (Jamba)
};

Recurrent mamba1(const Mamba1Sizes& sizes, std::int64_t hidden_size, const std::string& module = "mamba");

/// Heads and widths of linear attention with the delta rule.
struct DeltaSizes
{
    std::int64_t key_heads = 0;
    std::int64_t value_heads = 0;
    std::int64_t key_dim = 0;
    std::int64_t value_dim = 0;
    std::int64_t kernel = 0;
};

/// modeling_qwen3_next.py: one convolution over queries, keys and values, a gate, a norm per value head.
Recurrent gated_delta_net(const DeltaSizes& sizes, std::int64_t hidden_size);

/// Sizes of Kimi Delta Attention, and which of its gates are matrices of full rank.
struct KimiDeltaSizes
{
    std::int64_t heads = 0;
    std::int64_t head_dim = 0;
    std::int64_t kernel = 0;
    bool full_output_gate = false;
    bool full_forget_gate = false; ///< Ling 3.0
};

/// modeling_kimi_linear of the model's repository: a convolution each for queries, keys and values, a forget gate and
/// an output gate.
Recurrent kimi_delta(const KimiDeltaSizes& sizes, std::int64_t hidden_size);

/// Lightning attention with an output gate and a norm (modeling_minimax.py).
Recurrent lightning_attention(std::int64_t heads, std::int64_t head_dim, std::int64_t hidden_size);

/// The gated short convolution of LFM2 (modeling_lfm2.py).
Recurrent short_convolution(std::int64_t kernel, bool bias, std::int64_t hidden_size);

/// Bytes of one state element where a config fixes them under that key ("float32"); 0 where it does not.
double read_state_bytes(ConfigReader& config, std::string_view key);

/// Ranges that keep products of widths within what is computed.
namespace ranges {
inline constexpr IntegerRange kernel{1, 1'024};
inline constexpr IntegerRange state{1, 65'536};
} // namespace ranges

} // namespace weighbridge
