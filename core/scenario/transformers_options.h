#pragma once

#include "core/scenario/option.h"

namespace weighbridge {

/// How a call shares its tokens between prompt and answer.
struct CallOptions
{
    std::optional<std::int64_t> input_tokens; ///< of each sequence
    std::optional<std::int64_t> output_tokens;

    bool operator==(const CallOptions&) const = default;
};

inline constexpr std::array call_options = {
    OptionRow<CallOptions>{.name = "input_tokens",
                           .member = member<&CallOptions::input_tokens>,
                           .range = {1, most_tokens},
                           .help = "Tokens of each prompt",
                           .left_out = "what output_tokens leave of inference.sequence_length"},
    OptionRow<CallOptions>{.name = "output_tokens",
                           .member = member<&CallOptions::output_tokens>,
                           .range = {0, most_tokens},
                           .help = "Tokens of each answer; 0: one forward pass",
                           .left_out = "what input_tokens leave of inference.sequence_length"},
};

/// What a call of transformers' generate() or forward() is made with.
struct TransformersOptions
{
    static constexpr std::string_view engine = "transformers"; ///< whose they are

    std::string attn_implementation = "sdpa"; ///< eager, sdpa, flash_attention_2
    std::optional<std::int64_t> batch_size;
    std::optional<std::int64_t> logits_to_keep; ///< 0: of all tokens; generate() asks for 1

    bool operator==(const TransformersOptions&) const = default;
};

inline constexpr std::array transformers_options = {
    OptionRow<TransformersOptions>{.name = "attn_implementation",
                                   .member = member<&TransformersOptions::attn_implementation>,
                                   .choices = {"eager", "sdpa", "flash_attention_2"},
                                   .help = "Eager attention makes the scores of a whole layer"},
    OptionRow<TransformersOptions>{.name = "batch_size",
                                   .member = member<&TransformersOptions::batch_size>,
                                   .range = {1, most_sequences},
                                   .help = "Sequences of the call",
                                   .left_out = "inference.concurrent_sequences"},
    OptionRow<TransformersOptions>{.name = "logits_to_keep",
                                   .member = member<&TransformersOptions::logits_to_keep>,
                                   .range = {0, most_tokens},
                                   .help = "Tokens whose logits are computed; 0: all",
                                   .left_out = "1, as generate() asks"},
};

} // namespace weighbridge
