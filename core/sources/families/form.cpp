#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/hf_config.h"

namespace weighbridge {

namespace {

/// The form's own decoder (hf_config.h): equal layers, SwiGLU, RMSNorm, nothing else.
void read_form(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_attention(config, "num_attention_heads", "num_kv_heads");
    const DenseFeedForward dense = read_dense(config);
    MixtureOfExperts experts;
    experts.routed_experts = config.optional_integer("num_routed_experts", ranges::experts).value_or(1);
    experts.shared_experts = config.optional_integer("num_shared_experts", ranges::experts_or_none).value_or(0);
    experts.expert_intermediate_size =
        config.optional_integer("expert_ffn_size", ranges::size).value_or(dense.intermediate_size);
    experts.experts_per_token = config.optional_integer("experts_per_token", ranges::experts).value_or(1);
    experts.shared_intermediate_size = experts.shared_experts * experts.expert_intermediate_size;
    if (experts.experts_per_token > experts.routed_experts)
        config.fail("experts_per_token", "is " + grouped(experts.experts_per_token) + "; there are only " +
                                             grouped(experts.routed_experts) + " routed experts (num_routed_experts)");
    if (experts.routed_experts == 1 && experts.shared_experts > 0)
        config.warn("num_shared_experts", "num_shared_experts is " + grouped(experts.shared_experts) +
                                              ", but with one routed expert the layers are dense: it is not used.");

    const FeedForward feed_forward = experts.routed_experts > 1 ? FeedForward{experts} : FeedForward{dense};
    const std::int64_t layers = read_layer_count(config, "num_layers");
    for (std::int64_t i = 0; i < layers; ++i)
        network.append({attention, feed_forward});
}

} // namespace

const Family form_family{generic_family,
                         "",
                         "",
                         read_form,
                         {.num_layers = "num_layers",
                          .num_kv_heads = "num_kv_heads",
                          .num_routed_experts = "num_routed_experts",
                          .num_shared_experts = "num_shared_experts",
                          .expert_ffn_size = "expert_ffn_size",
                          .experts_per_token = "experts_per_token"}};

} // namespace weighbridge
