#pragma once

#include "core/hardware/accelerator.h"
#include "core/scenario/option.h"

namespace weighbridge {

/// hardware.*
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

bool is_training(const Scenario& scenario);

inline constexpr std::array hardware_options = {
    OptionRow<HardwareChoice>{.name = "accelerator",
                              .member = member<&HardwareChoice::accelerator>,
                              .names = NameTable::accelerator,
                              .label = "GPU",
                              .help = "The accelerator to judge by"},
    OptionRow<HardwareChoice>{.name = "count",
                              .member = member<&HardwareChoice::count>,
                              .range = {1, most_sequences},
                              .help = "GPUs at hand",
                              .left_out = "as many as the parallelism needs"},
    OptionRow<HardwareChoice>{.name = "usable_fraction",
                              .member = member<&HardwareChoice::usable_fraction>,
                              .range = {0, 1, true},
                              .label = "Usable memory",
                              .help = "The share of the capacity that may be used; empty: the GPU's default",
                              .left_out = "the accelerator's default"},
    OptionRow<HardwareChoice>{.name = "tensor_parallel",
                              .also = {"tensor_parallel_size", "tp_size", "tp"},
                              .member = member<&HardwareChoice::tensor_parallel>,
                              .range = {1, most_ranks},
                              .label = "Tensor parallel",
                              .help = "GPUs that share every layer; the number divides the attention heads",
                              .symbol = "tp"},
    OptionRow<HardwareChoice>{.name = "pipeline_parallel",
                              .also = {"pipeline_parallel_size", "pp_size", "pp"},
                              .member = member<&HardwareChoice::pipeline_parallel>,
                              .range = {1, most_ranks},
                              .label = "Pipeline parallel",
                              .help =
                                  "Stages of consecutive layers, each on GPUs of its own; the fullest one is weighed",
                              .symbol = "pp"},
    OptionRow<HardwareChoice>{.name = "data_parallel",
                              .also = {"dp_size"},
                              .member = member<&HardwareChoice::data_parallel>,
                              .range = {1, most_ranks},
                              .label = "Data parallel",
                              .help = "Copies of the model's attention, each with sequences of its own",
                              .symbol = "dp"},
    OptionRow<HardwareChoice>{.name = "context_parallel",
                              .member = member<&HardwareChoice::context_parallel>,
                              .range = {1, most_ranks},
                              .label = "Context parallel",
                              .help = "GPUs that share the tokens of a sequence",
                              .symbol = "cp",
                              .concerns = is_training},
    OptionRow<HardwareChoice>{.name = "expert_parallel",
                              .also = {"ep_size", "expert_parallel_size", "moe_expert_parallel_size"},
                              .member = member<&HardwareChoice::expert_parallel>,
                              .range = {1, most_ranks},
                              .label = "Expert parallel",
                              .help = "GPUs that share the routed experts as whole experts",
                              .symbol = "ep"},
    OptionRow<HardwareChoice>{.name = "sequence_parallel",
                              .member = member<&HardwareChoice::sequence_parallel>,
                              .label = "Sequence parallel",
                              .help = "Tensor-parallel GPUs share the tokens between the products as well",
                              .flag = "Norms share the tokens",
                              .concerns = is_training},
    OptionRow<HardwareChoice>{.name = "virtual_pipeline",
                              .member = member<&HardwareChoice::virtual_pipeline>,
                              .range = {1, most_ranks},
                              .label = "Chunks per stage",
                              .help =
                                  "Chunks of layers that each stage has, interleaved with those of the others; 1: not "
                                  "interleaved",
                              .symbol = "vpp",
                              .concerns = is_training},
    OptionRow<HardwareChoice>{.name = "num_microbatches",
                              .member = member<&HardwareChoice::num_microbatches>,
                              .range = {1, most_sequences},
                              .label = "Micro batches",
                              .help = "That go through the pipeline during one step; 1 with several stages: as many as "
                                      "there are stages",
                              .symbol = "m",
                              .concerns = is_training},
    OptionRow<HardwareChoice>{.name = "pinned",
                              .member = member<&HardwareChoice::pinned>,
                              .names = NameTable::accelerator,
                              .help = "Accelerators that get a fit card beside the standard ones",
                              .left_out = "none"},
};

} // namespace weighbridge
