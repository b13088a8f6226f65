#include "core/accuracy/measured_set.h"

#include "core/accuracy/llama_cpp_runs.h"
#include "core/accuracy/served_runs.h"
#include "core/accuracy/sglang_figures.h"
#include "core/accuracy/training_figures.h"
#include "core/accuracy/training_runs.h"
#include "core/accuracy/transformers_runs.h"
#include "core/accuracy/vllm_figures.h"

#include <algorithm>
#include <array>

namespace weighbridge {

std::span<const MeasuredSet> measured_sets()
{
    static const std::array<MeasuredSet, 7> sets = {{
        {"vllm", "vLLM", "Logs of vLLM 0.5 to 0.29, most of them of 0.19 on an H100 with all of its memory lines.",
         "vllm.jsonl", read_served_run, vllm_figures()},
        {"sglang", "SGLang", "Excerpts of SGLang logs: memory after loading and the KV pool.", "sglang.jsonl",
         read_served_run, sglang_figures()},
        {"llama.cpp", "llama.cpp", "Logs of llama.cpp and ik_llama.cpp: one figure per buffer.", "llama_cpp.jsonl",
         read_llama_cpp_log, llama_cpp_log_figures()},
        {"llama.cpp-synthetic", "llama.cpp, synthetic files",
         "The real llama.cpp on files with real metadata and empty tensors.", "llama_cpp_synthetic.jsonl",
         read_llama_cpp_synthetic, llama_cpp_synthetic_figures()},
        {"transformers", "transformers",
         "Published peaks of generate(), torch.cuda.max_memory_allocated: Qwen's speed tables.", "transformers.jsonl",
         read_transformers_run, transformers_figures()},
        {"training", "Training",
         "Published peaks of training steps: torchtune, torchtitan, LitGPT, Hugging Face Trainer, ms-swift, Megatron, "
         "plain PyTorch, Unsloth. Static memory is that of runs which peak in the optimizer's step.",
         "training.jsonl", read_training_run, training_figures()},
        {"training-slopes", "Training, per token",
         "The same runs, where several differ in nothing but batch size or sequence length: bytes per token of the "
         "micro "
         "batch.",
         "training.jsonl", read_training_series, training_slope_figures(), training_series},
    }};
    return sets;
}

std::vector<Record> MeasuredSet::records() const
{
    std::vector<Record> rows = measured_records(file);
    return gather == nullptr ? rows : gather(rows);
}

const MeasuredSet* find_measured_set(std::string_view id)
{
    const auto sets = measured_sets();
    const auto found = std::find_if(sets.begin(), sets.end(), [&](const MeasuredSet& set) { return set.id == id; });
    return found == sets.end() ? nullptr : &*found;
}

} // namespace weighbridge
