#pragma once

#include "core/hardware/accelerator.h"
#include "core/scenario/option.h"
#include "core/scenario/workload_choice.h"

namespace weighbridge {

/// hardware.host.*: the machine's own memory and processor.
struct HostChoice
{
    std::optional<double> memory_gib; ///< not known where left out
    std::optional<double> memory_in_use_gib;
    std::optional<double> memory_bandwidth_gbs; ///< GB/s
    std::optional<std::int64_t> cpu_threads;
    std::string name;

    bool operator==(const HostChoice&) const = default;
};

/// hardware.links.*: what joins the devices. GB/s.
struct LinkChoice
{
    std::optional<double> scale_up_gbs_bidirectional; ///< between devices of one domain, both directions
    std::optional<std::int64_t> scale_up_domain;      ///< devices
    std::optional<double> pcie_gbs;                   ///< one direction
    std::optional<double> network_gbs;                ///< one direction, per device, between domains

    bool operator==(const LinkChoice&) const = default;
};

/// hardware.*
struct HardwareChoice
{
    std::string accelerator = "h100_sxm_80"; ///< an id of the catalogue, or "custom"
    std::optional<Accelerator> custom;       ///< when `accelerator` is "custom"
    std::optional<std::int64_t> count;       ///< GPUs at hand; tensor x pipeline parallel where left out
    std::vector<DeviceGroup> devices;        ///< in place of `count`, in the engine's order
    std::optional<double> memory_in_use_gib; ///< of each, by others, where `devices` is empty
    HostChoice host;
    LinkChoice links;
    std::optional<std::string> layout;          ///< "given", "auto"; with `devices` auto where left out, else given
    std::optional<double> usable_fraction;      ///< of the capacity; the accelerator's default where left out
    std::optional<std::int64_t> wired_limit_mb; ///< MiB of a Mac's memory that its GPU may have; the system's default
    std::int64_t tensor_parallel = 1;
    std::int64_t pipeline_parallel = 1;
    std::int64_t data_parallel = 1;
    std::int64_t context_parallel = 1;
    std::int64_t expert_parallel = 1;
    std::optional<std::int64_t> expert_tensor_parallel; ///< ranks that split one expert; the framework's rule
    bool sequence_parallel = false;
    std::int64_t virtual_pipeline = 1;
    std::int64_t num_microbatches = 1;
    std::optional<std::int64_t> decode_workers; ///< where prompts have workers of their own
    PrefillWorkers prefill_workers;
    std::vector<std::string> pinned; ///< accelerators that get a fit card beside the standard ones

