#include "core/training/saved_tensors.h"

#include "core/memory/layer_widths.h"
#include "core/quantity/text.h"
#include "core/training/adapters.h"
#include "core/training/freeze.h"
#include "core/training/network_code.h"

#include <algorithm>

namespace weighbridge {

namespace {

/// Collects the rows of one layer.
class Rows
{
public:
    Rows(const TrainingInputs& inputs, const Model& stage, std::size_t kind)
        : in_(inputs), model_(stage), kind_(kind), layer_(stage.architecture.kinds[kind]),
          widths_(layer_widths(stage.architecture)[kind]), hidden_(static_cast<double>(stage.architecture.hidden_size)),
          c_(inputs.recipe.compute), input_(inputs.saved_input_bytes), fused_(inputs.fused_kernels || inputs.compiled)
    {
    }

    std::vector<SavedTensor> all() &&
    {
        norms();
        masks();
        for (const Mixer& mixer : layer_.mixers)
            std::visit([&](const auto& known) { add_mixer(known); }, mixer);
        feed_forward_ = true;
        for (const FeedForward& network : layer_.feed_forwards)
            std::visit([&](const auto& known) { add_network(known); }, network);
        feed_forward_ = false;
        return std::move(rows_);
    }

    /// torchtitan's selective recompute keeps the output of attention and of every second matrix product, in the order
    /// q, k, v, o, w1, w3, w2 (activation_checkpoint.py, _get_custom_policy).
    std::vector<SavedTensor> every_second_product() &&
    {
        add("layer_input", "Layer's input", "h", hidden_, c_, false);
        add("queries", "Queries", "a·d", queries(), c_, true);
        add("values", "Values", "k·d_v", values(), c_, true);
        add("attention_output", "Attention's output", "a·d_v", outputs(), c_, true);
        add("log_sum_exp", "Log-sum-exp of attention", "a", heads(), fp32_bytes, true);
        const double inner =
            static_cast<double>(widths_.feed_forward + widths_.shared + widths_.experts_per_token * widths_.expert);
        add("gate", "First projection of the feed-forward", "h_ffn", inner, c_, true);
        if (!in_.compiled) // no gradient needs it: the compiler's partitioner keeps only what one does
            add("ffn_output", "Feed-forward's output", "h", hidden_, c_, false);
        return std::move(rows_);
    }

    /// Walked backward, each operation's tensors are free when it is done. At the peak of a gated feed-forward stand
    /// six of its width: gate, up, the activated gate, the gradient of their product and two more on the way; kernels
    /// that write gradients over gate and up have four, the down projection's input among them.
    std::vector<SavedTensor> working_feed_forward() &&
    {
        const std::vector<SavedTensor> kept = Rows(in_, model_, kind_).all();
        const bool down_input =
            std::any_of(kept.begin(), kept.end(), [](const SavedTensor& row) { return row.id == "down_input"; });
        add("hidden_gradient", "Gradients of the hidden state", "h", hidden_, 2 * c_, false);
        const bool adapted = std::any_of(model_.tensors.begin(), model_.tensors.end(), [&](const Tensor& tensor) {
            return tensor.kind == kind_ && tensor.name.ends_with("down_proj.weight") && has_adapter(in_, tensor);
        });
        const bool walked = widths_.gated && !in_.fused_gates && !in_.compiled;
        double copies = in_.gates_in_place ? 1 : walked && down_input ? 2 : widths_.gated ? 3 : 2;
        // An adapter in fp32 hands the gradient of its input back in fp32 and 16 bits beside the frozen matrix's own.
        if (in_.adapters_cast_input && adapted && c_ < fp32_bytes)
            copies = 1 + (fp32_bytes + c_) / c_;
        if (in_.prepares_kbit && !in_.fused_gates)
            copies *= fp32_bytes / c_;
        const double inner = std::max({static_cast<double>(widths_.feed_forward), static_cast<double>(widths_.shared),
                                       static_cast<double>(widths_.experts_per_token * widths_.expert) * in_.imbalance,
                                       static_cast<double>(widths_.recurrent)});
        feed_forward_ = true;
        add("inner_gradients", "Gradients inside the feed-forward", "h_ffn", inner, copies * c_, true);
        return std::move(rows_);
    }

