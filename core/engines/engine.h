#pragma once

#include "core/engines/plan.h"
#include "core/memory/sharding.h"

#include <optional>
#include <span>
#include <string_view>

namespace weighbridge {

/// What the engine that works from formulas alone is called in scenarios.
inline constexpr std::string_view generic_engine = "generic";

/// What one request may have at most where the engine was told so: a longer one is turned away.
struct RequestLimit
{
    std::string_view key; ///< "inference.max_model_len"
    std::int64_t tokens = 0;
};

/// The network that drafts tokens, by the option that names it.
struct DraftName
{
    std::string_view key;          ///< "inference.speculative_draft_model_path"
    std::string_view model = {};   ///< a preset's name or an object in JSON; empty: none is named
    std::string_view weights = {}; ///< a format; empty: as its checkpoint says
};

/// An inference engine: constants, and how it lays out a load. One row of the table of engines; nothing else in the
/// program asks which engine it has.
struct Engine
{
    std::string_view id;       ///< "vllm", as scenarios spell it
    std::string_view name;     ///< "vLLM"
    std::string_view summary;  ///< what it is, for lists: "formulas alone"
    std::string_view versions; ///< which ones have rules of their own, for lists: "up to 0.16, 0.17 to 0.20, 0.21 on"
    OptionNames also = {};     ///< other spellings of the id that are read, and never written
    /// A fork's name that stands for a version without one: "ik_llama.cpp". Empty: none.
    std::string_view fork = {};
    bool loads_gguf = false;            ///< GGUF files, in place of safetensors
    std::string_view cache_format = {}; ///< of keys and values where nobody chose; empty: that of the scenario
    bool pipelines = false;             ///< whether hardware.pipeline_parallel may be above 1
    bool replicates = false;            ///< whether hardware.data_parallel and expert_parallel may be above 1
    bool splits_layers = false;         ///< GPUs share out layers, never tensors: any number of them will do
    /// Spreads the cache of one request over so many of the tensor-parallel ranks. Null: it can't.
    void (*spread)(InferenceChoice&, std::int64_t ranks) = nullptr;
    /// Whether the same scenario needs another amount on another accelerator (defaults, context and batches differ).
    bool differs_by_accelerator = false;
    bool takes_formulas = false; ///< whether the options of the formulas' own, overhead and a typed count, are read
    bool takes_device_memory = false; ///< whether inference.total_memory_bytes is read
    /// Its own option that says how much of the device it takes; hardware.usable_fraction then says nothing. Empty:
    /// none.
    std::string_view memory_share_key = {};
    std::string_view prints_heading = {}; ///< over what it prints; empty: "NAME would print"

    ShardingRules sharding = generic_sharding; ///< how it lays tensors over tensor-parallel ranks
    TokenBytes token_bytes = nullptr;          ///< of its cache; null: as keys and values multiply out
    PlanPointer (*plan)(InferenceInputs) = nullptr;

    /// Tokens of a sequence where nobody chose its length, which engines with a default context take from the machine
    /// and the model. Null: `request_tokens`.
    std::int64_t (*usual_tokens)(const InferenceInputs&) = nullptr;

    /// The limit that its own options set; nothing where they leave it to the model. Null: it has no such option.
    std::optional<RequestLimit> (*request_limit)(const InferenceChoice&) = nullptr;

    /// The network that its own options name as a draft, as the key `model` takes it; empty: none. Null: it has none.
    DraftName (*draft)(const InferenceChoice&) = nullptr;

    /// Takes off the engine's own options that say how many replicas there are. Null: it has none.
    void (*reset_replicas)(InferenceChoice&) = nullptr;
    /// Whether replicas are made of further GPUs, not of those that tensor parallelism has. Null: they are.
    bool (*replicas_take_gpus)(const InferenceChoice&) = nullptr;
};

/// The engines that are built, generic first.
std::span<const Engine* const> engines();

/// The engine of that id, or of another spelling of it; nothing where it is not built.
const Engine* find_engine(std::string_view id);

/// The id of the engine that is called so, by whatever spelling; nothing where there is none.
std::optional<std::string_view> engine_called(std::string_view name);

/// Whether its replicas are made of further GPUs.
bool replicas_take_gpus(const Engine& engine, const InferenceChoice& choice);

/// What one request may have at most by the engine's own options; nothing where they leave it to the model.
std::optional<RequestLimit> request_limit(const Engine& engine, const InferenceChoice& choice);
/// Tokens of a sequence: as chosen, else the usual ones or the limit's where that is less.
std::int64_t request_tokens(const Engine& engine, const InferenceChoice& choice);

/// The options of whatever engine without those that say how GPUs share the work.
void reset_layout(InferenceChoice& choice);

} // namespace weighbridge
