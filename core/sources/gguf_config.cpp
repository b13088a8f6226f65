#include "core/sources/gguf_config.h"

#include "core/quantity/display.h"
#include "core/quantity/nearest.h"
#include "core/sources/derived_network.h"
#include "core/sources/families/family.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;

/// A key of the file (after its architecture's name) and what transformers calls it.
using KeyPair = std::pair<std::string_view, std::string_view>;

struct GgufArchitecture
{
    std::string_view name;       ///< general.architecture
    std::string_view model_type; ///< of transformers
    std::span<const KeyPair> keys = {};
    std::string_view with_experts = {}; ///< model_type where the file has experts
};

constexpr std::array window_keys = {KeyPair{"attention.sliding_window", "sliding_window"}};
constexpr std::array moe_keys = {KeyPair{"expert_feed_forward_length", "moe_intermediate_size"},
                                 KeyPair{"expert_shared_feed_forward_length", "shared_expert_intermediate_size"},
                                 KeyPair{"attention.sliding_window", "sliding_window"}};
constexpr std::array hybrid_keys = {KeyPair{"expert_feed_forward_length", "moe_intermediate_size"},
                                    KeyPair{"expert_shared_feed_forward_length", "shared_expert_intermediate_size"},
                                    KeyPair{"full_attention_interval", "full_attention_interval"},
                                    KeyPair{"ssm.conv_kernel", "linear_conv_kernel_dim"},
                                    KeyPair{"ssm.group_count", "linear_num_key_heads"},
                                    KeyPair{"ssm.state_size", "linear_key_head_dim"},
                                    KeyPair{"ssm.time_step_rank", "linear_num_value_heads"}};
constexpr std::array latent_keys = {KeyPair{"attention.q_lora_rank", "q_lora_rank"},
                                    KeyPair{"attention.kv_lora_rank", "kv_lora_rank"},
                                    KeyPair{"rope.dimension_count", "qk_rope_head_dim"},
                                    KeyPair{"expert_feed_forward_length", "moe_intermediate_size"},
                                    KeyPair{"leading_dense_block_count", "first_k_dense_replace"},
                                    KeyPair{"attention.indexer.head_count", "index_n_heads"},
                                    KeyPair{"attention.indexer.key_length", "index_head_dim"},
                                    KeyPair{"attention.indexer.top_k", "index_topk"},
                                    KeyPair{"expert_shared_count", "n_shared_experts"}};
constexpr std::array dense_first_keys = {KeyPair{"expert_feed_forward_length", "moe_intermediate_size"},
                                         KeyPair{"leading_dense_block_count", "first_k_dense_replace"},
                                         KeyPair{"expert_shared_count", "n_shared_experts"}};
constexpr std::array gpt_oss_keys = {KeyPair{"expert_feed_forward_length", "intermediate_size"},
                                     KeyPair{"attention.sliding_window", "sliding_window"}};
constexpr std::array llama4_keys = {KeyPair{"expert_feed_forward_length", "intermediate_size"},
                                    KeyPair{"interleave_moe_layer_step", "interleave_moe_layer_step"},
                                    KeyPair{"attention.chunk_size", "attention_chunk_size"}};
constexpr std::array mamba_keys = {KeyPair{"ssm.conv_kernel", "conv_kernel"}, KeyPair{"ssm.state_size", "state_size"},
                                   KeyPair{"ssm.inner_size", "intermediate_size"},
                                   KeyPair{"ssm.time_step_rank", "time_step_rank"}};
constexpr std::array mamba2_keys = {KeyPair{"ssm.conv_kernel", "conv_kernel"}, KeyPair{"ssm.state_size", "state_size"},
                                    KeyPair{"ssm.time_step_rank", "num_heads"}, KeyPair{"ssm.group_count", "n_groups"}};
constexpr std::array short_conv_keys = {KeyPair{"shortconv.l_cache", "conv_L_cache"},
                                        KeyPair{"expert_feed_forward_length", "moe_intermediate_size"},
                                        KeyPair{"leading_dense_block_count", "num_dense_layers"}};

