#pragma once

#include <span>
#include <string_view>

namespace weighbridge {

/// What a loss keeps; a row of the table of losses. Bytes per logit are of one of T·v, where T are the tokens that have
/// logits. The peak is kept + working / chunks.
struct Loss
{
    std::string_view id; ///< "fp32_upcast"
    double kept = 0;     ///< of all tokens at once, while the loss goes back
    double forward = 0;  ///< the same while it is computed
    double working = 0;  ///< of one chunk
    /// Of a loss that is compiled: the upcast never reaches memory.
    double compiled_kept = 0;
    double compiled_working = 0;
    double returned = 0;  ///< of the logits that the model returns beside its loss
    double left_over = 0; ///< of blocks that nothing else of the loss fits into; the allocator keeps them reserved
    bool chunked = false;
    double hidden = 0;                ///< bytes per element of the last hidden state: its gradient and copies
    double head_gradient = 0;         ///< bytes per element of a trained head: gradients that the loss itself makes
    std::int64_t tile_tokens = 0;     ///< of a loss in tiles of tokens and vocabulary
    std::int64_t tile_vocabulary = 0; ///< 0: chunks have the whole vocabulary
    std::string_view source;
};

std::span<const Loss> losses();
const Loss* find_loss(std::string_view id);

} // namespace weighbridge
