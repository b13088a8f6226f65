#pragma once

#include <string_view>

namespace weighbridge {

/// A build of llama.cpp or of the fork ik_llama.cpp, as far as memory depends on it.
struct LlamaCppBuild
{
    bool ik = false;  ///< ik_llama.cpp: caches every layer in full, has its own MLA modes
    bool old = false; ///< of 2025 or before
    int number = 0;   ///< "b10505": 10505; of a date one that was built about then; 0 where the text names none

    // The first builds with a rule. Pull requests' days are known, builds between two that are dated are reckoned.
    static constexpr int turns_from = 8607;           ///< llama.cpp#21038
    static constexpr int fp16_masks_from = 9368;      ///< llama.cpp#23764, 28 May 2026
    static constexpr int server_rows_from = 9420;     ///< llama.cpp#23861, 1 June 2026
    static constexpr int reserves_copies_from = 9475; ///< llama.cpp#23907, 4 June 2026
    static constexpr int fused_sums_from = 10506;     ///< llama.cpp#25952: b10505 is without it

    /// Bytes per entry of the attention mask with flash attention: built in fp32 and cast before, in fp16 since.
    int flash_mask_bytes() const { return has(fp16_masks_from) ? 2 : 6; }
    bool casts_masks() const { return flash_mask_bytes() > 2; }
    /// Gate and up are multiplied in place in old graphs; ggml_swiglu_split (2025) writes a third tensor.
    bool multiplies_in_place() const { return ik || old; }
    /// Prompt batches of tensors on the CPU are computed on the GPU, which needs a copy there. The fork does so only
    /// for formats that it did not repack, and logs show none for experts.
    bool streams_weights() const { return !ik; }
    /// Logits of every token of a ubatch are reserved, not of one a sequence.
    bool reserves_all_outputs() const { return !has(server_rows_from); }
    /// fp16 copies of a quantized cache lie behind the attention's result; before, in a pool of CUDA's.
    bool copies_quantized_caches() const { return has(reserves_copies_from); }
    /// CUDA's buffers are printed with the padding of quantized rows; the fork prints bytes of tensors.
    bool pads_rows() const { return !ik && !old; }
    /// Queries, keys and values are turned before they are quantized.
    bool turns_caches() const { return has(turns_from); }
    /// Experts' outputs live until their weighted sum, one operation, is done.
    bool fuses_expert_sums() const { return has(fused_sums_from); }
    /// Flash attention is chosen where the backend has it (`auto`) since 2026; before, it had to be asked for.
    bool defaults_to_flash() const { return !ik && !old; }
    /// Whether every sequence has cells of its own unless `kv_unified` is set; before July 2025 all shared one cache
    /// (llama.cpp#14363).
    bool separates_sequences() const { return !ik && !old; }
    /// Whether llama-server takes four slots over one cache where nobody says how many (December 2025).
    bool has_slots_of_its_own() const { return !ik && !old; }
    /// Whether sliding-window layers have a cache of their own size (llama.cpp#13194).
    bool sizes_sliding_caches() const { return !ik; }
    /// `n_gpu_layers` counts the output layer first: layer 0 is the last to move (llama-model.cpp, i_gpu_start). The
    /// fork and old builds moved the output layer last.
    bool moves_output_first() const { return !ik && !old; }

private:
    bool has(int first) const { return !ik && !old && (number == 0 || number >= first); }
};

/// Reads "b9993", "2026-05", "2026-06-04", "ik_llama.cpp (2024-2025)", "mainline (2025)": the fork by its name, old
/// builds by a year before 2026 or their number. A month stands for its middle. Anything else is the newest build known
/// here.
LlamaCppBuild llama_cpp_build(std::string_view engine_version);

} // namespace weighbridge
