#include "core/training/saved_tensors.h"

#include "core/memory/layer_widths.h"
#include "core/quantity/text.h"
#include "core/training/adapters.h"

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
        for (const Mixer& mixer : layer_.mixers)
            std::visit([&](const auto& known) { add_mixer(known); }, mixer);
        for (const FeedForward& network : layer_.feed_forwards)
            std::visit([&](const auto& known) { add_network(known); }, network);
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

    std::vector<SavedTensor> working() &&
    {
        add("hidden_gradient", "Gradients of the hidden state", "h", hidden_, 2 * c_, false);
        const double copies = in_.framework->gates_in_place ? 1 : widths_.gated ? 3 : 2;
        const double inner = static_cast<double>(std::max(
            {widths_.feed_forward, widths_.shared, widths_.experts_per_token * widths_.expert, widths_.recurrent}));
        add("inner_gradients", "Gradients inside the feed-forward", "h_ffn", inner, copies * c_, true);
        if (in_.choice->attention == "eager" && widths_.heads > 0)
            add("score_gradients", "Gradients of the attention scores", "a·s", scores(), fp32_bytes + c_, true);
        return std::move(rows_);
    }

private:
    double heads() const { return static_cast<double>(widths_.heads); }
    double queries() const { return static_cast<double>(widths_.queries); }
    double values() const { return static_cast<double>(widths_.values); }
    double outputs() const { return static_cast<double>(widths_.outputs); }
    double scores() const { return heads() * static_cast<double>(in_.sequence_length); }

    void add(std::string_view id, std::string_view label, std::string_view symbol, double width, double bytes,
             bool sharded)
    {
        if (width > 0 && bytes > 0)
            rows_.push_back({id, label, std::string(symbol), width, bytes, sharded});
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

    void norms() { norm("norms", "Norms", "n_norm·h", layer_.norms * hidden_, false); }

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
        const bool private_copies = in_.framework->adapters_cast_input;
        const bool other_copy_serves = kept_anyway && input_ == c_; // a quantized input is a copy of its own
        const bool shared = (trained || (adapted > 0 && !private_copies)) && !other_copy_serves;
        double bytes = (shared ? input_ : 0) + c_ * (private_copies ? adapted : 0);
        if (in_.choice->lora_dropout > 0)
            bytes += adapted * (c_ + 1); // the dropped copy and its mask
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

    void attention_core(double query, double key, double value, double output, double head_count)
    {
        const bool expanded = in_.framework->repeats_kv && in_.choice->attention != "flash" && !fused_ &&
                              widths_.kv_heads > 0 && widths_.kv_heads < widths_.heads;
        const double times = expanded ? heads() / static_cast<double>(widths_.kv_heads) : 1;
        add("queries", "Queries", "a·d", query, c_, true);
        add("keys", "Keys", expanded ? "a·d" : "k·d", key * times, c_, true);
        add("values", "Values", expanded ? "a·d_v" : "k·d_v", value * times, c_, true);
        add("attention_output", "Attention's output", "a·d_v", output, c_, true);
        if (in_.choice->attention != "eager") {
            add("log_sum_exp", "Log-sum-exp of attention", "a", head_count, fp32_bytes, true);
            return;
        }
        if (in_.recompute.kind == Recompute::none || in_.recompute.kind == Recompute::full ||
            in_.recompute.kind == Recompute::every || in_.recompute.kind == Recompute::offload)
            add("attention_scores", "Attention scores, softmax in fp32 and cast", "a·s", scores(),
                in_.recipe.compute == fp32_bytes ? fp32_bytes : fp32_bytes + c_, true);
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
        const bool recomputes = in_.framework->recomputes_gate || (in_.fused_kernels && !in_.compiled);
        if (!dropped("gate_up"))
            add("gate_up", gated ? "Gate and up projection" : "Up projection", symbol, inner, (gated ? 2 : 1) * c_,
                true);
        if (gated && !recomputes && !dropped("activation"))
            add("activation", "Activated gate", symbol, inner, c_, true);
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
        const double visited = moe.active_experts();
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
    std::vector<SavedTensor> rows_;
};

} // namespace

bool trains_weights(const TrainingInputs& inputs, const Tensor& tensor)
{
    if (!inputs.frozen_base)
        return true;
    return !inputs.choice->modules_to_save.empty() && is_target(inputs.choice->modules_to_save, tensor);
}

bool has_adapter(const TrainingInputs& inputs, const Tensor& tensor)
{
    if (!inputs.frozen_base)
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

std::vector<SavedTensor> working_tensors(const TrainingInputs& inputs, const Model& stage, std::size_t kind)
{
    return Rows(inputs, stage, kind).working();
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
