#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weighbridge {

/// Which layers rotate queries and keys.
enum class Rotation : std::uint8_t
{
    everywhere,
    nowhere,
    in_windows, ///< only those with a window or chunk
};

/// How a layer's parts follow one another.
enum class Block : std::uint8_t
{
    pre_norm,       ///< norm, attention, sum, norm, feed-forward, sum; further norms behind each part if it has four
    post_norm,      ///< a norm behind each part in place of those before (OLMo 2)
    after_sum,      ///< a norm behind each sum (BERT)
    parallel_ffn,   ///< both parts read the first norm; feed-forward and residual are summed first (Command R)
    parallel_norms, ///< the same with a norm of its own for each part (GPT-NeoX)
    parallel_attention, ///< attention is projected before the feed-forward (Phi-2)
    parallel_sum,       ///< feed-forward, attention, then the residual (Falcon)
    beside_experts,     ///< experts beside attention and a dense network (Arctic)
    altup,              ///< streams of hidden states (Gemma 3n)
    streams,            ///< the same, joined by hyper-connections (DeepSeek-V4)
};

/// Where only the rows of wanted outputs are kept.
enum class Rows : std::uint8_t
{
    in_last_layer, ///< of its mixer's result and of the residual
    behind_mixers, ///< of their sum
    before_final_norm,
    behind_final_norm,
};

/// What becomes of the weights of chosen experts.
enum class RouterWeights : std::uint8_t
{
    normed, ///< divided by their sum
    normed_scaled,
    plain,
    scaled,
    soft_max,
    before, ///< multiplied into what the experts read (Llama 4)
};

/// What llama.cpp's graph of a family has that its tensors don't tell (src/models/*.cpp).
struct GraphRules
{
    std::string_view family; ///< Hugging Face model_type
    Rotation rotation = Rotation::everywhere;
    Block block = Block::pre_norm;
    Rows rows = Rows::in_last_layer;
    RouterWeights router = RouterWeights::normed;
    int best_groups = 0;            ///< of 8 groups of experts, those that are chosen from; 0: they are not grouped
    int grouped_experts = 0;        ///< how many experts a network has whose experts are grouped
    int position_parts = 1;         ///< numbers that give a token's place (M-RoPE: 4)
    bool layer_norm = false;        ///< NORM in place of RMS_NORM
    bool scaled_embedding = false;  ///< the embedding is multiplied by a number
    bool learned_positions = false; ///< a row of a table of positions is added to it
    bool fused_projections = false; ///< queries, keys and values are parts of one product
    bool fused_gate_up = false;     ///< gate and up as well
    bool flat_query_norm = false;   ///< norms of queries and keys on the whole projection (OLMo 2)
    bool norm_after_rotation = false;
    bool full_frequencies = false;        ///< layers without a window share a table of rotary frequencies (Gemma 4)
    bool values_normed = false;           ///< values get a norm without weights (Gemma 3n, 4)
    bool scaled_without_rotation = false; ///< queries that are not rotated are scaled by position (Llama 4)
    bool inner_norms = false;             ///< norms before the output and the down projection (BitNet)
    bool residual_first = false;          ///< the sum behind a mixer takes the residual's place
    bool fed_residual_first = false;      ///< the sum behind a feed-forward does
    bool keeps_result = false;            ///< the last layer's, for layers that predict further tokens (Step-3.5)
    bool limited_gates = false;           ///< gate and up are clamped and multiplied in place (Step-3.5)
    bool root_scores = false;             ///< a square root is taken of the router's scores (DeepSeek-V4)
    bool paired_experts = false;          ///< two experts share a small one that reads their sum (GroveMoE)
    bool early_router = false;            ///< experts are chosen by what the layer reads (SmallThinker)
    bool hashed_router = false;           ///< layers without a correction look experts up in a table
    bool mixed_gates = false;             ///< of a delta net, as one product (Qwen3-Next)
    bool causal = true;                   ///< false: no cache, every token sees all others
    bool flash = true;                    ///< false: scores are capped, which FLASH_ATTN_EXT does not do here (Grok)
    bool expanded_latent = false;         ///< latent attention keeps every head's keys and values
    bool deep_embedding = false;          ///< images give features to the first layers (Qwen3-VL)
    bool pooled = false;                  ///< an embedding of each sequence comes out, not logits (BERT)
    bool headless = false;                ///< files have no head, and a tied one is not copied
    bool embedding_normed = false;        ///< the sum of the embeddings has a norm (BERT)
    bool embedding_with_head = false;     ///< files have the head alone, and rows are taken from it (CodeShell)
    bool head_on_cpu = false;             ///< a tied head is the CPU's embedding, not a copy on the GPU (BitNet)
    bool takes_states_back = false;       ///< states are kept for each drafted token (llm_arch_supports_rs_rollback)
    bool windowed = true;                 ///< false: llama.cpp has no windows whatever the config says
};

inline constexpr int router_groups = 8;

/// The row of a family, or nothing where llama.cpp's graph of it is not known here.
const GraphRules* graph_rules(std::string_view family);

} // namespace weighbridge
