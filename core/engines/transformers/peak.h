#pragma once

#include "core/engines/transformers/run.h"
#include "core/quantity/formula.h"

#include <string_view>

namespace weighbridge {

/// The moments of a call at which torch.cuda.max_memory_allocated can be reached.
enum class PeakMoment
{
    load,          ///< a quantized checkpoint's own copy of a tied head is there until it is tied
    prefill,       ///< the last layer works on the prompt, all other layers' caches are written
    prompt_logits, ///< the head has run
    first_decode,  ///< the first step after the prompt
    last_decode,   ///< the cache is longest
};

/// "the prompt in the last layer": for labels and sources.
std::string_view peak_moment_name(PeakMoment moment);

/// The moment at which most is allocated.
PeakMoment transformers_peak_moment(const TransformersRun& run);

/// The cache as it is at a moment; in releases that copy it, both copies. Instantiated for double and Traced.
template<class Number>
Number transformers_cache_at(const TransformersRun& run, PeakMoment moment);

/// Everything else that is not weights at that moment.
template<class Number>
Number transformers_activations_at(const TransformersRun& run, PeakMoment moment);

/// Cosines and sines that old releases keep per layer: of max_position_embeddings tokens, as wide as a head; 0 since.
template<class Number>
Number transformers_rope_tables(const TransformersRun& run);

/// The cuBLAS workspace in torch's allocator: 4096 KiB twice and 16 KiB eight times (aten/src/ATen/cuda/CUDABlas.cpp,
/// getChosenWorkspaceSize; 32 MiB on Hopper).
inline constexpr double cublas_workspace_bytes = 8519680;

} // namespace weighbridge
