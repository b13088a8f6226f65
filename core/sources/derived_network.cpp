#include "core/sources/derived_network.h"

#include "core/quantity/display.h"
#include "core/sources/config_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>

namespace weighbridge {

namespace {

using nlohmann::json;

/// Of "blk.7.attn_q.weight": 7 and "attn_q.weight".
struct BlockName
{
    std::int64_t block = -1;
    std::string_view rest;
};

BlockName block_name(std::string_view name)
{
    constexpr std::string_view prefix = "blk.";
    if (!name.starts_with(prefix))
        return {-1, name};
    const std::string_view number = name.substr(prefix.size());
    std::int64_t block = -1;
    const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), block);
    if (problem != std::errc() || block < 0 || end == number.data() + number.size() || *end != '.')
        return {-1, name};
    return {block, number.substr(static_cast<std::size_t>(end - number.data()) + 1)};
}

using Block = std::map<std::string_view, const StoredTensor*>;

class Deriver
{
public:
    Deriver(const GgufHeader& header, std::string_view architecture, std::string_view name, std::vector<Issue>& notes)
        : header_(header), architecture_(architecture), name_(name), notes_(notes)
    {
    }

    Result<json> derive()
    {
        const auto width = number("embedding_length");
        const auto blocks = number("block_count");
        const StoredTensor* head = find("output.weight");
        const StoredTensor* embedding = find("token_embd.weight");
        const bool has_both = embedding != nullptr && head != nullptr;
        if (embedding == nullptr)
            embedding = head; // CodeShell: rows are taken from the head
        if (!width || *width <= 0 || *width > ranges::size.maximum)
            return missing("embedding_length", ranges::size);
        if (!blocks || *blocks <= 0 || *blocks > ranges::layers.maximum)
            return missing("block_count", ranges::layers);
        if (embedding == nullptr)
            return Error{
                "weights",
                std::string(name_) + ": general.architecture is " + in_quotes(architecture_) +
                    ", which has no row here, and there is no tensor token_embd.weight or output.weight, so it is "
                    "no language model whose network its tensors could tell"};
        width_ = *width;
        layers_ = std::max<std::int64_t>(1, *blocks - bounded("nextn_predict_layers", ranges::layer_index));
        collect();
        json config = {{"model_type", derived_family},
                       {"derived_from", architecture_},
                       {"hidden_size", width_},
                       {"vocab_size", embedding->shape[1]},
                       {"tie_word_embeddings", !has_both},
                       {"num_hidden_layers", layers_},
                       {"final_norm", find("output_norm.weight") != nullptr},
                       {"outer_parameters", outer_}};
        if (const auto context = number("context_length"); context && *context > 0)
            config["max_position_embeddings"] = *context;
        json& runs = config["layers"] = json::array();
        for (std::int64_t i = 0; i < layers_; ++i) {
            json layer = layer_of(i);
            if (!runs.empty() && runs.back().at("kind") == layer)
                runs.back()["count"] = runs.back().at("count").get<std::int64_t>() + 1;
            else
                runs.push_back({{"count", 1}, {"kind", std::move(layer)}});
        }
        note_windows();
        return config;
    }

private:
    static std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }
    std::string key(std::string_view rest) const { return std::string(architecture_) + '.' + std::string(rest); }
    std::optional<std::int64_t> number(std::string_view rest) const { return header_.integer(key(rest)); }

    Error missing(std::string_view rest, IntegerRange range) const
    {
        return {key(rest), std::string(name_) + ": " + key(rest) + " is missing or no whole number from " +
                               grouped(range.minimum) + " to " + grouped(range.maximum) +
                               ", so the network's size is not known"};
    }

    /// A number that strangers may have made up, kept to what any network has; 0 where there is none.
    std::int64_t bounded(std::string_view rest, IntegerRange range) const
    {
        const auto value = number(rest);
        return value ? std::clamp(*value, range.minimum, range.maximum) : 0;
    }

    const StoredTensor* find(std::string_view name) const
    {
        const auto found = std::find_if(header_.tensors.begin(), header_.tensors.end(),
                                        [&](const StoredTensor& tensor) { return tensor.name == name; });
        return found == header_.tensors.end() ? nullptr : &*found;
    }

    /// One number for all layers, or a list with one for each.
    std::optional<std::int64_t> of_layer(std::string_view rest, std::int64_t layer) const
    {
        if (const auto same = number(rest))
            return same;
        const auto* list = header_.list(key(rest));
        const auto index = static_cast<std::size_t>(layer);
        return list != nullptr && index < list->numbers.size() ? std::optional(list->numbers[index]) : std::nullopt;
    }

    void collect()
    {
        blocks_.resize(static_cast<std::size_t>(layers_));
        for (const StoredTensor& tensor : header_.tensors) {
            const auto [block, rest] = block_name(tensor.name);
            if (block >= 0 && block < layers_)
                blocks_[static_cast<std::size_t>(block)][rest] = &tensor;
            else if (block < 0 && tensor.name != "token_embd.weight" && tensor.name != "output.weight" &&
                     tensor.name != "output_norm.weight" && !tensor.name.starts_with("rope_f"))
                outer_ += tensor.elements;
        }
    }

    static const StoredTensor* in(const Block& block, std::string_view name)
    {
        const auto found = block.find(name);
        return found == block.end() ? nullptr : found->second;
    }

    json layer_of(std::int64_t index)
    {
        const Block& block = blocks_[static_cast<std::size_t>(index)];
        json layer = json::object();
        std::int64_t parameters = 0;
        for (const auto& [name, tensor] : block)
            parameters += tensor->elements;
        layer["parameters"] = parameters;
        attention(block, index, layer);
        state(block, layer);
        network(block, layer);
        return layer;
    }

    void attention(const Block& block, std::int64_t index, json& layer)
    {
        const StoredTensor* q = in(block, "attn_q.weight");
        const StoredTensor* qkv = in(block, "attn_qkv.weight");
        const StoredTensor* latent = in(block, "attn_kv_a_mqa.weight");
        const std::int64_t heads = std::min(of_layer("attention.head_count", index).value_or(0), ranges::heads.maximum);
        const bool attends =
            q != nullptr || latent != nullptr || (qkv != nullptr && in(block, "ssm_out.weight") == nullptr);
        if (!attends || heads <= 0)
            return;
        if (latent != nullptr) {
            const std::int64_t rank = bounded("attention.kv_lora_rank", ranges::size_or_none);
            const std::int64_t rope = latent->shape[1] - rank;
            const StoredTensor* low = in(block, "attn_q_a.weight");
            const StoredTensor* queries = in(block, low != nullptr ? "attn_q_b.weight" : "attn_q.weight");
            const StoredTensor* output = in(block, "attn_output.weight");
            const std::int64_t query_dim = queries != nullptr ? queries->shape[1] / heads : 0;
            if (rank > 0 && rope > 0 && query_dim > rope && output != nullptr)
                layer["latent"] = {
                    {"heads", heads},           {"q_lora_rank", low != nullptr ? low->shape[1] : 0},
                    {"kv_lora_rank", rank},     {"qk_nope_head_dim", query_dim - rope},
                    {"qk_rope_head_dim", rope}, {"v_head_dim", std::max<std::int64_t>(1, output->shape[0] / heads)}};
            return;
        }
        const StoredTensor* k = in(block, "attn_k.weight");
        const StoredTensor* v = in(block, "attn_v.weight");
        std::int64_t kv_heads = std::clamp<std::int64_t>(of_layer("attention.head_count_kv", index).value_or(heads), 0,
                                                         ranges::heads.maximum);
        std::int64_t head_dim = bounded("attention.key_length", ranges::head_dim);
        if (k != nullptr && kv_heads > 0)
            head_dim = k->shape[1] / kv_heads;
        else if (q != nullptr)
            head_dim = q->shape[1] / heads;
        else if (qkv != nullptr && head_dim == 0)
            head_dim = qkv->shape[1] / std::max<std::int64_t>(1, heads + 2 * kv_heads);
        std::int64_t value_dim = head_dim;
        if (v != nullptr && kv_heads > 0)
            value_dim = v->shape[1] / kv_heads;
        const bool writes = k != nullptr || qkv != nullptr;
        const bool causal = number("attention.causal").value_or(1) != 0;
        kv_heads = std::clamp<std::int64_t>(kv_heads, 1, heads);
        while (heads % kv_heads != 0)
            ++kv_heads; // no head may share half of another's keys
        layer["attention"] = {{"heads", heads},
                              {"kv_heads", kv_heads},
                              {"head_dim", std::max<std::int64_t>(1, head_dim)},
                              {"v_head_dim", std::max<std::int64_t>(1, value_dim)},
                              {"stores_cache", writes && causal}};
        if (slides(index))
            layer["attention"]["sliding_window"] = *number("attention.sliding_window");
    }

    /// A list of flags, or a number n: each n-th layer sees everything (llama-hparams.cpp, set_swa_pattern).
    bool slides(std::int64_t index) const
    {
        const std::int64_t window = number("attention.sliding_window").value_or(0);
        if (window <= 0)
            return false;
        if (const auto every = number("attention.sliding_window_pattern"))
            return *every > 0 && index % *every < *every - 1;
        const auto* list = header_.list(key("attention.sliding_window_pattern"));
        const auto place = static_cast<std::size_t>(index);
        return list != nullptr && place < list->numbers.size() && list->numbers[place] != 0;
    }

    void note_windows()
    {
        const std::string pattern = key("attention.sliding_window_pattern");
        const std::int64_t window = number("attention.sliding_window").value_or(0);
        if (window > 0 && header_.find(pattern) == nullptr)
            notes_.push_back({key("attention.sliding_window"), Severity::warning,
                              key("attention.sliding_window") + " is " + grouped(window) +
                                  ", but no key says which layers it is for: all are taken to see everything, so the "
                                  "cache may be smaller."});
    }

    void state(const Block& block, json& layer)
    {
        if (const StoredTensor* conv = in(block, "shortconv.conv.weight")) {
            layer["state"] = {{"conv_kernel", conv->shape[0]}, {"conv_channels", conv->shape[1]}, {"elements", 0}};
            return;
        }
        if (const StoredTensor* conv = in(block, "ssm_conv1d.weight")) {
            const std::int64_t inner = number("ssm.inner_size") ? bounded("ssm.inner_size", ranges::size)
                                                                : std::min(conv->shape[1], ranges::size.maximum);
            const std::int64_t size = bounded("ssm.state_size", ranges::size_or_none);
            layer["state"] = {
                {"conv_kernel", conv->shape[0]}, {"conv_channels", conv->shape[1]}, {"elements", inner * size}};
            return;
        }
        if (in(block, "time_mix_output.weight") != nullptr) {
            const std::int64_t head = std::max<std::int64_t>(1, bounded("wkv.head_size", ranges::head_dim));
            layer["state"] = {{"conv_kernel", 3}, {"conv_channels", width_}, {"elements", width_ * head}};
        }
    }

    void network(const Block& block, json& layer)
    {
        const StoredTensor* routed = in(block, "ffn_up_exps.weight");
        if (routed == nullptr)
            routed = in(block, "ffn_gate_up_exps.weight");
        if (routed != nullptr) {
            const std::int64_t count = std::max<std::int64_t>(1, routed->shape[2]);
            const StoredTensor* down = in(block, "ffn_down_exps.weight");
            const StoredTensor* shared = in(block, "ffn_up_shexp.weight");
            layer["experts"] = {
                {"count", count},
                {"latent_size", routed->shape[0] == width_ ? 0 : routed->shape[0]},
                {"per_token", std::clamp<std::int64_t>(number("expert_used_count").value_or(1), 1, count)},
                {"intermediate_size", down != nullptr ? down->shape[0] : routed->shape[1]},
                {"gated",
                 in(block, "ffn_gate_exps.weight") != nullptr || routed->name.ends_with("gate_up_exps.weight")},
                {"shared_intermediate_size", shared != nullptr ? shared->shape[1] : 0}};
        }
        const StoredTensor* down = in(block, "ffn_down.weight");
        const StoredTensor* up = in(block, "ffn_up.weight");
        if (down == nullptr || up == nullptr)
            return;
        // Gate and up projection may be one matrix.
        const bool gated = in(block, "ffn_gate.weight") != nullptr || up->shape[1] == 2 * down->shape[0];
        layer["feed_forward"] = {{"intermediate_size", down->shape[0]}, {"gated", gated}};
    }

    const GgufHeader& header_;
    std::string_view architecture_;
    std::string_view name_;
    std::vector<Issue>& notes_;
    std::int64_t width_ = 0;
    std::int64_t layers_ = 0;
    std::int64_t outer_ = 0; ///< elements of tensors outside the layers, vocabulary and final norm excluded
    std::vector<Block> blocks_;
};

} // namespace

Result<json> derived_config(const GgufHeader& header, std::string_view architecture, std::string_view name,
                            std::vector<Issue>& notes)
{
    return Deriver(header, architecture, name, notes).derive();
}

} // namespace weighbridge