    /// FlashAttention's backward pass: the output's gradient made contiguous, the queries' and one more of their size,
    /// the queries' in fp32; keys' and values', under GQA both once more with all heads.
    std::vector<SavedTensor> working_attention() &&
    {
        add("hidden_gradient", "Gradients of the hidden state", "h", hidden_, 2 * c_, false);
        if (widths_.heads > 0 && in_.choice->attention == "eager") {
            // the softmax's gradient, its product with the output and the scores' gradient in fp32; the cast is gone
            // (ATen SoftMax.cu, softmax_backward_cuda_out)
            const double bytes = in_.recipe.compute == fp32_bytes ? 3 * fp32_bytes : 3 * fp32_bytes - c_;
            add("score_gradients", "Gradients of the attention scores", "a·s", scores(), bytes, true);
        } else if (widths_.heads > 0) {
            const bool grouped = widths_.kv_heads > 0 && widths_.kv_heads < widths_.heads;
            add("query_gradients", "Gradients of attention's output and queries", "a·d", queries(), 3 * c_ + fp32_bytes,
                true);
            add("key_gradients", "Gradients of keys and values", "k·d",
                static_cast<double>(widths_.keys) * key_copies(), 2 * c_, true);
            if (grouped)
                add("spread_gradients", "The same with all heads", "a·d", queries(), 2 * c_, true);
        }
        other_ranks();
        return std::move(rows_);
    }

private:
    /// Keys and values of the other context-parallel ranks, joined to be sent: all at once where they are gathered,
    /// those in use and the next where they go round. What is summed up over the ranks is in fp32: the queries'
    /// gradient, and three times keys' and values': summed, joined, received (torch experimental/_attention.py,
    /// _templated_ring_attention_backward).
    void other_ranks()
    {
        const auto ranks = static_cast<double>(in_.hardware->context_parallel);
        if (ranks <= 1 || in_.context_method == "ulysses" || widths_.heads <= 0)
            return;
        const double width = static_cast<double>(widths_.keys) + values();
        const double copies = in_.context_method == "allgather" ? ranks + 1 : 2;
        constexpr double summed = 3;
        add("other_keys", "Keys and values of other ranks", "k·(d + d_v)", width, copies * c_, true);
        add("summed_queries", "Gradient of the queries over all ranks", "a·d", queries(), fp32_bytes, true);
        add("summed_keys", "Gradients of keys and values on their way", "k·(d + d_v)", width, summed * fp32_bytes,
            true);
    }

    double heads() const { return static_cast<double>(widths_.heads); }
    double queries() const { return static_cast<double>(widths_.queries); }
    double values() const { return static_cast<double>(widths_.values); }
    double outputs() const { return static_cast<double>(widths_.outputs); }
    double scores() const { return heads() * static_cast<double>(in_.sequence_length); }

    void add(std::string_view id, std::string_view label, std::string_view symbol, double width, double bytes,
             bool sharded)
    {
        if (width > 0 && bytes > 0)
            rows_.push_back({id, label, std::string(symbol), width, bytes, sharded, feed_forward_});
    }

    void norm(std::string_view id, std::string_view label, std::string_view symbol, double width, bool sharded)
    {
        if (fused_ || layer_.norm_bias || in_.recipe.compute == fp32_bytes) {
            add(id, label, symbol, width, sharded ? c_ : in_.hidden_bytes, sharded);
            return;
        }
        // LlamaRMSNorm: the fp32 copy is kept by pow() and by the product with rsqrt, the normalized copy by the
        // product with the weights if those are trained.
        add(id, label, symbol, width, fp32_bytes + (in_.frozen_base ? 0 : c_), sharded);
    }

    /// One byte per element of the hidden state after attention and after the feed-forward (arXiv:2205.05198, 4.1).
    void masks()
    {
        if (in_.hidden_dropout > 0)
            add("dropout_masks", "Masks of the hidden dropout", "h", hidden_, 2, false);
    }

