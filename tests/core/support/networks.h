#pragma once

#include "core/model/architecture.h"

#include <utility>

namespace weighbridge::testing {

/// Real networks typed in from their published config.json, for tests that need no importer.

inline Architecture equal_layers(std::int64_t hidden_size, std::int64_t vocab_size, std::int64_t layers,
                                 const Layer& layer)
{
    Architecture architecture;
    architecture.family = "generic";
    architecture.hidden_size = hidden_size;
    architecture.vocab_size = vocab_size;
    for (std::int64_t i = 0; i < layers; ++i)
        architecture.append(layer);
    return architecture;
}

inline Architecture llama_70b()
{
    return equal_layers(8192, 128256, 80,
                        {Attention{.heads = 64, .kv_heads = 8, .head_dim = 128, .value_head_dim = 128},
                         DenseFeedForward{.intermediate_size = 28672}});
}

inline Architecture qwen3_8b()
{
    return equal_layers(
        4096, 151936, 36,
        {Attention{.heads = 32, .kv_heads = 8, .head_dim = 128, .value_head_dim = 128, .qk_norm = QkNorm::per_head},
         DenseFeedForward{.intermediate_size = 12288}});
}

/// Full and sliding layers alternate, starting with sliding ones; biases and sinks throughout.
inline Architecture gpt_oss_20b()
{
    const MixtureOfExperts experts{.routed_experts = 32,
                                   .experts_per_token = 4,
                                   .expert_intermediate_size = 2880,
                                   .router_bias = true,
                                   .expert_bias = true};
    const Attention full{.heads = 64,
                         .kv_heads = 8,
                         .head_dim = 64,
                         .value_head_dim = 64,
                         .qkv_bias = true,
                         .output_bias = true,
                         .sinks = true};
    Attention sliding = full;
    sliding.span = AttentionSpan::sliding;
    sliding.window = 128;
    Architecture architecture;
    architecture.family = "gpt_oss";
    architecture.hidden_size = 2880;
    architecture.vocab_size = 201088;
    for (int pair = 0; pair < 12; ++pair) {
        architecture.append({sliding, experts});
        architecture.append({full, experts});
    }
    return architecture;
}

/// Three dense layers, then 58 with 256 experts.
inline Architecture deepseek_v3()
{
    const LatentAttention attention{.heads = 128,
                                    .q_lora_rank = 1536,
                                    .kv_lora_rank = 512,
                                    .qk_nope_head_dim = 128,
                                    .qk_rope_head_dim = 64,
                                    .v_head_dim = 128};
    const MixtureOfExperts experts{.routed_experts = 256,
                                   .experts_per_token = 8,
                                   .expert_intermediate_size = 2048,
                                   .shared_experts = 1,
                                   .shared_intermediate_size = 2048,
                                   .router_bias = true};
    Architecture architecture =
        equal_layers(7168, 129280, 3, {attention, DenseFeedForward{.intermediate_size = 18432}});
    architecture.family = "deepseek_v3";
    for (int layer = 0; layer < 58; ++layer)
        architecture.append({attention, experts});
    return architecture;
}

} // namespace weighbridge::testing
