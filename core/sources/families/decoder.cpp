#include "core/sources/families/decoder.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

constexpr std::array<std::pair<AttentionSpan, std::string_view>, 3> span_names = {{
    {AttentionSpan::full, "full_attention"},
    {AttentionSpan::sliding, "sliding_attention"},
    {AttentionSpan::chunked, "chunked_attention"},
}};

std::optional<AttentionSpan> span_named(std::string_view name, std::initializer_list<AttentionSpan> allowed)
{
    for (const auto& [span, known] : span_names)
        if (known == name && std::find(allowed.begin(), allowed.end(), span) != allowed.end())
            return span;
    return std::nullopt;
}

std::string names_of(std::initializer_list<AttentionSpan> allowed)
{
    std::string names;
    for (const auto& [span, name] : span_names)
        if (std::find(allowed.begin(), allowed.end(), span) != allowed.end())
            names += (names.empty() ? "" : " or ") + std::string(name);
    return names;
}

/// Lists come from strangers; one entry of it goes into a message.
std::string shortened(const std::string& name)
{
    return name.size() <= 40 ? name : name.substr(0, 36) + "...";
}

} // namespace

std::int64_t read_layer_count(ConfigReader& config, std::string_view key)
{
    return config.integer(key, ranges::layers);
}

Attention read_attention(ConfigReader& config, std::string_view heads_key, std::string_view kv_heads_key)
{
    Attention attention;
    attention.heads = config.integer(heads_key, ranges::heads);
    attention.kv_heads = config.optional_integer(kv_heads_key, ranges::heads).value_or(attention.heads);
    if (attention.heads % attention.kv_heads != 0)
        config.fail(kv_heads_key, "is " + grouped(attention.kv_heads) + "; it must divide " + std::string(heads_key) +
                                      " (" + grouped(attention.heads) + ")");

    const auto head_dim = config.optional_integer("head_dim", ranges::head_dim);
    const std::int64_t hidden = config.integer("hidden_size", ranges::size);
    if (!head_dim && hidden % attention.heads != 0)
        config.fail(heads_key, "is " + grouped(attention.heads) + "; without head_dim it must divide hidden_size (" +
                                   grouped(hidden) + ")");
    attention.head_dim = head_dim.value_or(std::max<std::int64_t>(1, hidden / attention.heads));
    attention.value_head_dim = attention.head_dim;
    return attention;
}

LatentAttention read_latent_attention(ConfigReader& config)
{
    LatentAttention attention;
    attention.heads = config.integer("num_attention_heads", ranges::heads);
    attention.q_lora_rank = config.optional_integer("q_lora_rank", ranges::size).value_or(0);
    attention.kv_lora_rank = config.integer("kv_lora_rank", ranges::size);
    attention.qk_nope_head_dim = config.integer("qk_nope_head_dim", ranges::head_dim);
    attention.qk_rope_head_dim = config.integer("qk_rope_head_dim", ranges::head_dim);
    const std::int64_t even = std::max<std::int64_t>(1, config.integer("hidden_size", ranges::size) / attention.heads);
    attention.v_head_dim = config.optional_integer("v_head_dim", ranges::head_dim).value_or(even); // MiniCPM3
    attention.bias = config.flag("attention_bias");
    // Files carry them, but every head has its own key and the widths are those above.
    config.ignore({"num_key_value_heads", "head_dim"});
    return attention;
}

DenseFeedForward read_dense(ConfigReader& config, std::string_view size_key)
{
    return {.intermediate_size = config.integer(size_key, ranges::size)};
}

std::optional<MixtureOfExperts> read_experts(ConfigReader& config, const ExpertKeys& keys)
{
    config.ignore({keys.per_token, keys.size, keys.shared}); // they mean nothing without experts
    const std::int64_t routed = config.optional_integer(keys.routed, ranges::experts_or_none).value_or(0);
    if (routed == 0)
        return std::nullopt;

    MixtureOfExperts experts;
    experts.routed_experts = routed;
    experts.experts_per_token = config.integer(keys.per_token, ranges::experts);
    experts.expert_intermediate_size = config.integer(keys.size, ranges::size);
    if (experts.experts_per_token > routed)
        config.fail(keys.per_token, "is " + grouped(experts.experts_per_token) + "; it must be at most " +
                                        grouped(routed) + ", the number of experts (" + std::string(keys.routed) + ")");
    if (!keys.shared.empty())
        experts.shared_experts = config.optional_integer(keys.shared, ranges::experts_or_none).value_or(0);
    experts.shared_intermediate_size = experts.shared_experts * experts.expert_intermediate_size;
    return experts;
}

Layer prediction_layer(Layer layer, std::int64_t hidden_size)
{
    layer.extras.push_back(matrix_tensor("eh_proj.weight", Part::feed_forward, {hidden_size, "h"},
                                         {2 * hidden_size, "2·h"}, Sharding::latent));
    layer.norms += 3;
    return layer;
}