    /// Half of them stand before or after the feed-forward.
    void norms()
    {
        norm("norms", "Norms", "n_norm·h", layer_.norms * hidden_ / 2, false);
        feed_forward_ = true;
        norm("ffn_norms", "Norms of the feed-forward", "n_norm·h", layer_.norms * hidden_ / 2, false);
        feed_forward_ = false;
    }

    /// The input of matrices that share it: kept once where a gradient of their weights needs it, and once for each
    /// adapter that casts it.
    void input(std::string_view id, std::string_view label, std::string_view symbol, double width, bool sharded,
               bool kept_anyway, const std::vector<std::string_view>& readers, Part part)
    {
        bool trained = false;
        double adapted = 0;
        for (const Tensor& tensor : model_.tensors) {
            if (tensor.kind != kind_ || tensor.part != part || tensor.columns.value == 1)
                continue;
            const bool reads = std::any_of(readers.begin(), readers.end(), [&](std::string_view reader) {
                return tensor.name.ends_with("." + std::string(reader) + ".weight") ||
                       tensor.name == std::string(reader) + ".weight";
            });
            if (!reads)
                continue;
            trained = trained || trains_weights(in_, tensor) || (in_.keeps_inputs && tensor.quantizable);
            adapted += has_adapter(in_, tensor) ? 1 : 0;
        }
        const NetworkCode& code = network_code(model_.architecture.family);
        if ((id == "qkv_input" && code.fused_qkv) || (id == "ffn_input" && code.fused_gate_up))
            adapted = std::min(adapted, 1.0);
        const bool private_copies = in_.adapters_cast_input;
        const bool other_copy_serves = kept_anyway && input_ == c_; // a quantized input is a copy of its own
        const bool dropout = in_.choice->lora_dropout > 0;          // an adapter keeps the dropped input and its mask
        const bool shared = (trained || (adapted > 0 && !private_copies && !dropout)) && !other_copy_serves;
        const double own = dropout ? c_ + 1 : private_copies ? c_ : 0;
        const double bytes = (shared ? input_ : 0) + own * adapted;
        if (bytes > 0 && !dropped(id))
            add(id, label, symbol, width, bytes, sharded);
    }

    /// Megatron's --recompute-modules: what such a module would have kept is computed again.
    bool dropped(std::string_view id) const
    {
        if (in_.recompute.kind != Recompute::selective)
            return false;
        const auto& modules = in_.choice->recompute_modules;
        if (contains(modules, "layernorm") && (id == "qkv_input" || id == "ffn_input"))
            return true;
        return contains(modules, "mlp") && (id == "gate_up" || id == "activation" || id == "down_input");
    }

    /// Ulysses with more ranks than key heads: each rank holds one of them for the whole sequence.
    double key_copies() const
    {
        const auto ranks = static_cast<double>(in_.hardware->context_parallel);
        const auto keys = static_cast<double>(widths_.kv_heads);
        return in_.context_method == "ulysses" && keys > 0 && ranks > keys ? ranks / keys : 1;
    }

    void attention_core(double query, double key, double value, double output, double head_count)
    {
        const bool expanded = in_.framework->repeats_kv && in_.choice->attention != "flash" && !fused_ &&
                              widths_.kv_heads > 0 && widths_.kv_heads < widths_.heads;
        const double times = expanded ? heads() / static_cast<double>(widths_.kv_heads) : 1;
        add("queries", "Queries", "a·d", query, c_, true);
        add("keys", "Keys", expanded ? "a·d" : "k·d", key * times * key_copies(), c_, true);
        add("values", "Values", expanded ? "a·d_v" : "k·d_v", value * times * key_copies(), c_, true);
        add("attention_output", "Attention's output", "a·d_v", output, c_, true);
        if (in_.choice->attention != "eager") {
            add("log_sum_exp", "Log-sum-exp of attention", "a", head_count, fp32_bytes, true);
            return;
        }
        if (in_.recompute.kind == Recompute::selective)
            return;
        add("attention_scores", "Attention scores, softmax in fp32 and cast", "a·s", scores(),
            in_.recipe.compute == fp32_bytes ? fp32_bytes : fp32_bytes + c_, true);
        if (network_code(model_.architecture.family).caps_scores)
            add("capped_scores", "Scores under their soft cap", "a·s", scores(), c_, true);
        if (in_.attention_dropout > 0)
            add("attention_mask", "Mask of the attention dropout and what it leaves", "a·s", scores(), 1 + c_, true);
    }