    bool operator==(const HardwareChoice&) const = default;
};

/// The share of an accelerator's memory that may be used: as chosen, and where the chosen accelerator is a Mac no more
/// than its wired limit; else the accelerator's default.
double usable_share(const HardwareChoice& hardware, const Accelerator& accelerator);

/// The machine is so many of one kind, and nothing else is known of it.
void take_kind(HardwareChoice& hardware, const std::string& accelerator);

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
    OptionRow<HardwareChoice>{.name = "devices",
                              .also = {"accelerators"},
                              .member = member<&HardwareChoice::devices>,
                              .help = "The GPUs at hand where they are of several kinds, in the engine's order",
                              .left_out = "hardware.count of one kind"},
    OptionRow<HardwareChoice>{.name = "memory_in_use_gib",
                              .member = member<&HardwareChoice::memory_in_use_gib>,
                              .range = {0, most_gib},
                              .unit = CountUnit::gibibytes,
                              .label = "In use by others",
                              .help = "GiB of each GPU that others have taken, the display included",
                              .left_out = "0"},
    OptionRow<HardwareChoice>{.name = "layout",
                              .member = member<&HardwareChoice::layout>,
                              .choices = {"given", "auto"},
                              .label = "Layout",
                              .help = "Whether keys of the layout that are left out are 1, or worked out over all GPUs",
                              .left_out = "auto with hardware.devices, else given"},
    OptionRow<HardwareChoice>{.name = "usable_fraction",
                              .member = member<&HardwareChoice::usable_fraction>,
                              .range = {0, 1, true},
                              .label = "Usable memory",
                              .help = "The share of the capacity that may be used; empty: the GPU's default",
                              .left_out = "the accelerator's default"},
    OptionRow<HardwareChoice>{.name = "wired_limit_mb",
                              .member = member<&HardwareChoice::wired_limit_mb>,
                              .range = {1, most_gib * 1024},
                              .label = "Wired limit",
                              .help = "MiB of its memory that a Mac lets the GPU have: iogpu.wired_limit_mb",
                              .left_out = "the system's"},
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
    OptionRow<HardwareChoice>{.name = "expert_tensor_parallel",
                              .also = {"expert_tensor_parallel_size"},
                              .member = member<&HardwareChoice::expert_tensor_parallel>,
                              .range = {1, most_ranks},
                              .label = "Expert tensor parallel",
                              .help = "GPUs that split one expert; Megatron's experts have groups of their own",
                              .left_out = "as tensor_parallel",
                              .symbol = "etp",
                              .concerns = is_training},
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

inline constexpr std::array host_options = {
    OptionRow<HostChoice>{.name = "memory_gib",
                          .also = {"host_memory"},
                          .member = member<&HostChoice::memory_gib>,
                          .range = {0, most_gib, true},
                          .unit = CountUnit::gibibytes,
                          .label = "Host memory",
                          .help = "GiB of the host's own memory",
                          .left_out = "not known"},
    OptionRow<HostChoice>{.name = "memory_in_use_gib",
                          .member = member<&HostChoice::memory_in_use_gib>,
                          .range = {0, most_gib},
                          .unit = CountUnit::gibibytes,
                          .label = "Host memory in use",
                          .help = "GiB of it that others have taken",
                          .left_out = "0"},
    OptionRow<HostChoice>{.name = "memory_bandwidth_gbs",
                          .member = member<&HostChoice::memory_bandwidth_gbs>,
                          .range = {0, 1e6, true},
                          .label = "Host bandwidth",
                          .help = "10^9 bytes per second of the host's memory; of speed alone",
                          .left_out = "not known"},
    OptionRow<HostChoice>{.name = "cpu_threads",
                          .member = member<&HostChoice::cpu_threads>,
                          .range = {1, most_ranks},
                          .label = "CPU threads",
                          .help = "Threads of the host's processor; no figure reads it yet",
                          .left_out = "not known"},
    OptionRow<HostChoice>{.name = "name",
                          .member = member<&HostChoice::name>,
                          .names = NameTable::short_text,
                          .label = "Host",
                          .help = "What to call it",
                          .left_out = "nothing"},
};

inline constexpr std::array link_options = {
    OptionRow<LinkChoice>{.name = "scale_up_gbs_bidirectional",
                          .member = member<&LinkChoice::scale_up_gbs_bidirectional>,
                          .range = {0, 1e6, true},
                          .label = "Links",
                          .help = "10^9 bytes per second between GPUs of one domain, both directions; of speed alone",
                          .left_out = "of the catalogue"},
    OptionRow<LinkChoice>{.name = "scale_up_domain",
                          .member = member<&LinkChoice::scale_up_domain>,
                          .range = {1, most_ranks},
                          .label = "Domain",
                          .help = "GPUs that these links join; no figure reads it yet",
                          .left_out = "of the catalogue"},
    OptionRow<LinkChoice>{.name = "pcie_gbs",
                          .member = member<&LinkChoice::pcie_gbs>,
                          .range = {0, 1e6, true},
                          .label = "PCIe",
                          .help = "10^9 bytes per second to the host, one direction; of speed alone",
                          .left_out = "of the catalogue"},
    OptionRow<LinkChoice>{.name = "network_gbs",
                          .member = member<&LinkChoice::network_gbs>,
                          .range = {0, 1e6, true},
                          .label = "Network",
                          .help =
                              "10^9 bytes per second of each GPU to other domains, one direction; no figure reads it "
                              "yet",
                          .left_out = "not known"},
};

} // namespace weighbridge
