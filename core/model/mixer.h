#pragma once

#include "core/model/tensor.h"

#include <cstdint>
#include <variant>
#include <vector>

namespace weighbridge {

/// Which earlier tokens a layer attends to.
enum class AttentionSpan
{
    full,    ///< all of them; the cache grows with the sequence
    sliding, ///< the last `window` tokens
    chunked, ///< the tokens of the same chunk of `window` tokens (Llama 4)
};

enum class QkNorm
{
    none,
    per_head,   ///< one weight vector of head_dim each for queries and keys (Qwen3, Gemma 3)
    full_width, ///< weight vectors as wide as the projections (OLMo 2)
};

/// A sigmoid gate on the attention's output, computed from the layer's input.
enum class OutputGate
{
    none,
    per_head,      ///< one number per head: a matrix of `heads` rows (Laguna, Step-3.5)
    full_width,    ///< one number per output: a matrix of its own (AFMoE, Kimi-K3)
    doubled_query, ///< the same inside a q_proj of twice the rows (Qwen3-Next)
};

/// What picks the tokens that sparse attention looks at; it caches one key of head_dim per entry, shared by its heads
/// (DeepSeek-V3.2). No indexer: heads is 0.
struct Indexer
{
    std::int64_t heads = 0;
    std::int64_t head_dim = 0;
    bool head_weights = true; ///< a matrix that weighs the heads (weights_proj), beside queries and keys
    bool owned = true;        ///< false: uses what an earlier layer's picked; no tensors and no cache (GLM-5.2)
    std::int64_t top_k = 0;   ///< tokens (entries, of compressed attention) that it picks; 0: not known, all count

    bool cached() const { return heads > 0 && owned; }
    bool operator==(const Indexer&) const = default;
};

/// Multi-head, grouped-query or multi-query attention.
struct Attention
{
    std::int64_t heads = 0;
    std::int64_t kv_heads = 0;
    std::int64_t head_dim = 0;       ///< of queries and keys
    std::int64_t value_head_dim = 0; ///< of values; usually head_dim
    AttentionSpan span = AttentionSpan::full;
    std::int64_t window = 0; ///< tokens, for sliding and chunked spans
    bool qkv_bias = false;
    bool output_bias = false;
    bool sinks = false; ///< one learned scalar per head (gpt-oss)
    QkNorm qk_norm = QkNorm::none;
    OutputGate gate = OutputGate::none;
    bool key_projection = true;   ///< false: no k_proj, v_proj or k_norm, as in layers that reuse a cache (Gemma 4)
    bool value_projection = true; ///< false: values are the keys before their norm, cached beside them (Gemma 4)
    bool stores_cache = true;     ///< false: reads the cache of an earlier layer (Gemma 3n and 4)
    bool cross = false;          ///< attends to an encoder's states, cached per image, not per token (Llama 3.2 Vision)
    std::int64_t input_size = 0; ///< of q, k and v where it is not hidden_size (Zamba2: twice it)
    bool holds_weights = true;   ///< false: its matrices are shared, among Architecture::outer (Zamba2)
    Indexer indexer{};

    bool operator==(const Attention&) const = default;
};

/// Multi-head latent attention (DeepSeek-V2 and later): keys and values are rebuilt from one cached latent vector.
struct LatentAttention
{
    std::int64_t heads = 0;
    std::int64_t q_lora_rank = 0; ///< 0: queries are projected directly
    std::int64_t kv_lora_rank = 0;
    std::int64_t qk_nope_head_dim = 0;
    std::int64_t qk_rope_head_dim = 0;
    std::int64_t v_head_dim = 0;
    bool bias = false;                  ///< attention_bias: on q_a_proj, kv_a_proj and o_proj
    OutputGate gate = OutputGate::none; ///< none, per_head or full_width
    Indexer indexer{};

    bool operator==(const LatentAttention&) const = default;
};

/// Attention of DeepSeek-V4: low-rank queries of many heads meet one vector per token that is key and value at once. A
/// window of tokens is kept as it is; behind it, every `compress_ratio` tokens are kept as one vector.
struct CompressedAttention
{
    std::int64_t heads = 0;
    std::int64_t head_dim = 0; ///< of queries and of the one key/value
    std::int64_t q_lora_rank = 0;
    std::int64_t output_groups = 0;  ///< the output projection is low-rank in each group of heads
    std::int64_t output_rank = 0;    ///< of one group
    std::int64_t window = 0;         ///< tokens
    std::int64_t compress_ratio = 0; ///< tokens per entry behind the window; 0: nothing is kept behind it
    bool overlapping = false;        ///< two entries are projected per token and mixed over neighbours (ratio 4)
    Indexer indexer{};

    bool operator==(const CompressedAttention&) const = default;
};

enum class RecurrentKind
{
    mamba1,
    mamba2,
    gated_delta_net,
    kimi_delta,
    lightning,
    short_convolution,
    rwkv,
    rg_lru, ///< RecurrentGemma
};

/// A layer that keeps a state of constant size instead of keys and values. Its tensors are data, so that nothing but
/// the family's reader knows how its kind is built.
struct Recurrent
{
    RecurrentKind kind = RecurrentKind::mamba2;
    std::int64_t heads = 0;          ///< value heads; Mamba-1: channels
    std::int64_t key_heads = 0;      ///< heads of keys (GDN), groups of B and C (Mamba-2)
    std::int64_t key_dim = 0;        ///< per head: of keys, or Mamba's state size
    std::int64_t value_dim = 0;      ///< per head: of values, or Mamba's head_dim
    std::int64_t conv_channels = 0;  ///< of the causal convolution; 0 without one
    std::int64_t conv_kernel = 0;    ///< tokens it sees; it keeps one fewer
    std::int64_t state_elements = 0; ///< per sequence and layer, without the convolution's
    double state_bytes = 0; ///< per state element where the config fixes it (mamba_ssm_dtype); 0: as the model computes
    std::vector<Tensor> weights{}; ///< of one layer

    std::int64_t conv_elements() const { return conv_channels > 0 ? conv_channels * (conv_kernel - 1) : 0; }
    bool operator==(const Recurrent&) const = default;
};

/// "Mamba-2", "Gated DeltaNet": what people call it.
std::string_view recurrent_name(RecurrentKind kind);

using Mixer = std::variant<Attention, LatentAttention, CompressedAttention, Recurrent>;

} // namespace weighbridge