void read_prediction_layers(ConfigReader& config, Architecture& network, std::string_view key)
{
    if (!config.has(key)) {
        config.ignore({key});
        return;
    }
    const std::int64_t count = config.optional_integer(key, ranges::layer_index).value_or(0);
    if (count > 0 && !network.runs.empty())
        network.mtp.push_back({prediction_layer(network.kinds[network.runs.back().kind], network.hidden_size), count});
}

void append_equal_layers(Architecture& network, std::int64_t count, const Layer& layer)
{
    for (std::int64_t i = 0; i < count; ++i)
        network.append(layer);
}

Tensor head_bias(std::int64_t vocab_size)
{
    Tensor bias = vector_tensor("lm_head.bias", Part::embedding, {vocab_size, "v"}, Sharding::vocabulary);
    bias.end = End::output;
    return bias;
}

std::vector<std::string> read_layer_names(ConfigReader& config, std::string_view key, std::int64_t layers,
                                          std::initializer_list<std::string_view> allowed,
                                          const std::function<std::string_view(std::int64_t)>& rule)
{
    const auto count = static_cast<std::size_t>(layers);
    std::vector<std::string> names;
    if (auto listed = config.texts(key)) {
        names = std::move(*listed);
        if (names.size() < count)
            config.fail(key, "has " + std::to_string(names.size()) + " entries; it must have one for each of the " +
                                 grouped(layers) + " layers");
        names.resize(count, std::string(*allowed.begin()));
    }
    for (std::size_t i = names.size(); i < count; ++i)
        names.emplace_back(rule(static_cast<std::int64_t>(i)));
    for (std::size_t i = 0; i < count; ++i) {
        if (std::find(allowed.begin(), allowed.end(), names[i]) != allowed.end())
            continue;
        std::string known;
        for (const std::string_view name : allowed)
            known += (known.empty() ? "" : ", ") + std::string(name);
        config.fail(std::string(key) + '[' + std::to_string(i) + ']',
                    "is \"" + shortened(names[i]) + "\"; known are " + known);
        names[i] = *allowed.begin();
    }
    return names;
}

std::vector<bool> read_sparse_layers(ConfigReader& config, std::int64_t layers, std::int64_t first_sparse,
                                     std::int64_t step)
{
    const auto names = read_layer_names(config, "mlp_layer_types", layers, {"sparse", "dense"}, [&](std::int64_t i) {
        return i >= first_sparse && i % step == 0 ? "sparse" : "dense";
    });
    std::vector<bool> sparse;
    sparse.reserve(names.size());
    for (const std::string& name : names)
        sparse.push_back(name == "sparse");
    return sparse;
}

std::vector<AttentionSpan> read_layer_spans(ConfigReader& config, std::int64_t layers,
                                            std::initializer_list<AttentionSpan> allowed,
                                            const std::function<AttentionSpan(std::int64_t)>& rule)
{
    std::vector<AttentionSpan> spans;
    const auto count = static_cast<std::size_t>(layers);
    spans.reserve(count);
    if (const auto names = config.texts("layer_types")) {
        if (names->size() != count)
            config.fail("layer_types", "has " + std::to_string(names->size()) +
                                           " entries; it must have one for each of the " + grouped(layers) + " layers");
        for (std::size_t i = 0; i < std::min(count, names->size()); ++i) {
            const auto span = span_named((*names)[i], allowed);
            if (!span)
                config.fail("layer_types[" + std::to_string(i) + ']',
                            "is \"" + shortened((*names)[i]) + "\"; it must be " + names_of(allowed));
            spans.push_back(span.value_or(AttentionSpan::full));
        }
        spans.resize(count, AttentionSpan::full);
        return spans;
    }
    for (std::int64_t i = 0; i < layers; ++i)
        spans.push_back(rule(i));
    return spans;
}

Attention with_span(Attention attention, AttentionSpan span, std::optional<std::int64_t> window)
{
    if (span != AttentionSpan::full && window) {
        attention.span = span;
        attention.window = *window;
    }
    return attention;
}

void require_window(ConfigReader& config, std::string_view key, const std::vector<AttentionSpan>& spans,
                    std::optional<std::int64_t> window)
{
    const bool windowed =
        std::any_of(spans.begin(), spans.end(), [](AttentionSpan span) { return span != AttentionSpan::full; });
    if (windowed && !window)
        config.refuse(key, "some layers attend to a window, so it must be a number of tokens");
}

void keep_no_cache(Architecture& network)
{
    for (Layer& layer : network.kinds)
        for (Mixer& mixer : layer.mixers)
            if (auto* attention = std::get_if<Attention>(&mixer))
                attention->stores_cache = false;
}

} // namespace weighbridge
