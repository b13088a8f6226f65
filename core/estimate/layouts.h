#pragma once

#include "core/engines/engine.h"
#include "core/hardware/accelerator.h"
#include "core/memory/load.h"
#include "core/scenario/scenario.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace weighbridge {

/// No search goes beyond so many GPUs.
inline constexpr std::int64_t most_layout_gpus = 64;

/// How GPUs share the work of inference.
struct LayoutChoice
{
    std::int64_t tensor = 1;
    std::int64_t pipeline = 1;
    std::int64_t replicas = 1; ///< data parallel
    std::int64_t experts = 1;  ///< ranks that share the experts whole; 1: as tensor parallelism has it
    std::int64_t spread = 1;   ///< of the tensor-parallel ranks, those that share one request's cache
    std::int64_t gpus = 1;     ///< that it takes

    /// Whether it is tensor parallelism and nothing else.
    bool is_tensor_alone() const { return tensor == gpus; }

    bool operator==(const LayoutChoice&) const = default;
};

/// "TP 8 × PP 2", "TP 1 × DP 8 with EP"; "layers over 3" where GPUs share out layers; "1 GPU".
std::string layout_text(const Engine& engine, const LayoutChoice& layout);

/// Looks for the layout of the fewest GPUs that holds a load, on one accelerator after the other. Tried is what the
/// engine's row says it can do: tensor parallelism by every number that its heads allow, in pipeline stages, in
/// replicas that share the experts of an MoE, with a request's cache spread over ranks that would hold copies. Of each
/// kind the fewest is found, so no smaller number of any of them would do. Refers to what the load refers to.
class LayoutSearch
{
public:
    explicit LayoutSearch(const InferenceInputs& load);
    LayoutSearch(const LayoutSearch&) = delete;
    LayoutSearch& operator=(const LayoutSearch&) = delete;

    /// The fewest GPUs of this kind that hold the load within what may be used.
    std::optional<LayoutChoice> fewest(const Accelerator& accelerator);

    /// What is tried: "TP", "PP", "TP x PP", "DP with EP".
    const std::vector<std::string_view>& tried() const { return tried_; }

private:
    /// What a layout needs, and what is there for it.
    struct Need
    {
        DeviceLoad device;
        bool starts = true;
    };

    using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

    /// The same scenario with its own layout taken off.
    void lay_out(const LayoutChoice& layout);
    PlanPointer plan_with(const LayoutChoice& layout);
    const Need& need(const LayoutChoice& layout);
    double usable_by(const Need& need) const;
    bool fits(const LayoutChoice& layout);
    bool allowed(const LayoutChoice& layout);
    void take_tensor(std::optional<LayoutChoice>& best);
    void take_stages(std::optional<LayoutChoice>& best, std::int64_t ranks);
    void take_replicas(std::optional<LayoutChoice>& best, std::int64_t ranks);
    void take_spread(std::optional<LayoutChoice>& best, std::int64_t ranks);
    std::int64_t fewest_thinkable();
    template<class Make>
    void take_fewest(std::optional<LayoutChoice>& best, std::int64_t least, std::int64_t most, Make make);

    const InferenceInputs asked_;
    InferenceInputs load_; ///< of the layout that is tried; refers to the two below
    HardwareChoice hardware_;
    InferenceChoice choice_;
    const Engine& engine_;
    std::int64_t shared_replicas_ = 1; ///< asked for, of those that take no GPUs of their own
    std::vector<std::int64_t> ranks_;  ///< of tensor parallelism, smallest first
    std::int64_t layers_ = 1;
    std::int64_t most_replicas_ = 1;
    std::int64_t kv_heads_ = 0; ///< the fewest of a layer
    bool experts_ = false;
    std::vector<std::string_view> tried_;
    std::map<std::int64_t, std::shared_ptr<const PipelineStages>> stages_;
    double usable_ = 0;         ///< of the accelerator
    std::int64_t least_ = 1;    ///< GPUs below which nothing is tried
    std::map<Key, Need> needs_; ///< on the accelerator; of engines that need the same everywhere, on all
};

} // namespace weighbridge