/// llama-arch.cpp of llama.cpp, and the classes that convert_hf_to_gguf.py reads into each. Where several do, the one
/// with the same tensors.
constexpr std::array<GgufArchitecture, 58> architectures = {{
    {"llama", "llama", {}, "mixtral"},
    {"mistral3", "mistral", window_keys},
    {"llama4", "llama4_text", llama4_keys},
    {"smollm3", "smollm3"},
    {"arcee", "arcee"},
    {"apertus", "apertus"},
    {"seed_oss", "seed_oss"},
    {"qwen2", "qwen2"},
    {"qwen2vl", "qwen2"},
    {"qwen2moe", "qwen2_moe", moe_keys},
    {"qwen3", "qwen3"},
    {"qwen3vl", "qwen3"},
    {"qwen3moe", "qwen3_moe", moe_keys},
    {"qwen3vlmoe", "qwen3_moe", moe_keys},
    {"qwen3next", "qwen3_next", hybrid_keys},
    {"qwen35", "qwen3_5_text", hybrid_keys},
    {"qwen35moe", "qwen3_5_moe_text", hybrid_keys},
    {"gemma", "gemma"},
    {"gemma2", "gemma2", window_keys},
    {"gemma3", "gemma3_text", window_keys},
    {"phi2", "phi"},
    {"phi3", "phi3"},
    {"phimoe", "phimoe"},
    {"deepseek", "deepseek", dense_first_keys},
    {"deepseek2", "deepseek_v2", latent_keys},
    {"deepseek32", "deepseek_v32", latent_keys},
    {"glm-dsa", "glm_moe_dsa", latent_keys},
    {"mistral4", "mistral4", latent_keys},
    {"gpt-oss", "gpt_oss", gpt_oss_keys},
    {"mamba", "mamba", mamba_keys},
    {"mamba2", "mamba2", mamba2_keys},
    {"granite", "granite"},
    {"granitemoe", "granitemoe"},
    {"falcon", "falcon"},
    {"stablelm", "stablelm"},
    {"starcoder2", "starcoder2", window_keys},
    {"command-r", "cohere"},
    {"cohere2", "cohere2", window_keys},
    {"olmo", "olmo"},
    {"olmo2", "olmo2"},
    {"olmoe", "olmoe"},
    {"glm4", "glm4"},
    {"chatglm", "glm"},
    {"glm4moe", "glm4_moe", dense_first_keys},
    {"exaone4", "exaone4", window_keys},
    {"nemotron", "nemotron"},
    {"gpt2", "gpt2"},
    {"gptneox", "gpt_neox"},
    {"bloom", "bloom"},
    {"internlm2", "internlm2"},
    {"baichuan", "baichuan"},
    {"minicpm", "minicpm"},
    {"lfm2", "lfm2", short_conv_keys},
    {"lfm2moe", "lfm2_moe", short_conv_keys},
    {"minimax-m2", "minimax_m2"},
    {"ernie4_5", "ernie4_5"},
    {"dots1", "dots1", dense_first_keys},
    {"hunyuan-dense", "hunyuan_v1_dense"},
}};

const GgufArchitecture* find_architecture(std::string_view name)
{
    const auto found = std::find_if(architectures.begin(), architectures.end(),
                                    [&](const GgufArchitecture& known) { return known.name == name; });
    return found == architectures.end() ? nullptr : &*found;
}

const StoredTensor* find_tensor(const GgufHeader& header, std::string_view name)
{
    const auto found = std::find_if(header.tensors.begin(), header.tensors.end(),
                                    [&](const StoredTensor& tensor) { return tensor.name == name; });
    return found == header.tensors.end() ? nullptr : &*found;
}

/// Whether any layer has a tensor of that name.
bool has_tensor(const GgufHeader& header, std::string_view ending)
{
    return std::any_of(header.tensors.begin(), header.tensors.end(),
                       [&](const StoredTensor& tensor) { return tensor.name.ends_with(ending); });
}

class Translator
{
public:
    Translator(const GgufHeader& header, const GgufArchitecture& architecture, const Family& family,
               std::string_view name, std::vector<Issue>& notes)
        : header_(header), architecture_(architecture), family_(family), name_(name), notes_(notes)
    {
    }

    Result<json> translate()
    {
        config_["model_type"] = family_.model_type;
        sizes();
        for (const auto& [gguf, ours] : architecture_.keys)
            if (const auto value = number(gguf))
                config_[std::string(ours)] = *value;
        experts();
        if (architecture_.keys.data() == latent_keys.data())
            latent();
        if (architecture_.keys.data() == hybrid_keys.data())
            hybrid();
        biases();
        short_convolutions();
        if (error_)
            return *error_;
        return config_;
    }

private:
    std::string key(std::string_view rest) const { return std::string(architecture_.name) + '.' + std::string(rest); }

