#pragma once

#include "core/engines/vllm/settings.h"

namespace weighbridge::vllm {

/// What the profile run's shapes come from: the widest layer and the head of one stage.
struct ProfileShapes
{
    double tokens = 0; ///< max_num_batched_tokens
    double rows = 0; ///< of logits: min(tokens, max_num_seqs), drafted tokens or not (gpu_model_runner.py, _dummy_run)
    double hidden = 0;
    double vocabulary = 0;     ///< padded; 0 on a stage without the head
    double up_width = 0;       ///< of gate and up together on a rank, widest dense layer
    double inner_width = 0;    ///< of the activation function's output
    double expert_width = 0;   ///< per token and rank: top_k · (max(2·h_exp, h) + max(h_exp, h)); 0 without experts
    double bytes = 2;          ///< per element of what is computed
    double quantized_copy = 0; ///< bytes per element of a quantized copy of the down projection's input; 0 without
    bool towers = false;       ///< encoder outputs of a whole batch are kept beside it
    double small_buffers = 0;  ///< bytes of workspaces
    bool sends_on = false;     ///< to the next stage: hidden states and residual
};

ProfileShapes profile_shapes(const InferenceInputs& inputs, const Settings& settings, bool first, bool last);

/// "PyTorch activation peak": the larger of one layer on a full batch and the sampler on all rows, and what lives
/// through both. Constants in docs/formulas.md.
template<class Number>
Number activation_peak(const ProfileShapes& shapes, Era era);

extern template double activation_peak<double>(const ProfileShapes&, Era);
extern template Traced activation_peak<Traced>(const ProfileShapes&, Era);

} // namespace weighbridge::vllm
