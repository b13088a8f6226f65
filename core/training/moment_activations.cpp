#include "core/training/moment_builder.h"

#include "core/model/layer_label.h"
#include "core/training/checkpoint_units.h"

#include <algorithm>

namespace weighbridge {

template<class Number>
Number MomentBuilder<Number>::per_layer(const SavedTensor& row) const
{
    Number bytes = tokens() * named<Number>(row.symbol, row.width) * constant<Number>(row.bytes);
    const auto tp = static_cast<double>(in_.hardware->tensor_parallel);
    if (tp > 1 && (row.sharded || in_.hardware->sequence_parallel))
        bytes = bytes / named<Number>("tp", tp);
    if (row.feed_forward && in_.mlp_tiles > 1)
        bytes = bytes / named<Number>("n_tile", in_.mlp_tiles);
    return bytes;
}

template<class Number>
void MomentBuilder<Number>::rows(std::vector<Term>& list, const std::string& prefix,
                                 const std::vector<SavedTensor>& saved, double times, std::string_view times_symbol,
                                 std::string_view source) const
{
    for (const SavedTensor& row : saved) {
        Number bytes = per_layer(row);
        if (times != 1)
            bytes = named<Number>(times_symbol, times) * bytes;
        child(list, prefix + std::string(row.id), row.label, std::move(bytes), source);
    }
}

template<class Number>
double MomentBuilder<Number>::share_here() const
{
    const auto all = static_cast<double>(stage_.model->architecture.layers());
    return all > 0 && point_.is_of_layer() ? static_cast<double>(point_.layer + 1) / all : 1;
}

template<class Number>
double MomentBuilder<Number>::kept_share(double count) const
{
    return count > 0 ? 1 - in_.recompute.recomputed(count) / count : 0;
}

template<class Number>
void MomentBuilder<Number>::checkpoints(std::vector<Term>& list, double layers) const
{
    if (layers <= 0 || in_.offload_activations)
        return;
    Number bytes = named<Number>("L_ckpt", layers) * tokens() *
                   named<Number>("h", static_cast<double>(stage_.model->architecture.hidden_size)) *
                   named<Number>("B_h", in_.hidden_bytes);
    if (const double inputs = checkpoint_inputs(in_.framework->id); inputs > 1)
        bytes = bytes * named<Number>("n_modules", inputs);
    const auto tp = static_cast<double>(in_.hardware->tensor_parallel);
    if (in_.hardware->sequence_parallel && tp > 1)
        bytes = bytes / named<Number>("tp", tp);
    child(list, "activations.checkpoints", "Layer inputs kept for recomputation", std::move(bytes),
          "one hidden state per layer and micro batch in flight");
}

template<class Number>
void MomentBuilder<Number>::head(std::vector<Term>& list) const
{
    if (!stage_.last)
        return;
    const double bytes = (in_.fused_kernels || in_.compiled ? 1 : 2) * in_.recipe.compute + in_.hidden_bytes;
    child(list, "activations.head", "Final norm and the head's input",
          tokens() * named<Number>("h", static_cast<double>(stage_.model->architecture.hidden_size)) *
              constant<Number>(bytes),
          "final norm and lm_head of transformers' modeling files");
}

template<class Number>
Term MomentBuilder<Number>::activations() const
{
    std::vector<Term> list;
    if (in_loss() || point_.is_of_layer())
        of_all_layers(list);
    if (in_.keeps_boundaries && point_.goes_back())
        child(list, "activations.boundaries", "Inputs of layers that are done, and their gradients",
              named<Number>("L_done", static_cast<double>(stage_.model->architecture.layers() - point_.layer)) *
                  tokens() * hidden() * named<Number>("2·B_h", 2 * in_.hidden_bytes),
              "FSDP1 over a frozen layer that checkpointing calls: its hook holds them to the end of backward");
    if (in_pass() && pass_ != MomentPass::embedding)
        beside(list);
    if (point_.goes_back())
        going_back(list);
    if (pass_ == MomentPass::embedding)
        child(list, "activations.embedding", "Gradient of the embedded tokens",
              tokens() * hidden() * named<Number>("B_h", in_.hidden_bytes), "torch embedding_dense_backward");
    // peft enable_input_require_grads: the embedded tokens are a leaf that keeps its gradient
    if (moment_ == MomentKind::optimizer_step && in_.frozen_base && in_.framework->uses_transformers &&
        in_.recompute.kind != Recompute::none && stage_.first)
        child(list, "activations.embedded", "Embedded tokens and their gradient",
              tokens() * hidden() * named<Number>("2·B_h", 2 * in_.hidden_bytes),
              "transformers enable_input_require_grads");
    if (moment_ == MomentKind::generation)
        generated(list);
    Term term = sum_of_terms("activations", "Activations", std::move(list), Basis::derived);
    // Kernels and releases differ in what they keep: between the two profiles lie 41 and 53 bytes (formulas.md).
    spread_term(term, 0.15, 0.15);
    return term;
}

template<class Number>
void MomentBuilder<Number>::of_all_layers(std::vector<Term>& list) const
{
    const auto& architecture = stage_.model->architecture;
    const auto all = static_cast<double>(architecture.layers());
    const bool of_layer = point_.is_of_layer();
    // the layer that goes back has rows of its own
    const std::int64_t before = of_layer ? point_.layer + (point_.goes_back() ? 0 : 1) : architecture.layers();
    const bool among_boundaries = in_.keeps_boundaries && point_.goes_back();
    const double inputs = of_layer ? static_cast<double>(point_.layer + (among_boundaries ? 0 : 1)) : all;
    const double kept = kept_share(static_cast<double>(before));
    const bool on_host = in_.offload_activations && in_.recompute.recomputed(all) == 0;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind) {
        const auto frozen = [&](std::int64_t count) {
            return layers_of_first(architecture, kind, std::min(in_.first_trained_layer, count));
        };
        const double layers = (layers_of_first(architecture, kind, before) - frozen(before)) * kept +
                              point_.others *
                                  (static_cast<double>(architecture.layers_of(kind)) - frozen(architecture.layers())) *
                                  kept_share(all);
        if (layers > 0 && !on_host)
            rows(list, "activations.layers." + std::to_string(kind) + ".", saved_tensors(in_, *stage_.model, kind),
                 layers, "L_kept", layer_label(architecture.kinds[kind]));
    }
    const auto below = static_cast<double>(in_.first_trained_layer);
    checkpoints(list, in_.recompute.checkpoints(std::max(0.0, inputs - below)) +
                          point_.others * in_.recompute.checkpoints(all - below));
    if (in_.hidden_dropout > 0 && stage_.first)
        child(list, "activations.embedding_mask", "Mask of the embedding's dropout",
              tokens() * hidden() * constant<Number>(1), "Megatron core language_model_embedding.py");
    if (in_loss())
        head(list);
}

