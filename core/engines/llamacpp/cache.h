#pragma once

#include "core/engines/llamacpp/cells.h"
#include "core/engines/llamacpp/run.h"
#include "core/quantity/formula.h"

#include <cstdint>

namespace weighbridge {

/// Whether a row of the cache layout lies in the cache of sliding-window layers.
bool in_sliding_cache(const LlamaCppRun& run, const CacheRun& cache);

/// Bytes that `layers` layers of a row of the cache layout hold, all streams together (llama-kv-cache.cpp). Rows of
/// llama.cpp's cache types are whole blocks. Instantiated for double and Traced.
template<class Number>
Number llama_cpp_cache_bytes(const LlamaCppRun& run, const LlamaCppCells& cells, const CacheRun& cache,
                             std::int64_t layers);

/// Bytes that a GPU's buffers have more: every quantized tensor's last row is padded (ggml-cuda.cu,
/// ggml_backend_cuda_buffer_type_get_alloc_size).
template<class Number>
Number llama_cpp_row_padding(const LlamaCppRun& run, const CacheRun& cache, std::int64_t layers);

/// Bytes of the states that `layers` layers of a recurrent row hold for all sequences.
template<class Number>
Number llama_cpp_recurrent_bytes(const LlamaCppRun& run, const CacheRun& cache, std::int64_t layers);

/// Bytes of the states that compressors of `layers` layers hold for all sequences (DeepSeek-V4); none in other rows.
template<class Number>
Number llama_cpp_compressor_bytes(const LlamaCppRun& run, const CacheRun& cache, std::int64_t layers);

/// Bytes of the whole cache: keys and values of every layer; sliding-window layers' alone; recurrent states.
struct LlamaCppCacheBytes
{
    double kv = 0;      ///< both caches
    double sliding = 0; ///< of which sliding-window layers'
    double recurrent = 0;
};

LlamaCppCacheBytes llama_cpp_cache(const LlamaCppRun& run);

} // namespace weighbridge
