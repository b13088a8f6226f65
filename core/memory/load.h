#pragma once

#include "core/hardware/accelerator.h"
#include "core/hardware/device.h"
#include "core/memory/sharding.h"
#include "core/memory/stages.h"
#include "core/memory/term.h"
#include "core/model/model.h"
#include "core/precision/format.h"
#include "core/scenario/scenario.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace weighbridge {

struct Engine;

/// How the generic engine counts activations.
enum class ActivationMethod
{
    peak_layer, ///< s · b · (2·h + 2·h_ffn) · B_a / tp: the web form (arXiv:2411.06465 and its published estimator)
    vanilla,    ///< (32·s·b·h + 4·a·s²·b) · B_a: the notebook, attention scores kept
    gqa,        ///< (28·s·b·h + (2·k/a)·s·b·h + 4·k·s²·b) · B_a: the notebook
    flash,      ///< (32·s·b·h + 4·t·s·b) · B_a with tile t = 128: the notebook
    fraction,   ///< a share of the weights: the book appendix, 15 %
};

std::optional<ActivationMethod> find_activation_method(std::string_view name);

struct InferenceInputs;

/// What a layer that is split between a device and the host's memory keeps on the device.
enum class KeptPart : std::uint8_t
{
    dense,     ///< all but routed experts
    attention, ///< no feed-forward
    up,        ///< attention and the up projection
    gate,      ///< attention, gate and up projection
};

/// Which layers lie on which device, as an engine that places them by itself did. Searches keep it: they ask how much
/// more the devices hold, not how much more could be moved to the host.
struct LayerPlacement
{
    std::vector<std::size_t> devices; ///< of the machine's that share the layers, in their order; empty: all
    std::vector<std::int64_t> layers; ///< on each of them, the output as one; empty: all layers by free memory
    std::vector<std::int64_t> split;  ///< of these, the last ones, which are split
    std::vector<KeptPart> first_kept; ///< what the first one that is split keeps; others keep `dense`
    std::int64_t slots = 0;           ///< sequences that were found to fit; 0: as many as are asked for
    std::int64_t batch = 0;           ///< tokens at once; 0: the engine's usual

    bool operator==(const LayerPlacement&) const = default;
};

/// Bytes of one token in one layer of a row of the cache layout as an engine stores them, all heads, indexer included.
using TokenBytes = double (*)(const InferenceInputs& inputs, const CacheRun& run);

/// A network that drafts tokens beside another.
struct DraftModel
{
    ModelPointer model;
    NumberFormat weights;
};

/// A scenario with its names looked up: what the rules of every engine work on. Refers to the scenario, the model and
/// the accelerator that it was made from, which must outlive it.
struct InferenceInputs
{
    const Engine* engine = nullptr;
    const Model* model = nullptr;
    const InferenceChoice* choice = nullptr; ///< the engine's own options are in here
    const HardwareChoice* hardware = nullptr;
    const Accelerator* accelerator = nullptr; ///< null where no device was given
    double device_memory = 0;                 ///< bytes that the device reports; 0 without an accelerator
    bool device_memory_given = false;         ///< by total_memory_bytes, not by the catalogue
    double usable_fraction = 1; ///< of device_memory less what is in use, for engines without a rule of their own
    double memory_in_use = 0;   ///< bytes of the device that others have taken
    /// Where the machine is a list: its devices that the layout uses, in the engine's order. Null: alike ones.
    const std::vector<Device>* devices = nullptr;
    NumberFormat weights;
    NumberFormat kv_k;
    NumberFormat kv_v;
    bool kv_cache_chosen = false; ///< else an engine may take a type of its own
    NumberFormat activations;
    ActivationMethod activation_method = ActivationMethod::peak_layer;
    double activation_fraction = 0.15;
    double overhead_bytes = 0;
    std::optional<double> overhead_fraction;
    bool use_kv_cache = true;
    std::optional<std::int64_t> parameters;
    std::int64_t sequence_length = 1;
    std::int64_t concurrent_sequences = 1;
    std::int64_t tensor_parallel = 1;
    std::int64_t pipeline_parallel = 1;
    ShardingRules sharding = generic_sharding;
    TokenBytes token_bytes = nullptr;             ///< null: as keys and values multiply out
    std::shared_ptr<const PipelineStages> stages; ///< null where there is one stage
    std::shared_ptr<const DraftModel> draft;      ///< null where none is named
    /// Kept of another load, for engines that place layers by themselves. Null: they do.
    std::shared_ptr<const LayerPlacement> placed;
};

/// The inputs of one stage, from 0: its part of the model and of the weights' column. Without stages, the inputs.
InferenceInputs inputs_of_stage(const InferenceInputs& inputs, std::size_t stage);

/// Bytes of the device that anything may use: of memory that is shared with a CPU its part, else all that others have
/// not taken.
inline double usable_device_memory(const InferenceInputs& inputs)
{
    return std::floor((inputs.device_memory - inputs.memory_in_use) * inputs.usable_fraction);
}

/// KV bytes of the whole model that one more token of one sequence adds beyond every window, as the engine stores them.
Traced cache_bytes_per_token(const InferenceInputs& inputs);
/// Bytes of one sequence that do not grow with it: windowed caches once full, and states. Whole model.
double fixed_cache_bytes(const InferenceInputs& inputs);

} // namespace weighbridge
