#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weighbridge {

/// What a call of transformers' generate() or forward() is made with.
struct TransformersOptions
{
    std::string attn_implementation = "sdpa"; ///< eager, sdpa, flash_attention_2
    std::optional<std::int64_t> input_tokens; ///< of each sequence
    std::optional<std::int64_t> output_tokens;
    std::optional<std::int64_t> batch_size;
    std::optional<std::int64_t> logits_to_keep; ///< 0: of all tokens; generate() asks for 1

    bool operator==(const TransformersOptions&) const = default;
};

} // namespace weighbridge
