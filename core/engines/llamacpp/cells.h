#pragma once

#include "core/engines/llamacpp/run.h"

#include <cstdint>

namespace weighbridge {

/// Cells per stream of the caches: one cell holds one token of every layer of its kind.
struct LlamaCppCells
{
    std::int64_t full = 0;
    std::int64_t sliding = 0; ///< of sliding-window layers
    std::int64_t streams = 1; ///< 1 with a unified cache, else one per sequence
    std::int64_t n_ctx = 0;   ///< what llama.cpp prints as n_ctx

    std::int64_t all_full() const { return full * streams; }
    std::int64_t all_sliding() const { return sliding * streams; }
};

/// Rounded up to whole groups of 256 cells, which flash-attention kernels want (llama-kv-cache.cpp, llama.cpp#17037).
std::int64_t padded_cells(std::int64_t cells);

/// Full caches: n_ctx, or each sequence's share of it. Sliding ones: window and one ubatch, of every sequence that
/// shares the cache, no more than a full one (llama-kv-cache-iswa.cpp; llama-context.cpp).
LlamaCppCells llama_cpp_cells(const LlamaCppRun& run);

} // namespace weighbridge
