#pragma once

#include "core/engines/transformers/release.h"
#include "core/memory/layer_widths.h"
#include "core/model/model.h"
#include "core/precision/format.h"
#include "core/quantity/formula.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace weighbridge {

/// How transformers computes attention (`attn_implementation`).
enum class AttentionImplementation
{
    eager, ///< scores as a tensor of their own
    sdpa,  ///< torch.nn.functional.scaled_dot_product_attention
    flash, ///< FlashAttention: flash_attention_2 and later
};

/// One call of generate(): a prompt of `input_tokens` per sequence, then `output_tokens` one by one.
struct TransformersRun
{
    const Model* model = nullptr;
    std::vector<LayerWidths> widths; ///< of the model
    TransformersRelease release;
    AttentionImplementation attention = AttentionImplementation::sdpa;
    NumberFormat weights;
    NumberFormat kv_k;
    NumberFormat kv_v;
    NumberFormat activations;
    std::int64_t batch_size = 1;
    std::int64_t input_tokens = 1;
    std::int64_t output_tokens = 0;
    std::int64_t logits_to_keep = 1; ///< rows of logits per sequence; 0: of every prompt token
};

/// A width or a count of the model as an input of a formula.
template<class Number>
Number extent(std::string_view symbol, std::int64_t value)
{
    return named<Number>(symbol, static_cast<double>(value));
}

} // namespace weighbridge
