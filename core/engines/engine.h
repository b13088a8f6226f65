#pragma once

#include "core/memory/sharding.h"
#include "core/memory/term.h"
#include "core/model/model.h"
#include "core/quantity/bytes.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace weighbridge {

struct InferenceInputs;
struct Scenario;

/// What the engine that works from formulas alone is called in scenarios.
inline constexpr std::string_view generic_engine = "generic";

/// Bytes on the fullest GPU, without text: what searches call.
struct MemoryFigures
{
    double weights = 0;
    double kv_cache = 0;
    double activations = 0;
    double overhead = 0;

    double total() const { return weights + kv_cache + activations + overhead; }
};

/// A figure that the engine itself writes to its log, so that a person can hold the two side by side.
struct EnginePrint
{
    std::string_view id;    ///< key of the report's engine_prints: "available_kv_cache_gib"
    std::string_view label; ///< in the engine's own words
    double value = 0;
    int decimals = 0; ///< as the engine prints it

    bool operator==(const EnginePrint&) const = default;
};

/// What an engine works out of inputs once and reads in many of its functions. Each engine derives its own.
struct EngineWork
{
    EngineWork() = default;
    EngineWork(const EngineWork&) = delete;
    EngineWork& operator=(const EngineWork&) = delete;
    virtual ~EngineWork() = default;
};

/// An inference engine: a set of named rules that turn a resolved scenario into memory. One row of the table of
/// engines; nothing else in the program asks which engine it has.
struct Engine
{
    std::string_view id;       ///< "vllm", as scenarios spell it
    std::string_view name;     ///< "vLLM"
    std::string_view summary;  ///< what it is, for lists: "formulas alone"
    std::string_view versions; ///< which ones have rules of their own, for lists: "up to 0.16, 0.17 to 0.20, 0.21 on"
    bool pipelines = false;    ///< whether hardware.pipeline_parallel may be above 1
    bool replicates = false;   ///< whether hardware.data_parallel and expert_parallel may be above 1
    /// Whether the same scenario needs another amount on another accelerator (defaults, context and batches differ).
    bool differs_by_accelerator = false;

    ShardingRules sharding = generic_sharding; ///< how it lays tensors over tensor-parallel ranks
    /// Changes what inputs say of the sharding where options decide about it. May be null.
    void (*prepare)(InferenceInputs&) = nullptr;
    /// What the other functions have in common. Neither the number of sequences nor anything that `prepare` does not
    /// know may change it. Null: they share nothing.
    std::shared_ptr<const EngineWork> (*work)(const InferenceInputs&) = nullptr;

    /// Bytes per GPU at the scenario's sequence length and concurrency. Grows with both.
    MemoryFigures (*memory)(const InferenceInputs&) = nullptr;
    /// The first-level terms weights, kv_cache, activations and overhead, with ranges; with formulas, sources and
    /// children where `text` is set.
    std::vector<Term> (*terms)(const InferenceInputs&, bool text) = nullptr;
    /// What may be used of the accelerator by what `memory` counts.
    Bytes (*usable)(const InferenceInputs&) = nullptr;
    /// What it would print; null: nothing.
    std::vector<EnginePrint> (*prints)(const InferenceInputs&) = nullptr;
    std::string_view prints_heading = {}; ///< over it; empty: "NAME would print"
    /// Tokens that its cache holds; `most_sequences` of the inputs' length fit. Null: these times their length.
    std::int64_t (*kv_tokens)(const InferenceInputs&, std::int64_t most_sequences) = nullptr;
    /// What keeps this engine from running the scenario (errors), and what is odd about it. May be null.
    std::vector<Issue> (*check)(const InferenceInputs&) = nullptr;
    /// Writes into the scenario what the engine takes for options left out. May be null.
    void (*fill_defaults)(const InferenceInputs&, Scenario&) = nullptr;
};

/// The engines that are built, generic first.
std::span<const Engine* const> engines();

/// Every engine a scenario may name, built or not.
std::span<const std::string_view> engine_names();

/// The engine of that name, or nothing where it is not built.
const Engine* find_engine(std::string_view id);

} // namespace weighbridge
