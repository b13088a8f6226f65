#pragma once

#include "core/scenario/option.h"

namespace weighbridge {

/// What llama.cpp is started with, by the names of llama_context_params and llama_model_params. What is left out takes
/// llama.cpp's own default.
struct LlamaCppOptions
{
    /// Whose they are: of llama.cpp, its fork and what starts them. Ollama has options of its own and reads those that
    /// it hands on.
    static constexpr OptionNames engines = {"llama.cpp", "ik_llama.cpp", "lmstudio"};
    static constexpr OptionNames handed_on = {"llama.cpp", "ik_llama.cpp", "lmstudio", "ollama"};
    static constexpr OptionNames of_fork = {"llama.cpp", "ik_llama.cpp"};

    std::optional<std::int64_t> n_ctx; ///< of all sequences together
    std::optional<std::int64_t> n_batch;
    std::optional<std::int64_t> n_ubatch;
    std::optional<std::int64_t> n_seq_max;
    std::optional<bool> kv_unified;
    std::optional<bool> flash_attn; ///< left out: auto
    std::optional<bool> swa_full;
    std::optional<std::int64_t> n_gpu_layers;     ///< -1: all
    std::optional<std::int64_t> n_cpu_moe;        ///< layers whose experts stay on the CPU
    std::optional<std::int64_t> mla;              ///< of ik_llama.cpp: 0 to 3
    std::string split_mode = "layer";             ///< how several GPUs share the network
    std::optional<std::int64_t> main_gpu;         ///< the one that is used where it isn't split; left out: the first
    std::vector<double> tensor_split;             ///< shares of the layers by GPU; empty or all 0: by free memory
    std::vector<std::string> override_tensor;     ///< PATTERN=DEVICE: tensors whose GGUF names match lie there
    bool kv_offload = true;                       ///< caches on the GPUs of their layers
    bool op_offload = true;                       ///< large batches of layers on the CPU are computed on the GPU
    std::optional<std::string> n_outputs_max;     ///< rows of logits: a number, "server" or "all"
    std::string spec_type = "none";               ///< what drafts tokens
    std::optional<std::int64_t> spec_draft_n_max; ///< drafted tokens that states can be taken back by
    std::string front_end = "server";             ///< llama-server, or what else uses the library
    std::string runner = "generate";              ///< or "pooling": embeddings in place of logits
    std::vector<std::string> device;              ///< numbers of the GPUs that are used, or "none"; empty: all
    bool mmproj_offload = true;                   ///< the projector lies on a GPU
    std::int64_t attn_max_batch = 0; ///< of ik_llama.cpp: MiB of scores that are computed at once; 0: no bound

