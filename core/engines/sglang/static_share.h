#pragma once

#include "core/engines/sglang/release.h"
#include "core/model/architecture.h"

#include <cstdint>
#include <optional>

namespace weighbridge::sglang {

/// What a card's memory decides where nobody chose (arg_groups/memory_hook.py; before 0.5.16 server_args.py).
struct CardDefaults
{
    std::int64_t chunked_prefill_size = 8192; ///< tokens
    std::int64_t cuda_graph_max_bs = 256;
};

/// `mib`: as nvidia-smi prints a card's total.
CardDefaults card_defaults(Release release, double mib, std::int64_t tensor_parallel);

/// For how many numbers of tokens prefill is captured, up to the largest.
std::int64_t prefill_graph_sizes(Release release, std::int64_t largest);

/// What mem_fraction_static is worked out from.
struct ShareInputs
{
    Release release;
    double mib = 0; ///< of the card, as nvidia-smi prints it
    std::int64_t tensor_parallel = 1;
    std::int64_t pipeline_parallel = 1;
    std::int64_t attention_replicas = 1;   ///< of data-parallel attention
    std::int64_t activation_tokens = 2048; ///< of the largest piece of a prompt
    std::int64_t largest_batch = 0;        ///< with a CUDA graph, whether or not any is captured
    bool decode_graphs = true;
    std::int64_t prefill_graphs = 0; ///< how many
    bool latent = false;             ///< MLA
    bool deep_ep = false;
    bool speculative = false; ///< with a draft that has weights
    bool standalone = false;  ///< of which it is a network of its own
    bool multimodal = false;
    std::optional<VisionShape> vision{};
};

/// MiB that the server leaves beside weights and pools for activations and graphs; nothing for releases before 0.4.8,
/// which name a share.
std::optional<double> reserved_mib(const ShareInputs& inputs);

/// mem_fraction_static by default.
double static_share(const ShareInputs& inputs);

/// What a vision tower takes off that share, as a factor; 1 for networks of text.
double vision_factor(const ShareInputs& inputs);

} // namespace weighbridge::sglang
