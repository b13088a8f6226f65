#pragma once

#include "core/engines/llamacpp/build.h"
#include "core/memory/layer_widths.h"
#include "core/memory/load.h"
#include "core/model/model.h"
#include "core/precision/format.h"
#include "core/sources/pattern.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// llama.cpp with every option resolved.
struct LlamaCppRun
{
    const Model* model = nullptr;
    std::vector<LayerWidths> widths; ///< of the model
    bool windowed = true; ///< false: llama.cpp keeps every token in every layer, whatever the config says of windows
    LlamaCppBuild build;
    NumberFormat weights;
    NumberFormat kv_k;
    NumberFormat kv_v;
    std::int64_t n_ctx = 4096; ///< of all sequences together, as asked for
    std::int64_t n_ubatch = 512;
    std::int64_t n_seq_max = 1;
    bool kv_unified = false;
    bool flash_attn = true;
    bool swa_full = false;
    std::int64_t n_gpu_layers = 0;   ///< of blocks() + 1, the output layer being one
    std::int64_t n_cpu_moe = 0;      ///< first layers whose routed experts stay on the CPU
    std::optional<std::int64_t> mla; ///< ik_llama.cpp's modes; left out: the latent vector alone
    std::int64_t attn_max_batch = 0; ///< MiB, ik_llama.cpp's -amb; 0: no limit
    std::int64_t predicted =
        0;                ///< prediction layers that count among the blocks of the file; none is loaded unless `mtp`
    std::int64_t mtp = 0; ///< of these, those that are loaded all the same, to draft tokens
    std::int64_t devices = 1;                ///< GPUs that share the layers
    bool without_gpu = false;                ///< the CPU does it all
    std::vector<std::size_t> device_numbers; ///< of the machine's, in their order; empty: the first ones
    std::vector<double> shares; ///< of the layers by GPU: free bytes, or what `tensor_split` says; empty: equal ones
    bool pads_rows = false;     ///< the last row of a quantized tensor on a GPU fills whole groups of 512 elements
    bool caches = true;         ///< false: every token sees all others of its ubatch, and nothing is kept
    bool kv_offload = true;     ///< caches lie on the GPUs of their layers
    bool op_offload = true;     ///< GPUs compute large batches of layers that lie on the CPU
    /// Of GGUF names of tensors that lie in the host's memory; null: none.
    std::shared_ptr<const std::vector<Pattern>> overrides;
    /// By layer what one that is split keeps on its device; nothing of one that is not. Null: none is.
    std::shared_ptr<const std::vector<std::optional<KeptPart>>> splits;
    bool flash_auto = false;                   ///< flash attention was not chosen: off where it runs on another device
    std::int64_t drafted = 0;                  ///< tokens that states can be taken back by
    std::int64_t checkpoints = 0;              ///< of states that lie beside them on the GPU, of each sequence
    std::optional<std::int64_t> n_outputs_max; ///< rows of logits; left out: one a sequence, -1: of every token
    double projector = 0;                      ///< bytes of a vision model's second file on the first GPU
    double host_projector = 0;                 ///< the same in the host's memory

    /// The place of a GPU of the run among the machine's.
    std::size_t device_at(std::size_t gpu) const { return device_numbers.empty() ? gpu : device_numbers[gpu]; }

    /// Whether tensors lie elsewhere than their layers.
    bool moves_tensors() const { return overrides != nullptr || splits != nullptr; }
    /// What a layer keeps on its device, where it is split.
    std::optional<KeptPart> kept_part(std::int64_t layer) const
    {
        const bool known = splits && layer >= 0 && layer < static_cast<std::int64_t>(splits->size());
        return known ? (*splits)[static_cast<std::size_t>(layer)] : std::nullopt;
    }

    /// What llama.cpp counts as layers: the output comes after them.
    std::int64_t blocks() const { return model->architecture.layers() + predicted; }
};

} // namespace weighbridge