    void add_mixer(const Attention& attention)
    {
        input("qkv_input", "Input of q, k and v", "h", hidden_, false, false, {"q_proj", "k_proj", "v_proj"},
              Part::attention);
        if (attention.qk_norm != QkNorm::none)
            norm("qk_norms", "QK norms", "(a + k)·d", queries() + static_cast<double>(widths_.keys), true);
        attention_core(queries(), static_cast<double>(widths_.keys), values(), outputs(), heads());
        if (attention.gate != OutputGate::none)
            add("attention_gate", "Gate on attention's output", "a·d_v",
                attention.gate == OutputGate::per_head ? heads() : outputs(), 2 * c_, true);
        input("output_input", "Input of the output projection", "a·d_v", outputs(), true, true, {"o_proj"},
              Part::attention);
    }

    void add_mixer(const LatentAttention& attention)
    {
        input("qkv_input", "Input of the down-projections", "h", hidden_, false, false,
              {"q_a_proj", "q_proj", "kv_a_proj_with_mqa"}, Part::attention);
        norm("latent_norms", "Norms of the latents", "r_q + r_kv",
             static_cast<double>(attention.q_lora_rank + attention.kv_lora_rank), false);
        input("q_latent", "Query latent", "r_q", static_cast<double>(attention.q_lora_rank), false, false, {"q_b_proj"},
              Part::attention);
        input("kv_latent", "Key/value latent", "r_kv", static_cast<double>(attention.kv_lora_rank), false, false,
              {"kv_b_proj"}, Part::attention);
        attention_core(queries(), static_cast<double>(widths_.keys), values(), outputs(), heads());
        input("output_input", "Input of the output projection", "a·d_v", outputs(), true, true, {"o_proj"},
              Part::attention);
    }

    void add_mixer(const CompressedAttention& attention)
    {
        add("qkv_input", "Input of the projections", "h", hidden_, c_, false);
        add("q_latent", "Query latent", "r_q", static_cast<double>(attention.q_lora_rank), 2 * c_, false);
        attention_core(queries(), static_cast<double>(widths_.keys), 0, outputs(), heads());
        add("output_latent", "Output in its groups", "g·r_o",
            static_cast<double>(attention.output_groups * attention.output_rank), c_, true);
    }

    /// Every matrix's output, what the convolution reads, and the state at the chunk boundaries are not known apart per
    /// kind: inputs and outputs of the matrices.
    void add_mixer(const Recurrent& recurrent)
    {
        double rows = 0;
        double columns = 0;
        for (const Tensor& tensor : recurrent.weights) {
            if (tensor.columns.value == 1 || !tensor.quantizable)
                continue;
            rows += static_cast<double>(tensor.rows.value);
            columns = std::max(columns, static_cast<double>(tensor.columns.value));
        }
        add("recurrent_input", "Input of the recurrent mixer", "h", hidden_, c_, false);
        add("recurrent_outputs", "Projections of the recurrent mixer", "n_proj", rows, c_, true);
        add("recurrent_convolution", "Convolved channels", "n_conv", static_cast<double>(recurrent.conv_channels), c_,
            true);
        add("recurrent_values", "Input of the output projection", "n_in", columns, c_, true);
    }

    /// The two or three products of a network with `inner` elements per token.
    void network(double inner, std::string_view symbol, bool gated, Part part)
    {
        const bool recomputes = in_.fused_gates && (in_.framework->recomputes_gate || !in_.compiled);
        const double c = in_.prepares_kbit ? fp32_bytes : c_; // norms in fp32 widen what follows them
        if (!dropped("gate_up"))
            add("gate_up", gated ? "Gate and up projection" : "Up projection", symbol, inner, (gated ? 2 : 1) * c,
                true);
        if (gated && !recomputes && !dropped("activation"))
            add("activation", "Activated gate", symbol, inner, c, true);
        if (gated && in_.framework->recomputes_product)
            return;
        input("down_input", "Input of the down projection", symbol, inner, true, false, {"down_proj"}, part);
    }

