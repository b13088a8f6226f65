#pragma once

#include "core/scenario/option.h"

#include <optional>
#include <string>
#include <tuple>

namespace weighbridge {

/// precision.*
struct PrecisionChoice
{
    /// Where nobody chose, the model and the task decide: see weights_in_use() and base_weights().
    std::optional<std::string> weights;
    std::string kv_cache_k = "bf16";
    std::string kv_cache_v = "bf16";
    std::string activations = "bf16";
    /// Somebody chose the cache's format. Else 16 bits stand for the engine's own choice, which may be another.
    bool kv_cache_chosen = false;
    // of speed alone
    std::optional<std::string> attention_weights; ///< a format; left out: that of the weights
    std::optional<std::string> compute;           ///< of matrix products: bf16, fp16, fp8, nvfp4
    std::optional<std::int64_t> file_bytes;       ///< of the weights, where it is known

    /// Of the formats alone, whoever chose them.
    bool operator==(const PrecisionChoice& other) const
    {
        return std::tie(weights, kv_cache_k, kv_cache_v, activations, attention_weights, compute, file_bytes) ==
               std::tie(other.weights, other.kv_cache_k, other.kv_cache_v, other.activations, other.attention_weights,
                        other.compute, other.file_bytes);
    }
};

/// Where every parameter is trained its recipe says how it is kept, unless somebody chose a precision all the same.
bool weights_concern(const Scenario& scenario);
bool activations_concern(const Scenario& scenario);

namespace option_access {

inline OptionValue cache_formats(const PrecisionChoice& precision)
{
    std::vector<std::string> formats = {precision.kv_cache_k};
    if (precision.kv_cache_v != precision.kv_cache_k)
        formats.push_back(precision.kv_cache_v);
    return formats;
}

inline void set_cache_formats(PrecisionChoice& precision, OptionValue value)
{
    const auto* formats = std::get_if<std::vector<std::string>>(&value);
    if (formats == nullptr || formats->empty())
        return;
    precision.kv_cache_k = formats->front();
    precision.kv_cache_v = formats->back();
}

inline bool same_cache_formats(const PrecisionChoice& a, const PrecisionChoice& b)
{
    return a.kv_cache_k == b.kv_cache_k && a.kv_cache_v == b.kv_cache_v;
}

} // namespace option_access

inline constexpr std::array precision_options = {
    OptionRow<PrecisionChoice>{.name = "weights",
                               .also = {"quantization"},
                               .member = member<&PrecisionChoice::weights>,
                               .names = NameTable::weights_format,
                               .label = "Weights",
                               .help = "How weights are stored, with the bits of their scales",
                               .left_out =
                                   "checkpoint where the model says how it is stored, else bf16; bnb_nf4 under QLoRA",
                               .symbol = "B_w",
                               .concerns = weights_concern},
    OptionRow<PrecisionChoice>{.name = "kv_cache",
                               .also = {"kv_cache_dtype", "kv_cache_type", "cache_mode", "quant_policy"},
                               .member = {.kind = OptionKind::pair,
                                          .get = option_access::cache_formats,
                                          .set = option_access::set_cache_formats,
                                          .same = option_access::same_cache_formats},
                               .names = NameTable::kv_cache_format,
                               .label = "KV cache",
                               .help = "How keys and values are kept",
                               .symbol = "B_kv",
                               .tasks = {"inference"}},
    OptionRow<PrecisionChoice>{.name = "kv_cache.k",
                               .also = {"cache_type_k", "type_k"},
                               .member = member<&PrecisionChoice::kv_cache_k>,
                               .names = NameTable::kv_cache_format,
                               .label = "Cached keys",
                               .help = "How keys are kept",
                               .symbol = "B_k",
                               .tasks = {"inference"}},
    OptionRow<PrecisionChoice>{.name = "kv_cache.v",
                               .also = {"cache_type_v", "type_v"},
                               .member = member<&PrecisionChoice::kv_cache_v>,
                               .names = NameTable::kv_cache_format,
                               .label = "Cached values",
                               .help = "How values are kept",
                               .symbol = "B_v",
                               .tasks = {"inference"}},
    OptionRow<PrecisionChoice>{.name = "activations",
                               .also = {"dtype"},
                               .member = member<&PrecisionChoice::activations>,
                               .names = NameTable::activations_format,
                               .label = "Activations",
                               .help = "What layers hand on",
                               .symbol = "B_a",
                               .concerns = activations_concern},
};

} // namespace weighbridge
