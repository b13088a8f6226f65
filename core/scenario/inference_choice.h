#pragma once

#include "core/scenario/exllamav3_options.h"
#include "core/scenario/llamacpp_options.h"
#include "core/scenario/lmdeploy_options.h"
#include "core/scenario/mlx_options.h"
#include "core/scenario/ollama_options.h"
#include "core/scenario/served_options.h"
#include "core/scenario/sglang_options.h"
#include "core/scenario/tensorrt_llm_options.h"
#include "core/scenario/transformers_options.h"
#include "core/scenario/vllm_options.h"
#include "core/scenario/workload_choice.h"

namespace weighbridge {

/// Tokens of a sequence where nobody chose and no engine was told to take fewer.
inline constexpr std::int64_t usual_sequence_length = 8192;

/// inference.*; named as the engine names them.
struct InferenceChoice
{
    std::string engine = "generic";
    std::string engine_version;
    std::optional<std::int64_t> sequence_length; ///< left out: the usual, or the most that the engine was told to take
    std::int64_t concurrent_sequences = 1;
    // engine "generic"
    std::string activation_method = "peak_layer"; ///< peak_layer, vanilla, gqa, flash, fraction
    double activation_fraction = 0.15;            ///< of the weights, for method fraction
    std::int64_t overhead_bytes = 536'870'912;    ///< 0.5 GiB
    std::optional<double> overhead_fraction;      ///< of the weights; when set it takes the place of overhead_bytes
    bool use_kv_cache = true;
    std::optional<std::int64_t> parameters; ///< a count typed in, in place of the computed one
    // the other engines; options of an engine that is not chosen are kept and have no effect
    std::optional<std::int64_t>
        total_memory_bytes; ///< engines with a pool: what the device reports, if not the catalogue's
    VllmOptions vllm;
    SglangOptions sglang;
    LlamaCppOptions llama_cpp;
    OllamaOptions ollama;
    TransformersOptions transformers;
    MlxOptions mlx;
    CallOptions call; ///< transformers, MLX
    ExLlamaV3Options exllamav3;
    TensorRtLlmOptions tensorrt_llm;
    LmDeployOptions lmdeploy;
    ServedOptions served; ///< of several engines
    PaceChoice pace;

    /// Of a choice that an estimate has filled in, what was used.
    std::int64_t tokens() const { return sequence_length.value_or(usual_sequence_length); }

    bool operator==(const InferenceChoice&) const = default;
};

/// Of every engine.
inline constexpr std::array workload_options = {
    OptionRow<InferenceChoice>{
        .name = "engine",
        .member = member<&InferenceChoice::engine>,
        .names = NameTable::engine,
        .label = "Engine",
        .help = "What runs the model. The formulas alone need no engine; an engine has options of its "
                "own and memory beside the model's"},
    OptionRow<InferenceChoice>{.name = "engine_version",
                               .member = member<&InferenceChoice::engine_version>,
                               .names = NameTable::short_text,
                               .label = "Version",
                               .help = "Of the engine: its rules differ from one to the next. Empty: the newest"},
    OptionRow<InferenceChoice>{.name = "sequence_length",
                               .member = member<&InferenceChoice::sequence_length>,
                               .range = {1, most_tokens},
                               .label = "Sequence length",
                               .help = "Prompt and answer together, per sequence: 8192, 8k, 4*8192",
                               .left_out = "8192, or the most that the engine was told to take",
                               .symbol = "s"},
    OptionRow<InferenceChoice>{.name = "concurrent_sequences",
                               .member = member<&InferenceChoice::concurrent_sequences>,
                               .range = {1, most_sequences},
                               .label = "Concurrent sequences",
                               .help = "Sequences in flight at once: the batch size",
                               .symbol = "b"},
};

/// Of the engine that works from formulas alone.
inline constexpr std::array generic_options = {
    OptionRow<InferenceChoice>{.name = "activation_method",
                               .member = member<&InferenceChoice::activation_method>,
                               .choices = {"peak_layer", "vanilla", "gqa", "flash", "fraction"},
                               .label = "Activations",
                               .help = "How the memory of activations is counted"},
    OptionRow<InferenceChoice>{.name = "activation_fraction",
                               .member = member<&InferenceChoice::activation_fraction>,
                               .range = {0, 1},
                               .label = "Activation share",
                               .help = "Activations as a share of the weights, for method fraction"},
    OptionRow<InferenceChoice>{.name = "overhead_bytes",
                               .member = member<&InferenceChoice::overhead_bytes>,
                               .range = {0, most_bytes},
                               .unit = CountUnit::bytes,
                               .label = "Overhead amount",
                               .help = "CUDA context and framework, per GPU"},
    OptionRow<InferenceChoice>{.name = "overhead_fraction",
                               .member = member<&InferenceChoice::overhead_fraction>,
                               .range = {0, 10},
                               .label = "Overhead share",
                               .help = "CUDA context and framework as a share of the weights, in place of the bytes",
                               .left_out = "the bytes"},
    OptionRow<InferenceChoice>{.name = "use_kv_cache",
                               .member = member<&InferenceChoice::use_kv_cache>,
                               .label = "KV cache",
                               .help = "Without it, every token is computed anew and nothing is kept",
                               .flag = "Keep keys and values"},
    OptionRow<InferenceChoice>{.name = "parameters",
                               .member = member<&InferenceChoice::parameters>,
                               .range = {1, most_parameters},
                               .unit = CountUnit::parameters,
                               .label = "Parameters",
                               .help = "A parameter count of your own in place of the computed one; empty: computed",
                               .left_out = "computed",
                               .symbol = "P"},
};

/// Of engines that take their share of what the device reports.
inline constexpr OptionNames reported_memory_engines = {VllmOptions::engine, SglangOptions::engine,
                                                        TensorRtLlmOptions::engine, LmDeployOptions::engine};
inline constexpr std::array reported_memory_options = {
    OptionRow<InferenceChoice>{.name = "total_memory_bytes",
                               .member = member<&InferenceChoice::total_memory_bytes>,
                               .range = {1, most_bytes},
                               .unit = CountUnit::bytes,
                               .help = "What the device reports",
                               .left_out = "the accelerator's capacity"},
};

/// Of engines that answer one call at a time.
inline constexpr OptionNames call_engines = {TransformersOptions::engine, MlxOptions::engine};

} // namespace weighbridge