    void add_network(const DenseFeedForward& dense)
    {
        input("ffn_input", "Input of the feed-forward", "h", hidden_, false, false, {"gate_proj", "up_proj"},
              Part::feed_forward);
        network(static_cast<double>(dense.intermediate_size), "h_ffn", dense.gated, Part::feed_forward);
    }

    void add_network(const MixtureOfExperts& moe)
    {
        const double visited = moe.active_experts() * in_.imbalance;
        add("router_input", "Router's input", "h", hidden_, c_, false);
        add("router_probabilities", "Router's logits and probabilities", "E", static_cast<double>(moe.routed_experts),
            2 * fp32_bytes, false);
        add("dispatched", "Tokens as dispatched to their experts", "top_k·h", visited * hidden_, input_, false);
        network(visited * static_cast<double>(moe.expert_intermediate_size), "top_k·h_exp", moe.gated, Part::experts);
        add("expert_outputs", "Experts' outputs before they are weighed", "top_k·h", visited * hidden_, c_, false);
        if (moe.shared_intermediate_size > 0)
            network(static_cast<double>(moe.shared_intermediate_size), "h_sh", moe.gated, Part::shared_experts);
    }

    const TrainingInputs& in_;
    const Model& model_;
    std::size_t kind_;
    const Layer& layer_;
    LayerWidths widths_;
    double hidden_;
    double c_;
    double input_; ///< bytes per element of a matrix's input, as kept for its weights' gradient
    bool fused_;
    bool feed_forward_ = false; ///< the rows that are added belong to it
    std::vector<SavedTensor> rows_;
};

} // namespace

bool trains_weights(const TrainingInputs& inputs, const Tensor& tensor)
{
    if (!inputs.frozen_base)
        return unfrozen_share(inputs, tensor) > 0;
    return !inputs.choice->modules_to_save.empty() && is_target(inputs.choice->modules_to_save, tensor);
}

bool has_adapter(const TrainingInputs& inputs, const Tensor& tensor)
{
    if (!inputs.frozen_base || unfrozen_share(inputs, tensor) <= 0)
        return false;
    static const std::vector<std::string> all = {"all_linear"};
    return is_target(inputs.choice->lora_target_modules.empty() ? all : inputs.choice->lora_target_modules, tensor);
}

std::vector<SavedTensor> saved_tensors(const TrainingInputs& inputs, const Model& stage, std::size_t kind)
{
    Rows rows(inputs, stage, kind);
    if (inputs.recompute.kind == Recompute::selective && inputs.framework->selective_by_operation)
        return std::move(rows).every_second_product();
    return std::move(rows).all();
}

std::vector<SavedTensor> working_tensors(const TrainingInputs& inputs, const Model& stage, std::size_t kind,
                                         bool attention)
{
    Rows rows(inputs, stage, kind);
    if (attention)
        return std::move(rows).working_attention();
    return std::move(rows).working_feed_forward();
}

double cache_width(const Architecture& architecture)
{
    double width = 0;
    for (const LayerWidths& layer : layer_widths(architecture))
        width += static_cast<double>(layer.layers) * static_cast<double>(layer.keys + layer.values);
    return width;
}

double largest_quantized_matrix(const TrainingInputs& inputs, const Model& stage)
{
    double largest = 0;
    if (!inputs.frozen_base)
        return largest;
    for (const Tensor& tensor : stage.tensors)
        if (tensor.quantizable && bytes_per_element(inputs.base, tensor) < 2)
            largest = std::max(
                largest, static_cast<double>(tensor.rows.value) * static_cast<double>(tensor.columns.value) /
                             static_cast<double>(inputs.sharding.divisor(tensor, inputs.hardware->tensor_parallel)));
    return largest;
}

} // namespace weighbridge
