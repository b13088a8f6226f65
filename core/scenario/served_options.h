#pragma once

#include "core/scenario/option.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// Options that several engines have by one name, each with its own default.
struct ServedOptions
{
    std::optional<std::int64_t> max_batch_size; ///< requests at once
    std::optional<std::int64_t> max_seq_len;    ///< tokens of one request, prompt and answer
    std::optional<std::string> engine_backend;  ///< which of its own implementations the engine takes
    double cpu_offload_gb = 0;                  ///< GiB of the weights on each GPU
    bool enable_lora = false;
    std::optional<std::int64_t> max_lora_rank;    ///< left out: 16 in vLLM, the adapters' own in SGLang
    std::vector<std::string> lora_target_modules; ///< empty: every one that the network has
    std::optional<std::string> attention_backend; ///< as the engine spells it

    bool operator==(const ServedOptions&) const = default;
};

inline constexpr std::array served_options = {
    OptionRow<ServedOptions>{.name = "max_batch_size",
                             .member = member<&ServedOptions::max_batch_size>,
                             .range = {1, most_sequences},
                             .help = "Requests at once; of exllamav3 the slots of recurrent states and windows",
                             .left_out =
                                 "exllamav3: 128, with states or rings 4; TensorRT-LLM: 2,048; LMDeploy: by card",
                             .engines = {"exllamav3", "tensorrt-llm", "lmdeploy"}},
    OptionRow<ServedOptions>{.name = "max_seq_len",
                             .member = member<&ServedOptions::max_seq_len>,
                             .range = {1, most_tokens},
                             .help = "Tokens of one request, prompt and answer; of exllamav3 also the cache's, where "
                                     "cache_size is left out",
                             .left_out = "the network's",
                             .engines = {"exllamav3", "tensorrt-llm"}},
    OptionRow<ServedOptions>{.name = "engine_backend",
                             .member = member<&ServedOptions::engine_backend>,
                             .choices = {"turbomind", "pytorch", "tensorrt"},
                             .help = "Which of its own implementations runs: LMDeploy's TurboMind or PyTorch engine, "
                                     "TensorRT-LLM's PyTorch runtime or built engines",
                             .left_out = "the engine's choice for the network and version",
                             .engines = {"lmdeploy", "tensorrt-llm"}},
    OptionRow<ServedOptions>{.name = "cpu_offload_gb",
                             .member = member<&ServedOptions::cpu_offload_gb>,
                             .range = {0, most_gib},
                             .unit = CountUnit::gibibytes,
                             .help = "GiB of the weights of each GPU that lie in the host's memory",
                             .engines = {"vllm", "sglang"}},
    OptionRow<ServedOptions>{.name = "enable_lora",
                             .member = member<&ServedOptions::enable_lora>,
                             .help = "Buffers for adapters beside every matrix",
                             .engines = {"vllm", "sglang"}},
    OptionRow<ServedOptions>{.name = "max_lora_rank",
                             .member = member<&ServedOptions::max_lora_rank>,
                             .range = {1, 512},
                             .help = "Rank of the buffers for adapters, with enable_lora",
                             .left_out = "16",
                             .engines = {"vllm", "sglang"}},
    OptionRow<ServedOptions>{.name = "lora_target_modules",
                             .member = member<&ServedOptions::lora_target_modules>,
                             .help = "Matrices with buffers for adapters: q_proj, gate_proj, all",
                             .left_out = "all",
                             .engines = {"vllm", "sglang"}},
    OptionRow<ServedOptions>{.name = "attention_backend",
                             .member = member<&ServedOptions::attention_backend>,
                             .names = NameTable::short_text,
                             .help = "The attention kernels, as the engine calls them: they decide the block of the "
                                     "cache and how its entries are laid out",
                             .left_out = "by version, device and network",
                             .engines = {"vllm", "sglang"}},
};

} // namespace weighbridge
