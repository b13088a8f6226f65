#pragma once

#include "core/precision/gguf_mix.h"

#include <cstdint>
#include <vector>

namespace weighbridge {

/// What llama.cpp's quantization takes a tensor for. It goes by the tensor's name in the file.
enum class GgufRole
{
    kept_f32,  ///< vectors, routers, convolutions: written in 32 bits, never quantized
    kept_16,   ///< small matrices that stay as they are
    embedding, ///< token_embd
    output,
    attn_q,
    attn_k,
    attn_v,
    attn_qkv,
    attn_output,
    ffn_up,
    ffn_gate,
    ffn_down,
    other, ///< the base type: MLA projections, state-space inputs and outputs
};

/// Decided like attn_v.
inline bool is_value_like(GgufRole role)
{
    return role == GgufRole::attn_v || role == GgufRole::attn_qkv;
}

/// A tensor of the file that a row of the inventory, or a part of one, becomes.
struct GgufPiece
{
    GgufRole role = GgufRole::other;
    double fraction = 1;         ///< of the row's elements
    std::int64_t row_length = 1; ///< elements that lie next to each other (ne[0]); types pack them in blocks
    bool experts = false;        ///< a stack of matrices
};

/// The tensors that a row becomes: one, but for MLA's kv_b_proj, which is written as attn_k_b and attn_v_b.
std::vector<GgufPiece> gguf_pieces(const Architecture& architecture, const Tensor& tensor);

/// The rules of one mix for one model. They count tensors as they come, so `type` has to be asked in the file's order.
class GgufRules
{
public:
    GgufRules(const GgufMixName& mix, bool imatrix, const Architecture& architecture,
              const std::vector<Tensor>& tensors);

    const StoredType& type(const GgufPiece& piece, std::int64_t layer);

    std::int64_t values = 0; ///< tensors like attn_v in the whole model; to be set before the first question

private:
    std::string_view chosen(const GgufPiece& piece, std::int64_t layer);
    std::string_view of_output(const GgufPiece& piece) const;
    std::string_view of_embedding() const;
    std::string_view in_low_bits(GgufRole role);
    std::string_view of_values();
    std::string_view of_ffn_down(std::int64_t layer);
    std::string_view of_attn_output() const;
    bool is(std::initializer_list<GgufMix> mixes) const;

    GgufMix mix_;
    std::string_view base_;
    bool maker_;
    bool imatrix_;
    bool tied_;
    bool falcon_;
    bool seventy_b_ = false; ///< what llama.cpp calls a 70B model: 80 layers with grouped queries
    std::int64_t layers_;
    std::int64_t experts_ = 0;
    std::int64_t queries_per_key_ = 0;
    std::int64_t values_seen_ = 0;
    std::int64_t downs_seen_ = 0;
};

} // namespace weighbridge