    bool operator==(const LlamaCppOptions&) const = default;
};

inline constexpr std::array llama_cpp_options = {
    OptionRow<LlamaCppOptions>{.name = "n_ctx",
                               .also = {"ctx_size"},
                               .member = member<&LlamaCppOptions::n_ctx>,
                               .range = {1, most_tokens},
                               .help = "Tokens of the cache, of all sequences together",
                               .left_out = "the sequences' lengths together",
                               .engines = LlamaCppOptions::handed_on},
    OptionRow<LlamaCppOptions>{.name = "n_batch",
                               .member = member<&LlamaCppOptions::n_batch>,
                               .range = {1, most_tokens},
                               .help = "Tokens that are handed in at once",
                               .left_out = "2,048",
                               .engines = LlamaCppOptions::handed_on},
    OptionRow<LlamaCppOptions>{.name = "n_ubatch",
                               .also = {"ubatch_size"},
                               .member = member<&LlamaCppOptions::n_ubatch>,
                               .range = {1, most_tokens},
                               .help = "Tokens that are computed at once",
                               .left_out = "512",
                               .engines = LlamaCppOptions::handed_on},
    OptionRow<LlamaCppOptions>{.name = "n_seq_max",
                               .also = {"parallel", "n_parallel"},
                               .member = member<&LlamaCppOptions::n_seq_max>,
                               .range = {1, most_sequences},
                               .help = "Sequences that share the cache",
                               .left_out = "inference.concurrent_sequences; no fewer than the server's 4 slots",
                               .engines = LlamaCppOptions::handed_on},
    OptionRow<LlamaCppOptions>{.name = "kv_unified",
                               .member = member<&LlamaCppOptions::kv_unified>,
                               .help = "One cache for all sequences in place of one each",
                               .left_out = "llama.cpp's own"},
    OptionRow<LlamaCppOptions>{.name = "flash_attn",
                               .also = {"flash_attention"},
                               .member = member<&LlamaCppOptions::flash_attn>,
                               .help = "FlashAttention",
                               .left_out = "auto, by build",
                               .engines = LlamaCppOptions::handed_on},
    OptionRow<LlamaCppOptions>{.name = "swa_full",
                               .member = member<&LlamaCppOptions::swa_full>,
                               .help = "Windowed layers keep every token",
                               .left_out = "by build"},
    OptionRow<LlamaCppOptions>{.name = "n_gpu_layers",
                               .also = {"gpu_layers"},
                               .member = member<&LlamaCppOptions::n_gpu_layers>,
                               .range = {-1, most_layers},
                               .help = "Layers on the GPU, the last ones; -1: all",
                               .left_out = "all",
                               .engines = LlamaCppOptions::handed_on},
    OptionRow<LlamaCppOptions>{.name = "n_cpu_moe",
                               .member = member<&LlamaCppOptions::n_cpu_moe>,
                               .range = {0, most_layers},
                               .help = "Layers whose experts stay on the CPU",
                               .left_out = "0"},
    OptionRow<LlamaCppOptions>{.name = "mla",
                               .member = member<&LlamaCppOptions::mla>,
                               .range = {0, 3},
                               .help = "How ik_llama.cpp keeps a latent cache",
                               .left_out = "by build",
                               .engines = LlamaCppOptions::of_fork},
    OptionRow<LlamaCppOptions>{.name = "split_mode",
                               .member = member<&LlamaCppOptions::split_mode>,
                               .choices = {"layer", "none", "row", "tensor", "graph"},
                               .help = "How several GPUs share the network"},
    OptionRow<LlamaCppOptions>{.name = "main_gpu",
                               .member = member<&LlamaCppOptions::main_gpu>,
                               .range = {0, most_ranks},
                               .help = "The GPU that is used where the network isn't split",
                               .left_out = "the first; Ollama's own choice",
                               .engines = LlamaCppOptions::handed_on},
    OptionRow<LlamaCppOptions>{.name = "tensor_split",
                               .member = member<&LlamaCppOptions::tensor_split>,
                               .range = {0, 1e9},
                               .help = "Shares of the layers, a number for each GPU",
                               .left_out = "by free memory"},
    OptionRow<LlamaCppOptions>{.name = "override_tensor",
                               .member = member<&LlamaCppOptions::override_tensor>,
                               .names = NameTable::short_text,
                               .help = "PATTERN=DEVICE: where tensors lie whose GGUF names match; CPU without a device",
                               .left_out = "none"},
    OptionRow<LlamaCppOptions>{
        .name = "kv_offload", .member = member<&LlamaCppOptions::kv_offload>, .help = "Caches lie on the GPUs"},
    OptionRow<LlamaCppOptions>{.name = "op_offload",
                               .member = member<&LlamaCppOptions::op_offload>,
                               .help = "GPUs compute large batches of layers that lie on the CPU"},
    OptionRow<LlamaCppOptions>{.name = "n_outputs_max",
                               .member = member<&LlamaCppOptions::n_outputs_max>,
                               .names = NameTable::short_text,
                               .help = "Rows of logits that are reserved: a number, server or all",
                               .left_out = "by front_end: one a sequence, or all"},
    OptionRow<LlamaCppOptions>{
        .name = "spec_type",
        .member = member<&LlamaCppOptions::spec_type>,
        .choices = {"none", "draft-mtp", "ngram-cache", "ngram-simple", "ngram-map-k", "ngram-map-k4v", "ngram-mod"},
        .help = "What drafts tokens: prediction layers of the file, or n-grams, which weigh "
                "nothing"},
    OptionRow<LlamaCppOptions>{.name = "spec_draft_n_max",
                               .also = {"n_rs_seq"},
                               .member = member<&LlamaCppOptions::spec_draft_n_max>,
                               .range = {0, 64},
                               .help = "Drafted tokens; recurrent states are kept for each",
                               .left_out = "3 where spec_type drafts, else 0"},
    OptionRow<LlamaCppOptions>{.name = "front_end",
                               .member = member<&LlamaCppOptions::front_end>,
                               .choices = {"server", "library"},
                               .help = "llama-server, which has slots and reserves a row of logits for each, or "
                                       "another program over the library: one sequence, logits of a whole ubatch",
                               .engines = LlamaCppOptions::of_fork},
    OptionRow<LlamaCppOptions>{.name = "runner",
                               .member = member<&LlamaCppOptions::runner>,
                               .choices = {"generate", "pooling"},
                               .help = "What comes out: tokens, or embeddings of whole sequences (pooling)",
                               .engines = LlamaCppOptions::of_fork},
    OptionRow<LlamaCppOptions>{.name = "device",
                               .member = member<&LlamaCppOptions::device>,
                               .names = NameTable::short_text,
                               .help = "Numbers of the GPUs that are used; none: the CPU alone",
                               .left_out = "all"},
    OptionRow<LlamaCppOptions>{.name = "mmproj_offload",
                               .member = member<&LlamaCppOptions::mmproj_offload>,
                               .help = "The projector of a vision model lies on a GPU"},
    OptionRow<LlamaCppOptions>{.name = "attn_max_batch",
                               .member = member<&LlamaCppOptions::attn_max_batch>,
                               .range = {0, 1 << 20},
                               .help = "MiB of attention scores that ik_llama.cpp computes at once; 0: no bound",
                               .engines = LlamaCppOptions::of_fork},
};

} // namespace weighbridge
