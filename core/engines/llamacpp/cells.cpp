#include "core/engines/llamacpp/cells.h"

#include "core/quantity/rounding.h"

#include <algorithm>

namespace weighbridge {

namespace {

std::int64_t window_of(const LlamaCppRun& run)
{
    std::int64_t window = 0;
    for (const LayerWidths& widths : run.widths)
        if (widths.sliding)
            window = std::max(window, widths.window);
    return window;
}

} // namespace

std::int64_t padded_cells(std::int64_t cells)
{
    constexpr std::int64_t group = 256;
    return rounded_up(cells, group);
}

LlamaCppCells llama_cpp_cells(const LlamaCppRun& run)
{
    LlamaCppCells cells;
    cells.streams = run.kv_unified ? 1 : run.n_seq_max;
    cells.full = padded_cells(padded_cells(run.n_ctx) / cells.streams);
    cells.n_ctx = cells.full * cells.streams;
    cells.sliding = cells.full;
    const std::int64_t window = window_of(run);
    if (window > 0 && run.build.sizes_sliding_caches() && !run.swa_full) {
        const std::int64_t sharing = run.kv_unified ? run.n_seq_max : 1;
        cells.sliding = padded_cells(std::min(cells.full, window * sharing + std::min(run.n_ubatch, cells.n_ctx)));
    }
    return cells;
}

} // namespace weighbridge