    /// A whole number; of a list that gives each layer its own, the one that all have or the largest.
    std::optional<std::int64_t> number(std::string_view rest)
    {
        const std::string whole = key(rest);
        if (const auto value = header_.integer(whole))
            return value;
        const auto* list = header_.list(whole);
        if (list == nullptr || list->numbers.empty())
            return std::nullopt;
        const auto [least, most] = std::minmax_element(list->numbers.begin(), list->numbers.end());
        if (*least != *most)
            notes_.push_back({whole, Severity::warning,
                              whole + " differs from layer to layer; " + grouped(*most) +
                                  " is taken for all, so caches and operations may be counted wrong."});
        return *most;
    }

    void set(std::string_view name, std::optional<std::int64_t> value)
    {
        if (!name.empty() && value)
            config_[std::string(name)] = *value;
    }

    std::int64_t required(std::string_view rest)
    {
        const auto value = number(rest);
        if (!value && !error_)
            error_ = Error{key(rest), std::string(name_) + ": " + key(rest) +
                                          " is missing or no whole number, so the network's size is not known"};
        return value.value_or(0);
    }

    void sizes()
    {
        const FamilyKeys& keys = family_.keys;
        const std::int64_t predicted = number("nextn_predict_layers").value_or(0);
        set(keys.hidden_size, required("embedding_length"));
        set(keys.num_layers, required("block_count") - predicted);
        if (predicted > 0)
            config_["num_nextn_predict_layers"] = predicted;
        set(keys.num_attention_heads, number("attention.head_count"));
        set(keys.num_kv_heads, number("attention.head_count_kv"));
        const bool latent = number("attention.kv_lora_rank").has_value();
        if (!latent)
            set(keys.head_dim, number("attention.key_length"));
        set(keys.intermediate_size, number("feed_forward_length"));
        config_["max_position_embeddings"] = number("context_length").value_or(0);
        if (config_["max_position_embeddings"] == 0)
            config_.erase("max_position_embeddings");
        vocabulary();
    }

    void vocabulary()
    {
        const StoredTensor* embedding = find_tensor(header_, "token_embd.weight");
        const auto* tokens = header_.list("tokenizer.ggml.tokens");
        std::optional<std::int64_t> size =
            embedding != nullptr ? std::optional(embedding->shape[1]) : number("vocab_size");
        if (!size && tokens != nullptr)
            size = static_cast<std::int64_t>(tokens->length);
        set(family_.keys.vocab_size, size);
        config_[std::string(family_.keys.tie_word_embeddings)] = find_tensor(header_, "output.weight") == nullptr;
    }

    void experts()
    {
        const FamilyKeys& keys = family_.keys;
        const auto routed = number("expert_count");
        if (!routed || *routed == 0)
            return;
        set(keys.num_routed_experts, routed);
        set(keys.experts_per_token, number("expert_used_count"));
        auto size = number("expert_feed_forward_length");
        if (!size)
            size = number("feed_forward_length");
        set(keys.expert_ffn_size, size);
        set(keys.num_shared_experts, number("expert_shared_count"));
        if (!number("leading_dense_block_count") && architecture_.keys.data() == dense_first_keys.data())
            config_["first_k_dense_replace"] = dense_first_blocks();
    }

    /// Blocks before the first that has experts.
    std::int64_t dense_first_blocks() const
    {
        const std::int64_t blocks = header_.integer(key("block_count")).value_or(0);
        for (std::int64_t i = 0; i < std::min(blocks, ranges::layers.maximum); ++i)
            if (find_tensor(header_, "blk." + std::to_string(i) + ".ffn_gate_inp.weight") != nullptr)
                return i;
        return 0;
    }

    /// MLA: widths of keys and values are given for the heads, or (older files) only as they are.
    void latent()
    {
        auto width = number("attention.key_length_mla");
        if (!width)
            width = number("attention.key_length");
        auto value = number("attention.value_length_mla");
        if (!value)
            value = number("attention.value_length");
        const std::int64_t rope = number("rope.dimension_count").value_or(0);
        if (!width || !value || *width <= rope) {
            if (!error_)
                error_ = Error{key("attention.key_length_mla"),
                               std::string(name_) + ": " + key("attention.key_length_mla") +
                                   " is missing or not above rope.dimension_count of " + grouped(rope)};
            return;
        }
        config_["qk_nope_head_dim"] = *width - rope;
        config_["v_head_dim"] = *value;
        set("num_key_value_heads", number("attention.head_count"));
        if (number("attention.q_lora_rank").value_or(0) == 0)
            config_["q_lora_rank"] = nullptr;
    }

    void hybrid()
    {
        const auto inner = number("ssm.inner_size"), heads = number("ssm.time_step_rank");
        if (inner && heads && *heads > 0 && *inner % *heads == 0)
            config_["linear_value_head_dim"] = *inner / *heads;
    }

