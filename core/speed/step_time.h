#pragma once

#include "core/speed/engine_pace.h"
#include "core/speed/network_work.h"
#include "core/speed/speed.h"

#include <array>
#include <optional>
#include <vector>

namespace weighbridge {

/// How the GPUs of one worker share a network.
struct WorkerLayout
{
    double tensor = 1;   ///< ranks that share attention and dense layers
    double pipeline = 1; ///< stages
    double data = 1;     ///< replicas of the attention, each with sequences of its own
    double expert = 1;   ///< ranks that hold experts whole; 1: they are divided as the rest

    bool operator==(const WorkerLayout&) const = default;
};

/// What one step does on one replica of the attention. Tokens.
struct StepLoad
{
    double decoding = 0;       ///< sequences that write
    double context = 0;        ///< of such a sequence, mean
    double prompt = 0;         ///< prompt tokens among the step's
    double prompt_context = 0; ///< in the cache before them, mean
    double finished = 0;       ///< prompts that end in this step

    double tokens() const { return decoding + prompt; }
};

/// Where a part of a step's time is counted.
enum class StepPart
{
    weights,
    cache,
    attention,
    experts,
    kernels,
    links,
    step,
    sequences,
    launch,
};

inline constexpr std::size_t step_parts = 9;
using PartSeconds = std::array<double, step_parts>;

std::string_view step_part_id(StepPart part);
std::string_view step_part_label(StepPart part);

/// What a GPU, an engine and the formats together reach.
class StepRates
{
public:
    /// Precision of the products, as far as rates depend on it.
    struct Products
    {
        ComputeType attention = ComputeType::bf16; ///< what projections are multiplied in
        ComputeType network = ComputeType::bf16;   ///< feed-forward and experts
        bool attention_narrow = false;             ///< weights are stored narrower than they are multiplied
        bool network_narrow = false;
        bool in_blocks = false; ///< FP8 in blocks of 128 x 128
        bool head_narrow = false;
        bool narrow_activations = false; ///< activations are quantized on the way: more kernels
    };

    /// A rate for FLOPs and one for bytes, per second.
    struct Rate
    {
        double flops = 0;
        double bytes = 0;
    };

    StepRates(const Accelerator& accelerator, const EnginePace& engine, const DevicePace& device,
              const Products& products, double link_bytes, bool fast_link);

    /// Whether peak and bandwidth are known.
    bool known() const { return attention_products.flops > 0 && elementwise.bytes > 0; }

    Rate attention_products, network_products, expert_products, head_products;
    Rate decode_attention, prompt_attention, elementwise;
    double kernel_seconds = 0;
    double plain_kernels = 1; ///< factor on those of plain layers
    double eager_seconds = 0;
    double step_seconds = 0;
    double sequence_seconds = 0;
    double allreduce_seconds = 0; ///< besides its bytes
    double allreduce_bytes = 0;   ///< per second
    double alltoall_seconds = 0;
    double alltoall_bytes = 0;
    bool narrow_activations = false;
    bool launches_experts = false;
};

/// A step of one network on workers of one layout.
class StepTime
{
public:
    StepTime(const NetworkWork& network, const WorkerLayout& layout, const StepRates& rates, double key_bytes,
             double value_bytes)
        : network_(network), layout_(layout), rates_(rates), key_bytes_(key_bytes), value_bytes_(value_bytes)
    {
    }

    /// On one GPU of one stage, without what each sequence costs; with prompt tokens no faster than the host launches
    /// kernels.
    double seconds(const StepLoad& load) const;

    /// The same by part, with formulas; times `times` (stages one after the other), with so many sequences' own cost.
    std::vector<SpeedTerm> terms(const StepLoad& load, double times, double sequences) const;

    const WorkerLayout& layout() const { return layout_; }

private:
    struct Operation;
    class Work;

    const NetworkWork& network_;
    WorkerLayout layout_;
    const StepRates& rates_;
    double key_bytes_;
    double value_bytes_;
};

} // namespace weighbridge
