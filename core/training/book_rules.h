#pragma once

#include "core/training/training.h"

namespace weighbridge {

/// The book appendix's own rules, B.8 and B.9, per model and not per GPU: bytes per parameter by precision and
/// optimizer, activations as 34 · h · s · L · 2 · b with a factor for recomputation and a cap, LoRA as a fraction of
/// the parameters. Figures are decimal gigabytes in the appendix, but its activations are divided by 2^30: the cap
/// compares the two as they stand there.
struct BookRules
{
    double parameters = 0;
    double hidden_size = 0;
    double layers = 0;
    double sequence_length = 0;
    double batch_size = 1;
    bool fp32 = false;
    bool second_moment = true; ///< AdamW; SGD keeps one state
    bool recompute = true;     ///< factor 0.35 in place of 1
    double weight_bytes = 2;   ///< of a frozen base: 0.5 for INT4
    double lora_fraction = 0;  ///< 0: full training
};

/// 16, or 12 for SGD with bf16 weights; of LoRA 12 or 8 per adapter parameter.
double book_bytes_per_parameter(const BookRules& rules);

template<class Number>
Number book_weights_and_states(const BookRules& rules);
template<class Number>
Number book_lora(const BookRules& rules);
template<class Number>
Number book_activations(const BookRules& rules);

extern template double book_weights_and_states<double>(const BookRules&);
extern template double book_lora<double>(const BookRules&);
extern template double book_activations<double>(const BookRules&);

BookRules book_rules_of(const TrainingInputs& inputs);

/// The terms weights, gradients, optimizer (or adapters) and activations by these rules.
std::vector<Term> book_terms(const BookRules& rules);

} // namespace weighbridge
