#pragma once

#include "core/scenario/option.h"

namespace weighbridge {

/// What an Ollama server and a model's parameters say, by Ollama's names: PARAMETER of a Modelfile and the API's
/// options, OLLAMA_* of the server in lower case. What is left out takes Ollama's own default of that release.
struct OllamaOptions
{
    static constexpr std::string_view engine = "ollama"; ///< whose they are

    std::optional<std::int64_t> num_ctx;           ///< tokens of a slot
    std::optional<std::string> num_parallel;       ///< slots: a number or "auto"
    std::optional<std::int64_t> num_batch;         ///< n_batch and n_ubatch of llama.cpp
    std::optional<std::int64_t> num_gpu;           ///< layers on the GPUs, the last ones; -1: as many as fit
    std::int64_t gpu_overhead = 0;                 ///< bytes left free on each GPU
    bool sched_spread = false;                     ///< over all GPUs, though one would do
    std::optional<bool> mmproj;                    ///< whether the projector is loaded
    std::int64_t draft_num_predict = 0;            ///< tokens that the file's own prediction layers draft
    std::optional<bool> use_mmap;                  ///< of no effect on how much is needed
    std::optional<std::int64_t> num_thread;        ///< the same
    std::optional<std::int64_t> max_loaded_models; ///< the same, of one model

    bool operator==(const OllamaOptions&) const = default;
};

inline constexpr std::array ollama_options = {
    OptionRow<OllamaOptions>{.name = "num_ctx",
                             .member = member<&OllamaOptions::num_ctx>,
                             .range = {1, most_tokens},
                             .help = "Tokens of a slot's cache",
                             .left_out = "inference.sequence_length; without it by release and memory"},
    OptionRow<OllamaOptions>{.name = "num_parallel",
                             .member = member<&OllamaOptions::num_parallel>,
                             .names = NameTable::short_text,
                             .help = "Slots, each with num_ctx tokens: a number or auto",
                             .left_out = "by release; no fewer than inference.concurrent_sequences"},
    OptionRow<OllamaOptions>{.name = "num_batch",
                             .member = member<&OllamaOptions::num_batch>,
                             .range = {1, most_tokens},
                             .help = "Tokens that are computed at once",
                             .left_out = "512; from 0.30 on by context and memory"},
    OptionRow<OllamaOptions>{.name = "num_gpu",
                             .member = member<&OllamaOptions::num_gpu>,
                             .range = {-1, most_layers},
                             .help = "Layers on the GPUs, the last ones; 0: none, -1: as many as fit",
                             .left_out = "-1"},
    OptionRow<OllamaOptions>{.name = "gpu_overhead",
                             .member = member<&OllamaOptions::gpu_overhead>,
                             .range = {0, most_bytes},
                             .unit = CountUnit::bytes,
                             .help = "Memory of each GPU that is left free; from 0.30 on only in the default context"},
    OptionRow<OllamaOptions>{.name = "sched_spread",
                             .member = member<&OllamaOptions::sched_spread>,
                             .help = "All GPUs share the layers, though fewer would hold them"},
    OptionRow<OllamaOptions>{.name = "mmproj",
                             .member = member<&OllamaOptions::mmproj>,
                             .help = "The projector of a vision model is loaded",
                             .left_out = "Ollama: where the model has one; llama.cpp: not",
                             .engines = {"ollama", "llama.cpp", "ik_llama.cpp", "lmstudio"}},
    OptionRow<OllamaOptions>{.name = "draft_num_predict",
                             .member = member<&OllamaOptions::draft_num_predict>,
                             .range = {0, 64},
                             .help = "Tokens that prediction layers of the file draft"},
    OptionRow<OllamaOptions>{.name = "use_mmap",
                             .member = member<&OllamaOptions::use_mmap>,
                             .help = "The file is mapped; no figure depends on it",
                             .left_out = "Ollama's own"},
    OptionRow<OllamaOptions>{.name = "num_thread",
                             .member = member<&OllamaOptions::num_thread>,
                             .range = {0, 4096},
                             .help = "Threads of the CPU; no figure of memory depends on it",
                             .left_out = "Ollama's own"},
    OptionRow<OllamaOptions>{.name = "max_loaded_models",
                             .member = member<&OllamaOptions::max_loaded_models>,
                             .range = {0, 4096},
                             .help = "Models at a time; the figures are of one",
                             .left_out = "3 a GPU"},
};

} // namespace weighbridge
