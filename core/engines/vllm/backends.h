#pragma once

#include "core/engines/version.h"
#include "core/memory/load.h"

#include <string>
#include <string_view>

namespace weighbridge::vllm {

/// The version that the scenario names, or the newest.
EngineVersion version_of(const InferenceInputs& inputs);

/// How sparse MLA (DeepSeek-V3.2, GLM-5) keeps an entry, in every layer of the network.
enum class SparseEntry
{
    none,     ///< the network has no sparse MLA
    computed, ///< in the cache's own type
    ds_mla,   ///< fp8 with an fp32 scale per 128, the RoPE part in 16 bits: FlashMLA (656 bytes)
    fp8,      ///< all of it: FlashInfer on 10.x (576 bytes)
    nvfp4,    ///< 4 bits with an fp8 scale per 16, the RoPE part in 8 bits, up to 0.32 in 16 (nvfp4_ds_mla)
};

SparseEntry sparse_entry(const InferenceInputs& inputs);

/// The backend that was named, as far as the cache depends on it; null: none was, or it is not known.
struct AttentionBackend
{
    std::string_view name;
    std::int64_t block_size = 16; ///< tokens, where none is given
};
const AttentionBackend* named_backend(const InferenceInputs& inputs);

/// "FLASH_ATTN, FLASHINFER ...": those that are known.
std::string known_backends();

/// Tokens of a block where none are asked for: 16, or the least that every backend of the network takes on that device
/// (v1/attention/backends, get_supported_kernel_block_sizes; platforms/interface.py, update_block_size_for_backend).
std::int64_t default_block_size(const InferenceInputs& inputs);

/// Batches whose tokens a windowed layer holds at a time (config/vllm.py, max_concurrent_batches).
std::int64_t concurrent_batches(const InferenceInputs& inputs);

} // namespace weighbridge::vllm
