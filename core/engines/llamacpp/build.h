#pragma once

#include <string_view>

namespace weighbridge {

/// A build of llama.cpp or of the fork ik_llama.cpp, as far as memory depends on it.
struct LlamaCppBuild
{
    static constexpr int last_without_fused_sums = 10505;

    bool ik = false;  ///< ik_llama.cpp: caches every layer in full, has its own MLA modes
    bool old = false; ///< of 2025 or before
    int number = 0;   ///< "b10505": 10505; 0 where the text names none

    /// Bytes per entry of the attention mask with flash attention: built in fp32 and cast until May 2026, in fp16 since
    /// (llama.cpp#23764).
    int flash_mask_bytes() const { return ik || old ? 6 : 2; }
    bool casts_masks() const { return flash_mask_bytes() > 2; }
    /// Gate and up are multiplied in place in old graphs; ggml_swiglu_split (2025) writes a third tensor.
    bool multiplies_in_place() const { return ik || old; }
    /// Prompt batches of tensors on the CPU are computed on the GPU, which needs a copy there. The fork does so only
    /// for formats that it did not repack, and logs show none for experts.
    bool streams_weights() const { return !ik; }
    /// Logits of every token of a ubatch are reserved, not of one a sequence (until llama.cpp#23861, June 2026).
    bool reserves_all_outputs() const { return ik || old; }
    /// fp16 copies of a quantized cache lie behind the attention's result (llama.cpp#23907); before, in a pool of
    /// CUDA's.
    bool copies_quantized_caches() const { return !ik && !old; }
    /// Queries, keys and values are turned before they are quantized (llama.cpp#21038, 2026).
    bool turns_caches() const { return !ik && !old; }
    /// Experts' outputs live until their weighted sum, one operation, is done (llama.cpp#25952, after b10505).
    bool fuses_expert_sums() const { return !ik && !old && (number == 0 || number > last_without_fused_sums); }
    /// Flash attention is chosen where the backend has it (`auto`) since 2026; before, it had to be asked for.
    bool defaults_to_flash() const { return !ik && !old; }
    /// Whether every sequence has cells of its own unless `kv_unified` is set; before July 2025 all shared one cache
    /// (llama.cpp#14363).
    bool separates_sequences() const { return !ik && !old; }
    /// Whether sliding-window layers have a cache of their own size (llama.cpp#13194).
    bool sizes_sliding_caches() const { return !ik; }
    /// `n_gpu_layers` counts the output layer first: layer 0 is the last to move (llama-model.cpp, i_gpu_start). The
    /// fork and old builds moved the output layer last.
    bool moves_output_first() const { return !ik && !old; }
};

/// Reads "b9993", "ik_llama.cpp (2024-2025)", "mainline (2025)": the fork by its name, old builds by a year before
/// 2026. Anything else stands for the newest build known here.
LlamaCppBuild llama_cpp_build(std::string_view engine_version);

} // namespace weighbridge
