#include "core/model/layer_label.h"

#include "core/quantity/display.h"

#include <algorithm>
#include <string_view>

namespace weighbridge {

namespace {

std::string attention_label(const Attention& attention)
{
    switch (attention.span) {
    case AttentionSpan::full:
        return "full attention";
    case AttentionSpan::sliding:
        return "sliding window of " + grouped(attention.window);
    case AttentionSpan::chunked:
        return "chunks of " + grouped(attention.window);
    }
    return {};
}

std::string mixer_label(const Mixer& mixer)
{
    if (const auto* attention = std::get_if<Attention>(&mixer))
        return attention->cross ? "cross-attention" : attention_label(*attention);
    if (std::holds_alternative<LatentAttention>(mixer))
        return "latent attention";
    if (const auto* compressed = std::get_if<CompressedAttention>(&mixer))
        return compressed->compress_ratio > 0
                   ? "window of " + grouped(compressed->window) + ", compressed " + grouped(compressed->compress_ratio)
                   : "sliding window of " + grouped(compressed->window);
    return std::string(recurrent_name(std::get<Recurrent>(mixer).kind));
}

std::string index_shape(const Indexer& indexer)
{
    if (indexer.heads == 0)
        return {};
    return indexer.owned ? ", an indexer of " + grouped(indexer.heads) + " heads" : ", an earlier layer's indexer";
}

std::string shape_of(const Attention& attention)
{
    std::string text = grouped(attention.heads) + " heads, ";
    text += attention.kv_heads == attention.heads ? "each with keys and values,"
                                                  : grouped(attention.kv_heads) + " for keys and values,";
    text += " of " + grouped(attention.head_dim);
    if (attention.value_head_dim != attention.head_dim)
        text += " and " + grouped(attention.value_head_dim);
    if (!attention.stores_cache)
        text += ", the cache of an earlier layer";
    if (!attention.holds_weights)
        text += ", shared matrices";
    return text + index_shape(attention.indexer);
}

std::string shape_of(const LatentAttention& attention)
{
    return grouped(attention.heads) + " heads, kv_lora_rank " + grouped(attention.kv_lora_rank) + " + " +
           grouped(attention.qk_rope_head_dim) + index_shape(attention.indexer);
}

std::string shape_of(const CompressedAttention& attention)
{
    return grouped(attention.heads) + " heads of " + grouped(attention.head_dim) + ", one key/value" +
           index_shape(attention.indexer);
}

std::string shape_of(const Recurrent& recurrent)
{
    std::string text;
    if (recurrent.state_elements > 0)
        text = "a state of " + grouped(recurrent.state_elements) + " elements";
    if (recurrent.conv_channels > 0)
        text += (text.empty() ? "" : ", ") + grouped(recurrent.conv_channels) + " channels over " +
                grouped(recurrent.conv_kernel) + " tokens";
    return text;
}

std::string shape_of(const DenseFeedForward& dense)
{
    return "inner width " + grouped(dense.intermediate_size) + (dense.holds_weights ? "" : ", shared matrices");
}

std::string shape_of(const MixtureOfExperts& experts)
{
    std::string text = grouped(experts.routed_experts) + " experts of " + grouped(experts.expert_intermediate_size) +
                       ", " + grouped(experts.experts_per_token) + " per token";
    if (experts.shared_experts > 0)
        text += ", " + grouped(experts.shared_experts) + " shared";
    return text;
}

/// Joins what differs, each text once.
class Parts
{
public:
    explicit Parts(std::string_view separator) : separator_(separator) {}

    void add(const std::string& part)
    {
        if (part.empty() || std::find(parts_.begin(), parts_.end(), part) != parts_.end())
            return;
        joined_ += (parts_.empty() ? "" : separator_);
        joined_ += part;
        parts_.push_back(part);
    }

    std::string take() && { return std::move(joined_); }

private:
    std::string separator_;
    std::vector<std::string> parts_;
    std::string joined_;
};

} // namespace

std::string layer_label(const Layer& layer)
{
    Parts parts(", ");
    for (const Mixer& mixer : layer.mixers)
        parts.add(mixer_label(mixer));
    for (const FeedForward& network : layer.feed_forwards)
        parts.add(std::holds_alternative<MixtureOfExperts>(network) ? "experts" : "dense");
    return std::move(parts).take();
}

std::string layer_shape(const Layer& layer)
{
    Parts parts("; ");
    for (const Mixer& mixer : layer.mixers)
        parts.add(std::visit([](const auto& known) { return shape_of(known); }, mixer));
    for (const FeedForward& network : layer.feed_forwards)
        parts.add(std::visit([](const auto& known) { return shape_of(known); }, network));
    return std::move(parts).take();
}

} // namespace weighbridge
