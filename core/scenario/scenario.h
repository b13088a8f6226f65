#pragma once

#include "core/hardware/accelerator.h"
#include "core/scenario/llamacpp_options.h"
#include "core/scenario/sglang_options.h"
#include "core/scenario/training_options.h"
#include "core/scenario/transformers_options.h"
#include "core/scenario/vllm_options.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// Where a scenario's model comes from. `config` is a parsed config.json shared between the undo steps.
struct ModelReference
{
    enum class Kind
    {
        preset,       ///< `text` is the preset's name
        path,         ///< `text` is a file or folder
        hub,          ///< `text` is org/name, with @revision if not main
        config,       ///< `config` is a Hugging Face config.json; `name` what to call it
        architecture, ///< `config` holds the form's own fields
    };

    Kind kind = Kind::preset;
    std::string text = "Llama-3.1-8B";
    std::string name;
    std::shared_ptr<const nlohmann::json> config;
    /// How an unknown model_type is to be read: a known model_type, or llama_like; empty: not at all.
    std::string read_as;

    bool operator==(const ModelReference& other) const;
};

struct PrecisionChoice
{
    std::string weights = "bf16";
    std::string kv_cache_k = "bf16";
    std::string kv_cache_v = "bf16";
    std::string activations = "bf16";
    /// Whether somebody chose `weights`. If nobody did, a model that says how it is stored is taken at its word: see
    /// take_model_defaults(). No part of the value.
    bool weights_given = false;

    bool operator==(const PrecisionChoice& other) const
    {
        return weights == other.weights && kv_cache_k == other.kv_cache_k && kv_cache_v == other.kv_cache_v &&
               activations == other.activations;
    }
};

/// inference.*; named as the engine names them.
struct InferenceChoice
{
    std::string engine = "generic";
    std::string engine_version;
    std::int64_t sequence_length = 8192;
    std::int64_t concurrent_sequences = 1;
    // engine "generic"
    std::string activation_method = "peak_layer"; ///< peak_layer, vanilla, gqa, flash, fraction
    double activation_fraction = 0.15;            ///< of the weights, for method fraction
    std::int64_t overhead_bytes = 536'870'912;    ///< 0.5 GiB
    std::optional<double> overhead_fraction;      ///< of the weights; when set it takes the place of overhead_bytes
    bool use_kv_cache = true;
    std::optional<std::int64_t> parameters; ///< a count typed in, in place of the computed one
    // the other engines; options of an engine that is not chosen are kept and have no effect
    std::optional<std::int64_t> total_memory_bytes; ///< vLLM, SGLang: what the device reports, if not the catalogue's
    VllmOptions vllm;
    SglangOptions sglang;
    LlamaCppOptions llama_cpp;
    TransformersOptions transformers;

    bool operator==(const InferenceChoice&) const = default;
};

struct HardwareChoice
{
    std::string accelerator = "h100_sxm_80"; ///< an id of the catalogue, or "custom"
    std::optional<Accelerator> custom;       ///< when `accelerator` is "custom"
    std::optional<std::int64_t> count;       ///< GPUs at hand; tensor x pipeline parallel where left out
    std::optional<double> usable_fraction;   ///< of the capacity; the accelerator's default where left out
    std::int64_t tensor_parallel = 1;
    std::int64_t pipeline_parallel = 1;
    std::int64_t data_parallel = 1;
    std::int64_t context_parallel = 1;
    std::int64_t expert_parallel = 1;
    bool sequence_parallel = false;
    std::int64_t virtual_pipeline = 1;
    std::int64_t num_microbatches = 1;
    std::vector<std::string> pinned; ///< accelerators that get a fit card beside the standard ones

    bool operator==(const HardwareChoice&) const = default;
};

/// All inputs of an estimate. A value: undo steps, files and the form hold copies.
struct Scenario
{
    ModelReference model;
    std::string task = "inference";
    PrecisionChoice precision;
    InferenceChoice inference;
    TrainingChoice fine_tune{.method = "lora"};
    TrainingChoice train;
    HardwareChoice hardware;

    /// The options of the task that is chosen; null for inference.
    const TrainingChoice* training() const
    {
        return task == "fine_tune" ? &fine_tune : task == "train" ? &train : nullptr;
    }

    bool operator==(const Scenario&) const = default;
};

struct Model;

/// Fills in what the model decides where nobody else did: weights as its checkpoint holds them, if it says how. To be
/// called once the model is known, by whoever resolves a scenario.
void take_model_defaults(Scenario& scenario, const Model& model);

} // namespace weighbridge
