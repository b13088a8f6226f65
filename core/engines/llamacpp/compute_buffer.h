#pragma once

#include "core/engines/llamacpp/cells.h"
#include "core/engines/llamacpp/placement.h"
#include "core/engines/llamacpp/run.h"
#include "core/quantity/formula.h"

#include <string_view>

namespace weighbridge {

/// What fills the compute buffer of one device at its fullest. The buffer is the peak of an allocator that gives every
/// intermediate tensor back after its last use, over a graph of one ubatch (llama-context.cpp, sched_reserve;
/// ggml-alloc.c); it does not depend on how many layers there are.
enum class ComputeMoment
{
    output,        ///< the last norm and the logits of every token of the ubatch
    attention,     ///< queries, keys, values and scores (or the output of flash attention)
    feed_forward,  ///< gate, up and their product
    experts,       ///< the same for every expert of every token
    expert_sum,    ///< every expert's output, before they are added up
    streamed,      ///< a weight from the CPU's memory, copied over for a large batch, and what it multiplies
    streamed_head, ///< the same of the head, which gives the logits of every token of the ubatch
};

std::string_view compute_moment_name(ComputeMoment moment);

/// A moment and the kind of layer that it happens in.
struct ComputePeak
{
    ComputeMoment moment = ComputeMoment::output;
    std::size_t kind = 0;
    double bytes = 0;
};

/// The fullest moment of a device; no bytes where nothing runs on it. `offloads` says that prompt batches of layers
/// that lie on the CPU are computed here.
ComputePeak llama_cpp_compute_peak(const LlamaCppRun& run, const LlamaCppCells& cells, const DeviceLayers& device,
                                   const DeviceLayers& cpu);

/// Its bytes. Instantiated for double and Traced.
template<class Number>
Number llama_cpp_compute_bytes(const LlamaCppRun& run, const LlamaCppCells& cells, ComputeMoment moment,
                               std::size_t kind);

} // namespace weighbridge
