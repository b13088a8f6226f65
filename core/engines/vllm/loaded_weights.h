#pragma once

#include "core/engines/vllm/settings.h"

namespace weighbridge::vllm {

/// What loading leaves on a GPU beside the elements of the checkpoint's tensors. Bytes.
struct LoadedExtras
{
    double vocabulary_padding = 0; ///< rows up to a multiple of 64 (VocabParallelEmbedding)
    double rope_tables = 0;        ///< cos_sin_cache of each distinct RoPE: positions x rotated width
    double absorbed = 0;           ///< MLA: W_UK_T and W_UV beside kv_b_proj (mla_attention.py)
    double expert_padding = 0;     ///< MXFP4 experts as their kernels want them
    double rounding = 0;           ///< the CUDA allocator's, over the tensors as vLLM fuses them

    double total() const { return vocabulary_padding + rope_tables + absorbed + expert_padding + rounding; }
};

/// Of `inputs.model`, which may be one stage of a pipeline.
LoadedExtras loaded_extras(const InferenceInputs& inputs, const Settings& settings);

/// "Model loading took": checkpoint elements on this rank and the extras.
double loaded_bytes(const InferenceInputs& inputs, const Settings& settings);

} // namespace weighbridge::vllm