template<class Number>
void MomentBuilder<Number>::going_back(std::vector<Term>& list) const
{
    const auto& architecture = stage_.model->architecture;
    if (architecture.kinds.empty())
        return;
    const auto count = static_cast<double>(architecture.layers());
    const std::size_t kind = this->kind();
    const bool attention = pass_ == MomentPass::attention;
    std::vector<SavedTensor> saved = saved_tensors(in_, *stage_.model, kind);
    if (attention)
        std::erase_if(saved, [](const SavedTensor& row) { return row.feed_forward; });
    else if (in_.recompute.recomputed(count) > 0 && checkpoint_inputs(in_.framework->id) > 1)
        std::erase_if(saved, [](const SavedTensor& row) { // the input and the norm's are among the checkpoints
            return !row.feed_forward || row.id == "ffn_input" || row.id == "ffn_norms";
        });
    rows(list, "activations.recomputed.", again(saved), 1, "", "the layer that is going back");
    if (in_.recompute.at_once(count) > 1)
        rows(list, "activations.group.", saved_tensors(in_, *stage_.model, kind), in_.recompute.at_once(count) - 1,
             "K_more", "the other layers of its group");
    rows(list, "activations.working.", working_tensors(in_, *stage_.model, kind, attention), 1, "",
         "gradients of its widest operation");
    dispatched(list, kind);
    child(list, "activations.dequantized", "One dequantized matrix", dequantized(kind),
          "bitsandbytes, GPTQ: a matrix is widened for its product");
}

template<class Number>
void MomentBuilder<Number>::beside(std::vector<Term>& list) const
{
    for (const SideNetwork& side : in_.beside) {
        if (!side.together)
            continue;
        const Architecture& own = side.model ? side.model->architecture : stage_.model->architecture;
        const auto layers = static_cast<double>(own.layers());
        if (in_.recompute.recomputed(layers) > 0)
            child(list, "activations." + std::string(side.id), side.label,
                  named<Number>("L_side", in_.recompute.checkpoints(layers)) * tokens() *
                      named<Number>("h_side", static_cast<double>(own.hidden_size)) *
                      named<Number>("B_h", in_.hidden_bytes),
                  in_.trainer->source);
        else
            for (std::size_t kind = 0; kind < stage_.model->architecture.kinds.size(); ++kind)
                rows(list, "activations." + std::string(side.id) + "." + std::to_string(kind) + ".",
                     saved_tensors(in_, *stage_.model, kind),
                     side_share(in_, *stage_.model, side) *
                         static_cast<double>(stage_.model->architecture.layers_of(kind)),
                     "L_side", in_.trainer->source);
    }
}

template<class Number>
void MomentBuilder<Number>::dispatched(std::vector<Term>& list, std::size_t kind) const
{
    const auto* moe = first_of<MixtureOfExperts>(stage_.model->architecture.kinds[kind].feed_forwards);
    if (moe == nullptr || in_.hardware->expert_parallel <= 1 || pass_ != MomentPass::feed_forward)
        return;
    child(list, "activations.dispatch", "Tokens on their way between ranks of the experts",
          tokens() * named<Number>("top_k·h", moe->active_experts() * in_.imbalance) * hidden() *
              constant<Number>(in_.recipe.compute),
          "what one rank sends stands beside what it has received");
}

