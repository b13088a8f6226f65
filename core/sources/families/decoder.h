#pragma once

#include "core/model/architecture.h"
#include "core/sources/config_reader.h"

#include <functional>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

// What the readers of families share. Each function reads one part of a decoder from keys that most families spell
// alike; traits that config.json does not hold (biases that are always there, norms) are the family's to set.

namespace weighbridge {

std::int64_t read_layer_count(ConfigReader& config, std::string_view key = "num_hidden_layers");

/// num_attention_heads, num_key_value_heads (null: as many), head_dim (null: hidden_size / num_attention_heads); both
/// divisions must come out even. Full span, no biases, no norms.
Attention read_attention(ConfigReader& config, std::string_view heads_key = "num_attention_heads",
                         std::string_view kv_heads_key = "num_key_value_heads");

/// The ranks and head widths of DeepSeek-V2 and its heirs.
LatentAttention read_latent_attention(ConfigReader& config);

DenseFeedForward read_dense(ConfigReader& config, std::string_view size_key = "intermediate_size");

/// Which keys hold a mixture of experts; `shared` counts shared experts of the experts' own size and may be empty.
struct ExpertKeys
{
    std::string_view routed;
    std::string_view per_token;
    std::string_view size;
    std::string_view shared = {};
};
inline constexpr ExpertKeys qwen_experts{"num_experts", "num_experts_per_tok", "moe_intermediate_size"};
inline constexpr ExpertKeys bailing_experts{"num_experts", "num_experts_per_tok", "moe_intermediate_size",
                                            "num_shared_experts"};

/// Nothing where the config has no (or null, or zero) experts. A token can't use more experts than there are.
std::optional<MixtureOfExperts> read_experts(ConfigReader& config, const ExpertKeys& keys);

/// One more decoder layer, a projection of [hidden, embedding] to hidden, and three norms: the block that DeepSeek-V3
/// and the GLM-4 family ship (arXiv:2412.19437, section 2.2; names in the checkpoint: eh_proj, enorm, hnorm,
/// shared_head.norm).
Layer prediction_layer(Layer layer, std::int64_t hidden_size);

/// As many of those as the key says, each of the last layer's kind. Only a file that names the key is taken to have
/// them: a class default can't put tensors into a checkpoint.
void read_prediction_layers(ConfigReader& config, Architecture& network, std::string_view key);

void append_equal_layers(Architecture& network, std::int64_t count, const Layer& layer);

/// The bias of the language-model head, a tensor outside the layers.
Tensor head_bias(std::int64_t vocab_size);

/// One name per layer: the list under `key` where it is there (entries beyond the last layer are left alone), else
/// `rule` for each index. Every name must be one of `allowed`.
std::vector<std::string> read_layer_names(ConfigReader& config, std::string_view key, std::int64_t layers,
                                          std::initializer_list<std::string_view> allowed,
                                          const std::function<std::string_view(std::int64_t)>& rule);

/// Which layers have experts: `mlp_layer_types` ("dense" and "sparse") where it is there, else those from
/// `first_sparse` on, each `step`-th.
std::vector<bool> read_sparse_layers(ConfigReader& config, std::int64_t layers, std::int64_t first_sparse,
                                     std::int64_t step = 1);

/// The span of each layer: the list `layer_types` where it is there, with one known name per layer, else `rule` for
/// each index from 0. `allowed` are the spans that the family knows.
std::vector<AttentionSpan> read_layer_spans(ConfigReader& config, std::int64_t layers,
                                            std::initializer_list<AttentionSpan> allowed,
                                            const std::function<AttentionSpan(std::int64_t)>& rule);

/// The attention with that span. A sliding or chunked span without a window is full attention.
Attention with_span(Attention attention, AttentionSpan span, std::optional<std::int64_t> window);

/// Refuses a config whose layers slide (or chunk) over a window it does not give.
void require_window(ConfigReader& config, std::string_view key, const std::vector<AttentionSpan>& spans,
                    std::optional<std::int64_t> window);

/// For networks whose tokens see all others of their sequence: no layer keeps anything for a next one.
void keep_no_cache(Architecture& network);

} // namespace weighbridge
