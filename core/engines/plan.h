#pragma once

#include "core/engines/refusal.h"
#include "core/memory/load.h"
#include "core/memory/term.h"
#include "core/quantity/bytes.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// Bytes on one GPU, without text: what searches call.
struct MemoryFigures
{
    double weights = 0;
    double kv_cache = 0;
    double activations = 0;
    double overhead = 0;

    double total() const { return weights + kv_cache + activations + overhead; }
    /// The sum of whole bytes, as terms have them.
    double whole() const { return kept_whole() + std::round(kv_cache); }
    /// The same of what is there without any sequence.
    double kept_whole() const { return std::round(weights) + std::round(activations) + std::round(overhead); }
};

/// A figure that the engine itself writes to its log, so that a person can hold the two side by side.
struct EnginePrint
{
    std::string_view id; ///< key of the report's engine_prints: "available_kv_cache_gib"
    std::string label;   ///< in the engine's own words
    double value = 0;
    int decimals = 0;      ///< as the engine prints it
    std::string text = {}; ///< what it writes in place of a number: "7%/93% CPU/GPU"

    bool operator==(const EnginePrint&) const = default;
};

/// What bounds how much an engine serves.
enum class Limit
{
    memory, ///< the device's, as far as it may be used
    pool,   ///< the engine's own cache, which it takes at once
    states, ///< the slots of recurrent states in it
    engine, ///< it would not start
};

std::string_view limit_name(Limit limit);

/// One GPU with a load on it. Bytes.
struct DeviceLoad
{
    MemoryFigures figures; ///< what it takes
    double needed = 0; ///< what must be there: the figures, or more where the engine's own cache is too small for it
    double usable = 0; ///< what may be used of the GPU, the engine's own cache and what lies beside it
    Limit limit = Limit::memory; ///< what bounds `usable`
    std::size_t device = 0;      ///< its place in the load's devices, where they are a list
    double host = 0;             ///< what lies in the host's memory, of engines that leave something there
    /// What may be used of memory of the host's own, where that is known. Of memory that it shares with the device
    /// `usable` is what the host's part leaves.
    double host_usable = std::numeric_limits<double>::infinity();

    double free_bytes() const { return std::min(usable - needed, host_usable - host); }
    /// In whole bytes, as a verdict has them: on the device and beside it.
    bool fits() const { return needed <= std::floor(usable) && host <= std::floor(host_usable); }
};

/// What an engine's own cache holds where it takes it at once, whatever is asked of it.
struct Pool
{
    std::int64_t tokens = 0;     ///< of one rank, or of all that share a request
    std::int64_t tokens_all = 0; ///< of all replicas
    Bytes bytes;                 ///< on one GPU
};

/// The first rank of those that hold alike.
struct RankNumber
{
    std::int64_t tensor = 0;
    std::int64_t pipeline = 0;
    std::int64_t data = 0;

    bool operator==(const RankNumber&) const = default;
};

/// Devices that hold alike, with the load on one of them.
struct PlannedDevice
{
    std::int64_t index = 0; ///< of the first, in the engine's order
    std::int64_t count = 1;
    std::optional<RankNumber> rank{};     ///< where devices are ranks
    std::optional<std::int64_t> layers{}; ///< that lie there, the output as one, where devices share out layers
    DeviceLoad load{};
    std::vector<Term> terms{}; ///< first-level terms, as those of the plan; empty: nothing lies there
    std::vector<EnginePrint> prints{};
};

/// How an engine lays one load out: settings, ranks and whatever else it works out is worked out once, here, and every
/// figure, term, print and remark reads it. Made by `Engine::plan`; refers to what its load refers to. A search asks
/// with another number of sequences, which costs little, or makes a plan of another load.
class Plan
{
public:
    explicit Plan(InferenceInputs load) : load_(std::move(load)) {}
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;
    virtual ~Plan() = default;

    /// The load, with the sharding that its options ask for.
    const InferenceInputs& load() const { return load_; }

    /// The fullest GPU, which has the least left, with so many sequences of the load's length at a time. `needed` grows
    /// with their number. May exceed what is exact: compare with `largest_exact`.
    virtual DeviceLoad fullest(std::int64_t sequences) const = 0;
    DeviceLoad fullest() const { return fullest(load_.concurrent_sequences); }
    MemoryFigures figures(std::int64_t sequences) const { return fullest(sequences).figures; }
    MemoryFigures figures() const { return fullest().figures; }

    /// The first-level terms weights, kv_cache, activations and overhead of the load, with ranges; with formulas,
    /// sources and children where `text` is set.
    virtual std::vector<Term> terms(bool text) const = 0;

    /// Every device with the load on it, those that hold alike as one, in the engine's order.
    virtual std::vector<PlannedDevice> devices(bool text) const;

    /// What lies in the host's memory, of one machine: first-level terms weights, kv_cache, activations (compute and
    /// staging buffers) ...; empty where nothing does.
    virtual std::vector<Term> host(bool /*text*/) const { return {}; }

    /// What may be used of the fullest GPU.
    Bytes usable() const;

    /// Nothing where the cache grows with what is asked for.
    virtual std::optional<Pool> pool() const { return std::nullopt; }
    virtual std::optional<Refusal> refusal() const { return std::nullopt; }
    /// That requests are shared out over, each with a cache of its own.
    virtual std::int64_t replicas() const { return 1; }
    /// That share the model and its replicas.
    virtual std::int64_t gpus() const { return load_.tensor_parallel * load_.pipeline_parallel * replicas(); }
    /// Bytes of cache that one more sequence takes on the GPUs of its replica.
    virtual double cache_of_one() const;

    /// What it would print before it dies, where it does.
    virtual std::vector<EnginePrint> prints() const { return {}; }

    /// What keeps this engine from running the load (errors), and what is odd about it.
    virtual std::vector<Issue> issues() const { return {}; }

    /// Writes into the scenario what the engine takes for options left out.
    virtual void fill_defaults(Scenario&) const {}

protected:
    InferenceInputs load_;
};

/// Layers of a stage, the output of the last as one; nothing where there is one stage.
std::optional<std::int64_t> layers_of_stage(const InferenceInputs& load, std::size_t stage);

using PlanPointer = std::shared_ptr<const Plan>;

} // namespace weighbridge