template<class Number>
Number MomentBuilder<Number>::dequantized(std::size_t kind) const
{
    const double matrix = largest_quantized_matrix(in_, *stage_.model) * in_.recipe.compute;
    double gates = 0;
    for (const SavedTensor& row : working_tensors(in_, *stage_.model, kind))
        if (row.feed_forward)
            gates += row.width * row.bytes * static_cast<double>(in_.tokens) / in_.mlp_tiles;
    return named<Number>("W_widened", pass_ == MomentPass::attention ? matrix : std::max(0.0, matrix - gates));
}

template<class Number>
std::vector<SavedTensor> MomentBuilder<Number>::again(std::vector<SavedTensor> rows) const
{
    const bool as_it_is = in_.fused_kernels || in_.compiled || in_.hidden_bytes == fp32_bytes;
    const auto recomputed = in_.recompute.recomputed(static_cast<double>(stage_.model->architecture.layers()));
    const auto first = static_cast<double>(stage_.model->architecture.hidden_size);
    for (SavedTensor& row : rows)
        if (as_it_is && recomputed > 0 && !in_.offload_activations && row.id == "norms")
            row.width = std::max(0.0, row.width - first);
    std::erase_if(rows, [](const SavedTensor& row) { return row.width <= 0; });
    return rows;
}

template<class Number>
void MomentBuilder<Number>::generated(std::vector<Term>& list) const
{
    const Number count =
        named<Number>("n_gen", in_.generated_sequences) * named<Number>("s", static_cast<double>(in_.sequence_length));
    child(list, "activations.cache", "Cache of the completions",
          count * named<Number>("w_kv", cache_width(stage_.model->architecture)) * constant<Number>(2),
          "transformers DynamicCache: keys and values in 16 bits");
    child(list, "activations.last_logits", "Logits of the last token",
          named<Number>("n_gen", in_.generated_sequences) *
              named<Number>("v", static_cast<double>(stage_.model->architecture.vocab_size)) *
              constant<Number>(2 * fp32_bytes),
          "transformers generation/utils.py: fp32, and a copy for sampling");
}

template<class Number>
Term MomentBuilder<Number>::logits() const
{
    std::vector<Term> list;
    const bool going_back = moment_ == MomentKind::backward_start || moment_ == MomentKind::backward;
    const bool held = going_back && in_.choice->cross_entropy_loss_fusion.value_or(false);
    if ((!in_loss() && !held) || !stage_.last || in_.logit_tokens <= 0)
        return sum_of_terms("logits", "Logits and loss", std::move(list), Basis::derived);
    const LossBytes bytes = loss_bytes(in_);
    const auto vocabulary = static_cast<double>(stage_.model->architecture.vocab_size);
    const bool all = in_.logit_tokens == static_cast<double>(in_.tokens);
    const Number positions = all ? tokens() : named<Number>("T_logit", in_.logit_tokens);
    Number count = positions * named<Number>("v", vocabulary);
    const auto tp = static_cast<double>(in_.hardware->tensor_parallel);
    if (tp > 1)
        count = count / named<Number>("tp", tp);
    const std::string_view source = bytes.source;
    const double kept = pass_ == MomentPass::loss_forward ? bytes.forward : bytes.kept;
    if (kept > 0)
        child(list, "logits.kept", "Logits of all tokens", count * named<Number>("B_logit", kept), source);
    if (held) { // seen in a sweep over recompute_num_layers: they stay while layers go back
        Term term = sum_of_terms("logits", "Logits and loss", std::move(list), Basis::derived);
        spread_term(term, 0.25, 0.25);
        return term;
    }
    if (bytes.working > 0) {
        Number chunk = count * named<Number>("B_chunk", bytes.working);
        const double chunks = loss_chunks(in_, stage_.model->architecture);
        if (chunks > 1)
            chunk = chunk / named<Number>("n_chunk", chunks);
        child(list, "logits.chunk", "Logits of one chunk", std::move(chunk), source);
    }
    if (in_.loss->hidden > 0)
        child(list, "logits.hidden_gradient", "Gradient of the last hidden state",
              positions * hidden() * named<Number>("B_hidden", in_.loss->hidden), source);
    if (in_.loss->head_gradient > 0 && pass_ == MomentPass::loss_backward)
        child(list, "logits.head_gradient", "The head's gradient",
              named<Number>("P_head", stage_.gathered.trained_largest_outside) *
                  named<Number>("B_head", in_.loss->head_gradient),
              source);
    Term term = sum_of_terms("logits", "Logits and loss", std::move(list), Basis::derived);
    spread_term(term, 0.25, 0.25);
    return term;
}

template Term MomentBuilder<double>::activations() const;
template Term MomentBuilder<Traced>::activations() const;
template Term MomentBuilder<double>::logits() const;
template Term MomentBuilder<Traced>::logits() const;

} // namespace weighbridge