    /// Which layers of LFM2 have a convolution in place of attention.
    void short_convolutions()
    {
        if (architecture_.keys.data() != short_conv_keys.data())
            return;
        json& kinds = config_["layer_types"] = json::array();
        const std::int64_t layers = number("block_count").value_or(0);
        for (std::int64_t i = 0; i < std::min(layers, ranges::layers.maximum); ++i)
            kinds.push_back(find_tensor(header_, "blk." + std::to_string(i) + ".shortconv.conv.weight") != nullptr
                                ? "conv"
                                : "full_attention");
    }

    /// Only the tensors say whether there are biases and norms of queries and keys.
    void biases()
    {
        const bool queries = has_tensor(header_, ".attn_q.bias") || has_tensor(header_, ".attn_qkv.bias");
        for (const char* name : {"attention_bias", "use_qkv_bias"})
            if (family_.model_type != "qwen2" && family_.model_type != "qwen2_moe")
                config_[name] = queries;
        config_["lm_head_bias"] = find_tensor(header_, "output.bias") != nullptr;
        config_["mlp_bias"] = has_tensor(header_, ".ffn_up.bias");
        config_["use_qk_norm"] = has_tensor(header_, ".attn_q_norm.weight");
        config_["block_auto_adjust_ff_dim"] = false; // the file has the size itself (LFM2)
    }

    const GgufHeader& header_;
    const GgufArchitecture& architecture_;
    const Family& family_;
    std::string_view name_;
    std::vector<Issue>& notes_;
    json config_ = json::object();
    std::optional<Error> error_;
};

/// Files that hold no language model: what they are, and how much of it.
std::optional<Error> no_network(const GgufHeader& header, std::string_view name)
{
    const std::string type = header.text("general.type").value_or("");
    const std::string architecture = header.text("general.architecture").value_or("");
    std::string_view what;
    if (type == "adapter")
        what = "a LoRA adapter, which is loaded beside the model that it was trained for";
    else if (type == "mmproj" || architecture == "clip")
        what = "a tower for pictures or sound with its projector (mmproj), which is loaded beside the language model";
    else if (type == "control_vector" || architecture == "controlvector")
        what = "a control vector, which is added to the layers of a model";
    else if (type == "imatrix" || architecture == "imatrix")
        what = "an importance matrix, which quantization reads and no engine loads";
    if (what.empty())
        return std::nullopt;
    std::int64_t bytes = 0;
    for (const StoredTensor& tensor : header.tensors)
        bytes += tensor.bytes;
    return Error{"general.type", std::string(name) + ": it is " + std::string(what) + ": " +
                                     grouped(static_cast<std::int64_t>(header.tensors.size())) + " tensors, " +
                                     in_fitting_unit({bytes}, ByteUnit::gib) + ". Open the model's own file"};
}

} // namespace

Result<json> config_of_gguf(const GgufHeader& header, std::string_view name, std::vector<Issue>& notes)
{
    const auto fail = [&](const std::string& what) {
        return Error{"general.architecture", std::string(name) + ": general.architecture " + what};
    };
    const auto named = header.text("general.architecture");
    if (const auto other = no_network(header, name))
        return *other;
    if (!named)
        return fail("is missing, so nothing says which network this is");
    const GgufArchitecture* architecture = find_architecture(*named);
    std::string_view model_type = architecture != nullptr ? architecture->model_type : "";
    if (architecture != nullptr && !architecture->with_experts.empty() &&
        header.integer(*named + ".expert_count").value_or(0) > 0)
        model_type = architecture->with_experts;
    // DeepSeek-V3 has a correction of the router's scores, V2 has none.
    if (model_type == "deepseek_v2" && has_tensor(header, ".exp_probs_b.bias"))
        model_type = "deepseek_v3";
    const Family* family = find_family(model_type);
    if (family == nullptr)
        return derived_config(header, *named, name, notes);
    notes.push_back({"general.architecture", Severity::note,
                     "The network is read from the keys of the file (" + *named + "), as a " +
                         std::string(family->model_type) +
                         " model of transformers; what the file does not say is as in that class."});
    return Translator(header, *architecture, *family, name, notes).translate();
}

std::string gguf_model_name(const GgufHeader& header)
{
    const std::string name = header.text("general.name").value_or("");
    const std::string shown = weighbridge::in_quotes(name);
    return name.empty() ? name : shown.substr(1, shown.size() - 2);
}

} // namespace weighbridge
