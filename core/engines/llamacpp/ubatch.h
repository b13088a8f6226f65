#pragma once

#include "core/engines/llamacpp/run.h"
#include "core/quantity/formula.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace weighbridge {

/// Batches below this are computed where the weights lie (ggml-cuda.cu, min_batch_size of offload_op).
inline constexpr std::int64_t least_streamed_batch = 32;

/// Tokens that the graph is reserved for.
inline std::int64_t ubatch_tokens(const LlamaCppRun& run)
{
    return std::min(run.n_ctx, run.n_ubatch);
}

/// Rows of logits that the graph is reserved for, at most (llama-context.cpp, n_outputs_max).
inline std::int64_t llama_cpp_outputs(const LlamaCppRun& run)
{
    const std::int64_t all = ubatch_tokens(run);
    if (run.build.reserves_all_outputs())
        return all;
    const std::int64_t wanted = run.n_outputs_max.value_or(run.n_seq_max);
    return wanted < 0 ? all : std::min(all, wanted);
}

/// How often every input of the graph is kept, so that a ubatch can be handed in while others are computed: with all
/// layers and caches on several GPUs and no tensor elsewhere (llama-context.cpp, pipeline_parallel; the fork keeps
/// one).
inline std::int64_t input_copies(const LlamaCppRun& run)
{
    constexpr std::int64_t most = 4; // GGML_SCHED_MAX_COPIES
    const bool pipelined = run.devices > 1 && run.n_gpu_layers > run.blocks() && run.kv_offload && run.n_cpu_moe == 0 &&
                           !run.moves_tensors() && !run.build.ik;
    return pipelined ? most : 1;
}

template<class Number>
Number extent(std::string_view symbol, std::int64_t value)
{
    return named<Number>(symbol, static_cast<double>(value));
}

/// What every rule of the compute buffer multiplies: activations are fp32.
template<class Number>
struct UbatchSymbols
{
    Number u, h, four;

    explicit UbatchSymbols(const LlamaCppRun& run)
        : u(extent<Number>("n_ubatch", ubatch_tokens(run))),
          h(extent<Number>("h", run.model->architecture.hidden_size)), four(constant<Number>(4))
    {
    }
};

} // namespace weighbridge
