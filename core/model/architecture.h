#pragma once

#include <cstdint>
#include <string>
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
    bool bias = false; ///< attention_bias: on q_a_proj, kv_a_proj and o_proj

    bool operator==(const LatentAttention&) const = default;
};

using Mixer = std::variant<Attention, LatentAttention>;

struct DenseFeedForward
{
    std::int64_t intermediate_size = 0;
    bool gated = true; ///< three matrices (SwiGLU, GeGLU) or two
    bool bias = false;

    bool operator==(const DenseFeedForward&) const = default;
};

struct MixtureOfExperts
{
    std::int64_t routed_experts = 0;
    std::int64_t experts_per_token = 0;
    std::int64_t expert_intermediate_size = 0;
    std::int64_t shared_experts = 0;           ///< how many run for every token
    std::int64_t shared_intermediate_size = 0; ///< of all shared experts together
    bool shared_gate = false;                  ///< a sigmoid gate of one row (Qwen2-MoE)
    bool router_bias = false;                  ///< one number per expert: a bias or a score correction
    bool expert_bias = false;                  ///< on every expert projection (gpt-oss)

    bool operator==(const MixtureOfExperts&) const = default;
};

using FeedForward = std::variant<DenseFeedForward, MixtureOfExperts>;

/// One kind of decoder layer.
struct Layer
{
    Mixer mixer;
    FeedForward feed_forward;
    int norms = 2; ///< weight vectors of hidden_size: 2 pre-norms, or 4 with post-norms (Gemma 2 and 3)

    bool operator==(const Layer&) const = default;
};

/// `count` equal layers that follow one another; `kind` indexes Architecture::kinds.
struct LayerRun
{
    std::size_t kind = 0;
    std::int64_t count = 0;

    bool operator==(const LayerRun&) const = default;
};

/// A vision or audio tower, or the projector that joins one to the language model: parameters that a text token does
/// not use.
struct Tower
{
    std::string name; ///< as the checkpoint spells it: "vision_tower", "multi_modal_projector"
    std::int64_t parameters = 0;

    bool operator==(const Tower&) const = default;
};

/// What a network is: everything that decides its tensors, caches and operations, and nothing about how it is run.
struct Architecture
{
    std::string family; ///< Hugging Face model_type, or "generic" for the form's own decoder
    std::int64_t hidden_size = 0;
    std::int64_t vocab_size = 0;
    bool tie_word_embeddings = false;
    std::int64_t max_position_embeddings = 0; ///< 0 where unknown
    std::string torch_dtype;                  ///< as stored: "bfloat16"; empty where unknown
    std::vector<Layer> kinds;                 ///< the distinct layers, in order of first appearance
    std::vector<LayerRun> runs;               ///< all layers in order, run-length encoded; neighbours differ
    std::int64_t mtp_layers = 0; ///< multi-token-prediction layers that the checkpoint holds beside the network
    std::vector<Tower> towers;

    /// Appends one layer, merging it with the run before and with an equal kind.
    void append(const Layer& layer);

    std::int64_t layers() const;
    /// How many layers are of a kind.
    std::int64_t layers_of(std::size_t kind) const;

    bool operator==(const Architecture&) const = default;
};

/// "GQA 8:1", "MHA", "MQA", "MLA": how queries share keys, for the widest kind of layer.
std::string attention_summary(const Architecture& architecture);

} // namespace weighbridge
