#pragma once

#include "core/engines/vllm/offload.h"

namespace weighbridge::vllm {

/// What loading leaves on a GPU beside the elements of the checkpoint's tensors. Bytes.
struct LoadedExtras
{
    double vocabulary_padding = 0; ///< vocabulary_padding_bytes()
    double rope_tables = 0;        ///< cos_sin_cache of each distinct RoPE: positions x rotated width
    double absorbed = 0;           ///< MLA: W_UK_T and W_UV where they are no views of kv_b_proj (mla_attention.py)
    double buffers = 0;            ///< that a class sets aside, and what it holds wider or twice
    double draft = 0;              ///< what drafts tokens
    double adapters = 0;           ///< slots of LoRA
    double expert_padding = 0;     ///< MXFP4 experts as their kernels want them
    double redundant = 0;          ///< copies of experts
    double rounding = 0;           ///< rounding_bytes()
    Offloaded offload;             ///< taken off

    /// Without what lies in the host's memory.
    double total() const
    {
        return vocabulary_padding + rope_tables + absorbed + buffers + draft + adapters + expert_padding + redundant +
               rounding + offload.buffers - offload.moved;
    }
};

/// Rows of the embedding and the head up to a multiple of 64, on one rank (VocabParallelEmbedding).
double vocabulary_padding_bytes(const InferenceInputs& inputs);

/// What the CUDA allocator adds to the tensors as vLLM fuses them, on one rank.
double rounding_bytes(const InferenceInputs& inputs);

/// Of `inputs.model`, which may be one stage of a pipeline; the last has the layers that draft.
LoadedExtras loaded_extras(const InferenceInputs& inputs, const Settings& settings, bool last = true);

/// "Model loading took": checkpoint elements on this rank and the extras.
double loaded_bytes(const InferenceInputs& inputs, const Settings& settings, bool last = true);

} // namespace weighbridge::vllm
