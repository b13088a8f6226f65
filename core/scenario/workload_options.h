#pragma once

#include "core/scenario/scenario.h"

#include <string_view>
#include <vector>

namespace weighbridge {

inline constexpr std::array request_options = {
    OptionRow<WorkloadChoice>{.name = "arrival",
                              .member = member<&WorkloadChoice::arrival>,
                              .choices = {"closed", "open", "batch", "burst"},
                              .label = "Arrival",
                              .help = "closed: so many requests at a time, the next is sent when one ends; open: so "
                                      "many a second; batch: all start together and run to the end of the longest; "
                                      "burst: all are sent at once",
                              .left_out = "open where requests_per_second is given, else closed"},
    OptionRow<WorkloadChoice>{.name = "prompt_tokens",
                              .member = member<&WorkloadChoice::prompt_tokens>,
                              .range = {0, most_tokens},
                              .label = "Prompt",
                              .help = "Mean tokens of a prompt, cached ones included; 0: it writes from nothing",
                              .left_out = "inference.sequence_length less the answer"},
    OptionRow<WorkloadChoice>{.name = "answer_tokens",
                              .member = member<&WorkloadChoice::answer_tokens>,
                              .range = {1, most_tokens},
                              .label = "Answer",
                              .help = "Mean tokens of an answer",
                              .left_out = "the smaller of 512 and half of inference.sequence_length"},
    OptionRow<WorkloadChoice>{.name = "prefix_cached_tokens",
                              .member = member<&WorkloadChoice::prefix_cached_tokens>,
                              .range = {0, most_tokens},
                              .label = "Cached prefix",
                              .help = "Of each prompt, tokens that are in the cache when it arrives",
                              .left_out = "0"},
    OptionRow<WorkloadChoice>{.name = "concurrent_requests",
                              .member = member<&WorkloadChoice::concurrent_requests>,
                              .range = {1, most_sequences},
                              .label = "Requests at a time",
                              .help = "Requests in flight, waiting ones included",
                              .left_out = "inference.concurrent_sequences"},
    OptionRow<WorkloadChoice>{.name = "requests_per_second",
                              .member = member<&WorkloadChoice::requests_per_second>,
                              .range = {0, 1e6, true},
                              .label = "Requests per second",
                              .help = "Arrivals of all users, with arrival open",
                              .left_out = "so many at a time"},
    OptionRow<WorkloadChoice>{.name = "requests",
                              .member = member<&WorkloadChoice::requests>,
                              .range = {1, most_tokens},
                              .label = "Requests in all",
                              .help = "Those that meet the opening burst are the ones at a time",
                              .left_out = "many"},
    OptionRow<WorkloadChoice>{.name = "length_spread",
                              .member = member<&WorkloadChoice::length_spread>,
                              .names = NameTable::short_text,
                              .label = "Spread of lengths",
                              .help = "exact; uniform:X: even between X and 1 of those given, X from 0 to 1; wide: as "
                                      "chats are"},
};

inline constexpr std::array wanted_options = {
    OptionRow<WantedChoice>{.name = "time_to_first_token_seconds",
                            .member = member<&WantedChoice::time_to_first_token_seconds>,
                            .range = {0, 1e6, true},
                            .help = "Seconds to the first token at most",
                            .left_out = "any"},
    OptionRow<WantedChoice>{.name = "time_per_output_token_seconds",
                            .member = member<&WantedChoice::time_per_output_token_seconds>,
                            .range = {0, 1e6, true},
                            .help = "Seconds per output token after the first at most",
                            .left_out = "any"},
    OptionRow<WantedChoice>{.name = "price_per_hour",
                            .member = member<&WantedChoice::price_per_hour>,
                            .range = {0, 1e12},
                            .help = "Of all accelerators together, at most",
                            .left_out = "any"},
    OptionRow<WantedChoice>{.name = "headroom",
                            .member = member<&WantedChoice::headroom>,
                            .range = {0, 1},
                            .help = "Share of what may be used that stays free, at least",
                            .left_out = "none"},
};

/// One key for two things that people call so: what llama.cpp and others run on, and which of its own implementations
/// LMDeploy or TensorRT-LLM takes, which is inference.engine_backend.
namespace option_access {

inline bool is_implementation(std::string_view name)
{
    return name == "turbomind" || name == "pytorch" || name == "tensorrt";
}

inline OptionValue backend(const InferenceChoice& choice)
{
    return choice.pace.backend ? OptionValue(*choice.pace.backend) : OptionValue();
}

inline void set_backend(InferenceChoice& choice, OptionValue value)
{
    const auto* name = std::get_if<std::string>(&value);
    if (name == nullptr)
        choice.pace.backend.reset();
    else if (is_implementation(*name))
        choice.served.engine_backend = *name;
    else
        choice.pace.backend = *name;
}

inline bool same_backend(const InferenceChoice& a, const InferenceChoice& b)
{
    return a.pace.backend == b.pace.backend;
}

} // namespace option_access

inline constexpr std::array backend_options = {
    OptionRow<InferenceChoice>{
        .name = "backend",
        .member = {.kind = OptionKind::text,
                   .optional = true,
                   .get = option_access::backend,
                   .set = option_access::set_backend,
                   .same = option_access::same_backend},
        .choices = {"CUDA", "ROCm", "Vulkan", "Metal", "SYCL", "CPU", "turbomind", "pytorch", "tensorrt"},
        .help = "What an engine for several kinds of devices runs on; turbomind, pytorch and "
                "tensorrt are engine_backend",
        .left_out = "the usual one of the accelerator"},
};

inline constexpr OptionNames threaded_engines = {"llama.cpp", "ik_llama.cpp", "lmstudio", "ollama"};

inline constexpr std::array pace_options = {
    OptionRow<PaceChoice>{.name = "threads",
                          .also = {"n_threads"},
                          .member = member<&PaceChoice::threads>,
                          .range = {1, most_ranks},
                          .help = "CPU threads while answers are written",
                          .left_out = "as many as the bandwidth of the memory keeps busy",
                          .engines = threaded_engines},
    OptionRow<PaceChoice>{.name = "threads_batch",
                          .also = {"n_threads_batch"},
                          .member = member<&PaceChoice::threads_batch>,
                          .range = {1, most_ranks},
                          .help = "CPU threads while prompts are read",
                          .left_out = "threads",
                          .engines = threaded_engines},
    OptionRow<PaceChoice>{.name = "stream_interval",
                          .member = member<&PaceChoice::stream_interval>,
                          .range = {1, 65536},
                          .help = "Tokens of an answer that are sent together",
                          .left_out = "1",
                          .engines = {"vllm", "sglang", "tensorrt-llm"}},
    OptionRow<PaceChoice>{.name = "scheduler_recv_interval",
                          .member = member<&PaceChoice::scheduler_recv_interval>,
                          .range = {0, 65536},
                          .help = "Steps from one look for new requests to the next",
                          .left_out = "every step",
                          .engines = {"sglang"}},
    OptionRow<PaceChoice>{.name = "attention_dp_timeout_iters",
                          .member = member<&PaceChoice::attention_dp_timeout_iters>,
                          .range = {0, 65536},
                          .help = "Steps that a rank with no prompt waits for the others, with enable_attention_dp",
                          .left_out = "0",
                          .engines = {"tensorrt-llm"}},
};

inline bool reads_prompts_apart(const Scenario& scenario)
{
    return scenario.hardware.prefill_workers.count.has_value();
}

inline constexpr std::array prefill_worker_options = {
    OptionRow<PrefillWorkers>{.name = "count",
                              .member = member<&PrefillWorkers::count>,
                              .range = {1, most_ranks},
                              .help = "Workers that read prompts and nothing else",
                              .left_out = "none: prompts are read where answers are written"},
    OptionRow<PrefillWorkers>{.name = "tensor_parallel",
                              .member = member<&PrefillWorkers::tensor_parallel>,
                              .range = {1, most_ranks},
                              .help = "Of a prefill worker, as hardware.tensor_parallel",
                              .concerns = reads_prompts_apart},
    OptionRow<PrefillWorkers>{.name = "pipeline_parallel",
                              .member = member<&PrefillWorkers::pipeline_parallel>,
                              .range = {1, most_ranks},
                              .help = "Of a prefill worker, as hardware.pipeline_parallel",
                              .concerns = reads_prompts_apart},
    OptionRow<PrefillWorkers>{.name = "data_parallel",
                              .member = member<&PrefillWorkers::data_parallel>,
                              .range = {1, most_ranks},
                              .help = "Of a prefill worker, as hardware.data_parallel",
                              .concerns = reads_prompts_apart},
    OptionRow<PrefillWorkers>{.name = "expert_parallel",
                              .member = member<&PrefillWorkers::expert_parallel>,
                              .range = {1, most_ranks},
                              .help = "Of a prefill worker, as hardware.expert_parallel",
                              .concerns = reads_prompts_apart},
};

inline constexpr std::array decode_worker_options = {
    OptionRow<HardwareChoice>{.name = "decode_workers",
                              .member = member<&HardwareChoice::decode_workers>,
                              .range = {1, most_ranks},
                              .help = "With prefill_workers: workers that write answers, each laid out as hardware "
                                      "says",
                              .left_out = "1",
                              .concerns = reads_prompts_apart},
};

inline constexpr std::array compute_options = {
    OptionRow<PrecisionChoice>{.name = "attention_weights",
                               .member = member<&PrecisionChoice::attention_weights>,
                               .names = NameTable::weights_format,
                               .label = "Attention weights",
                               .help = "A format for attention where it is not that of the weights; of speed alone",
                               .left_out = "precision.weights",
                               .tasks = {"inference"}},
    OptionRow<PrecisionChoice>{.name = "compute",
                               .member = member<&PrecisionChoice::compute>,
                               .choices = {"bf16", "fp16", "fp8", "nvfp4"},
                               .label = "Matrix products",
                               .help = "What the matrix products run in",
                               .left_out = "the weights' own type where the accelerator has a peak for it and the "
                                           "format is no weight-only one, else 16 bits",
                               .tasks = {"inference"}},
    OptionRow<PrecisionChoice>{.name = "file_bytes",
                               .member = member<&PrecisionChoice::file_bytes>,
                               .range = {1, static_cast<double>(most_bytes)},
                               .unit = CountUnit::bytes,
                               .label = "Bytes of the file",
                               .help = "Of the weights, where their maker's mix is known to differ from the format's "
                                       "rule; of speed alone",
                               .left_out = "by the format",
                               .tasks = {"inference"}},
};

} // namespace weighbridge
