#include "core/training/moment_terms.h"

#include "core/model/layer_label.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

/// A first-level term: the sum of its children.
Term sum_term(std::string_view id, std::string_view label, std::vector<Term> children, Basis basis)
{
    Term term;
    term.id = id;
    term.label = label;
    term.basis = basis;
    for (const Term& child : children) {
        term.bytes += child.bytes;
        term.low += child.low;
        term.high += child.high;
        if (!child.formula.symbols.empty()) {
            term.formula.symbols += (term.formula.symbols.empty() ? "" : " + ") + child.formula.symbols;
            term.formula.numbers += (term.formula.numbers.empty() ? "" : " + ") + child.formula.numbers;
        }
    }
    term.children = std::move(children);
    return term;
}

void spread(Term& term, double below, double above)
{
    const auto bytes = static_cast<double>(term.bytes.count);
    term.low.count = std::llround(bytes * (1 - below));
    term.high.count = std::llround(bytes * (1 + above));
    widen_parts(term);
}

template<class Number>
class Builder
{
public:
    Builder(const StageState& stage, MomentKind moment) : stage_(stage), in_(*stage.inputs), moment_(moment) {}

    std::vector<Term> terms()
    {
        std::vector<Term> list;
        const auto keep = [&](Term term) {
            if (term.bytes.count > 0)
                list.push_back(std::move(term));
        };
        keep(weights());
        keep(adapters());
        if (moment_ != MomentKind::load) {
            keep(gradient_term());
            keep(optimizer());
            keep(activations());
            keep(logits());
        }
        return list;
    }

private:
    bool in_pass() const
    {
        return moment_ == MomentKind::forward_end || moment_ == MomentKind::backward_start ||
               moment_ == MomentKind::backward_end;
    }
    bool in_backward() const { return moment_ == MomentKind::backward_start || moment_ == MomentKind::backward_end; }

    void child(std::vector<Term>& list, std::string_view id, std::string_view label, Number bytes,
               std::string_view source, Basis basis = Basis::derived) const
    {
        Term term = make_term(id, label, std::move(bytes), basis);
        term.source = source;
        if (term.bytes.count > 0)
            list.push_back(std::move(term));
    }

    Term weights() const
    {
        std::vector<Term> list;
        child(list, "weights.resident", in_.frozen_base ? "Frozen weights" : "Weights",
              sum_of<Number>(resident_weights(in_, *stage_.model), "B_w"),
              in_.frozen_base ? in_.base.label + ", by tensor" : std::string(in_.recipe.source), Basis::exact);
        if (in_pass() && in_.shards_weights)
            gathered(list);
        if (in_pass() && in_.recipe.casts_weights && !in_.shards_weights && !in_.frozen_base)
            cast_copies(list);
        if (in_pass() && in_.quantized_copies > 0 && !in_.frozen_base)
            child(list, "weights.fp8", "Quantized copies",
                  named<Number>("P_layers", stage_.gathered.all_layers / in_.recipe.compute) *
                      named<Number>("B_fp8", in_.quantized_copies),
                  "transformer_engine/pytorch/module/linear.py: weightmat by rows and, for the input's gradient, by "
                  "columns");
        if (moment_ == MomentKind::load && in_.frozen_base)
            child(list, "weights.largest", "Largest matrix before it is quantized",
                  named<Number>("n_max", largest_quantized_matrix(in_, *stage_.model)) * constant<Number>(2),
                  "transformers quantizes tensor by tensor");
        return sum_term("weights", "Weights", std::move(list), Basis::exact);
    }

    void gathered(std::vector<Term>& list) const
    {
        const GatheredWeights& g = stage_.gathered;
        if (!in_.reshard && moment_ != MomentKind::backward_end) {
            child(list, "weights.gathered", "Gathered weights",
                  named<Number>("W_layers", g.all_layers) + named<Number>("W_outside", g.outside),
                  "reshard_after_forward off: what was gathered stays until its backward pass");
            return;
        }
        const double layers = in_backward() ? 2 : 1; // the next one is fetched meanwhile
        const bool one_by_one = in_.deepspeed_buckets || in_.framework->shards_outside;
        const double outside = !one_by_one ? g.outside : moment_ == MomentKind::forward_end ? g.largest_outside : 0;
        child(list, "weights.gathered", "Gathered weights",
              named<Number>("n_gathered", layers) * named<Number>("W_layer", g.layer) +
                  named<Number>("W_outside", outside),
              one_by_one ? "gathered layer by layer, and the vocabulary's matrices"
                         : "FSDP gathers layer by layer; the root's own weights stay gathered");
    }

    /// torch.autocast caches a 16-bit copy of every weight it casts; the graph keeps it until the layer's backward
    /// pass. A layer that is computed again casts again.
    void cast_copies(std::vector<Term>& list) const
    {
        const double kept = 1 - in_.recompute.recomputed_share();
        const double layers = moment_ == MomentKind::backward_end
                                  ? stage_.gathered.layer
                                  : std::max(stage_.gathered.layer, kept * stage_.gathered.all_layers);
        child(list, "weights.cast", "Copies in 16 bits", named<Number>("W_cast", layers),
              "torch.autocast casts fp32 weights for each matrix product");
    }

    Term adapters() const
    {
        std::vector<Term> list;
        child(list, "adapters.weights", "Adapters", sum_of<Number>(adapter_weights(in_, stage_.trained), "B_lora"),
              "rank x (in + out) of every target, from the inventory", Basis::exact);
        return sum_term("adapters", "Adapters", std::move(list), Basis::exact);
    }

    Term gradient_term() const
    {
        std::vector<Term> list;
        const std::vector<Share> shares = gradients(in_, stage_.trained);
        const bool there = moment_ == MomentKind::backward_end || moment_ == MomentKind::optimizer_step;
        if (in_.optimizer_in_backward) {
            if (in_backward())
                child(
                    list, "gradients.layer", "Gradients of one layer",
                    named<Number>("P_layer", std::max(stage_.gathered.trained_layer, stage_.gathered.trained_outside)) *
                        named<Number>("B_g", in_.gradient_bytes),
                    "stepped and freed as they appear");
            return sum_term("gradients", "Gradients", std::move(list), Basis::derived);
        }
        if (there || in_.gradients_kept)
            child(list, "gradients.kept", "Gradients", sum_of<Number>(shares, "B_g"),
                  in_.gradients_kept ? "there during the whole step: accumulation, DDP or a buffer"
                                     : "set_to_none: only from the backward pass to the step",
                  Basis::exact);
        const std::int64_t replicas = in_.hardware->data_parallel * in_.hardware->context_parallel;
        if (replicas > 1 && !in_.shards_states && !in_.framework->gradient_buffer)
            child(list, "gradients.buckets", "DDP's buckets", sum_of<Number>(shares, "B_g"),
                  "torch DistributedDataParallel without gradient_as_bucket_view");
        if (in_backward() && in_.shards_gradients)
            unsharded(list);
        if (moment_ == MomentKind::optimizer_step && in_.deepspeed_buckets)
            step_copies(list);
        return sum_term("gradients", "Gradients", std::move(list), Basis::derived);
    }

    /// Before a group's gradients are reduced they are whole. FSDP copies them into one buffer of the dtype that it
    /// reduces in; the buffer of the group before waits until the next one is done. Groups are layers, and embedding
    /// and head: of their own, or with the root, whose gradients wait for the end of the backward pass.
    void unsharded(std::vector<Term>& list) const
    {
        const GatheredWeights& g = stage_.gathered;
        const bool start = moment_ == MomentKind::backward_start;
        if (in_.deepspeed_buckets) {
            child(list, "gradients.unsharded", "Gradients before they are shared out",
                  named<Number>("2·P_layer", 2 * g.trained_layer) * named<Number>("B_c", in_.recipe.compute),
                  "DeepSpeed reduces whole gradients of a layer, one layer's on its way");
            return;
        }
        const bool own = in_.framework->shards_outside;
        const double outside = own ? g.trained_largest_outside : g.trained_outside;
        const double last = std::max(g.trained_layer, outside);
        const double waiting = own ? 0 : g.trained_largest_outside;
        child(list, "gradients.unsharded", "Gradients before they are shared out",
              named<Number>("P_whole", start ? g.trained_layer + waiting : last) *
                  named<Number>("B_c", in_.recipe.compute),
              "a group's gradients are whole until they are reduced");
        child(list, "gradients.reducing", "Buffer that is reduced",
              named<Number>("P_reduce", start && !own ? g.trained_layer : last) *
                  named<Number>("B_g", in_.gradient_bytes),
              "torch _fsdp_collectives.py foreach_reduce: reduce-scatter input in the reduce dtype");
    }

    /// DeepSpeed's fp32 copies of the gradients it steps with, in sub-groups of 1e9 elements.
    void step_copies(std::vector<Term>& list) const
    {
        constexpr double sub_group = 1e9;
        double elements = 0;
        for (const TrainedTensor& part : stage_.trained)
            elements += part.elements / static_cast<double>(in_.shard);
        child(list, "gradients.step", "Gradients in fp32 for the step",
              named<Number>("P_step", std::min(elements, sub_group)) * constant<Number>(4),
              "DeepSpeed stage_1_and_2.py, stage3.py: sub_group_size 1e9");
    }

    Term optimizer() const
    {
        std::vector<Term> list;
        const bool on_device = !in_.offload_optimizer;
        const std::vector<Share> states = optimizer_states(in_, stage_.trained);
        if (on_device && !in_.optimizer->paged)
            child(list, "optimizer.states", in_.optimizer->label, sum_of<Number>(states, "B_state"),
                  in_.optimizer->source, Basis::exact);
        if (on_device)
            child(list, "optimizer.master", "Master weights",
                  sum_of<Number>(master_weights(in_, stage_.trained), "B_master"), in_.recipe.source, Basis::exact);
        const StepRow& step = step_row(in_.step);
        if (moment_ == MomentKind::optimizer_step && on_device && !in_.optimizer_in_backward && step.copies_state &&
            in_.optimizer->foreach_copy && !in_.optimizer->states.empty()) {
            const auto kinds = static_cast<double>(in_.optimizer->states.size());
            const Number copy = sum_of<Number>(states, "B_state") / constant<Number>(kinds);
            if (step.copies_largest_group)
                child(list, "optimizer.step", "Copies of one state during the step",
                      copy + sum_of<Number>(largest_by_dtype(states), "B_state") / constant<Number>(kinds),
                      step.source);
            else
                child(list, "optimizer.step", "Copy of one state during the step", copy, step.source);
        }
        return sum_term("optimizer", "Optimizer", std::move(list), Basis::exact);
    }

    Number tokens() const
    {
        Number tokens = named<Number>("b", static_cast<double>(in_.choice->micro_batch_size)) *
                        named<Number>("s", static_cast<double>(in_.sequence_length));
        if (in_.hardware->context_parallel > 1)
            tokens = named<Number>("T", static_cast<double>(in_.tokens));
        return tokens;
    }

    Number per_layer(const SavedTensor& row) const
    {
        Number bytes = tokens() * named<Number>(row.symbol, row.width) * constant<Number>(row.bytes);
        const auto tp = static_cast<double>(in_.hardware->tensor_parallel);
        if (tp > 1 && (row.sharded || in_.hardware->sequence_parallel))
            bytes = bytes / named<Number>("tp", tp);
        return bytes;
    }

    /// All rows of one layer, each a child.
    void rows(std::vector<Term>& list, const std::string& prefix, const std::vector<SavedTensor>& saved, double times,
              std::string_view times_symbol, std::string_view source) const
    {
        for (const SavedTensor& row : saved) {
            Number bytes = per_layer(row);
            if (times != 1)
                bytes = named<Number>(times_symbol, times) * bytes;
            child(list, prefix + std::string(row.id), row.label, std::move(bytes), source);
        }
    }

    double layer_bytes(std::size_t kind) const
    {
        double sum = 0;
        const auto tp = static_cast<double>(in_.hardware->tensor_parallel);
        for (const SavedTensor& row : saved_tensors(in_, *stage_.model, kind))
            sum += row.width * row.bytes / (row.sharded || in_.hardware->sequence_parallel ? tp : 1);
        return sum;
    }

    std::size_t widest_kind() const
    {
        std::size_t widest = 0;
        for (std::size_t kind = 1; kind < stage_.model->architecture.kinds.size(); ++kind)
            if (layer_bytes(kind) > layer_bytes(widest))
                widest = kind;
        return widest;
    }

    void checkpoints(std::vector<Term>& list, double layers) const
    {
        if (layers <= 0 || in_.offload_activations)
            return;
        Number bytes = named<Number>("L_ckpt", layers) * tokens() *
                       named<Number>("h", static_cast<double>(stage_.model->architecture.hidden_size)) *
                       named<Number>("B_h", in_.hidden_bytes);
        const auto tp = static_cast<double>(in_.hardware->tensor_parallel);
        if (in_.hardware->sequence_parallel && tp > 1)
            bytes = bytes / named<Number>("tp", tp);
        child(list, "activations.checkpoints", "Layer inputs kept for recomputation", std::move(bytes),
              "one hidden state per layer and micro batch in flight");
    }

    /// The norm before the head, and the head's input.
    void head(std::vector<Term>& list) const
    {
        if (!stage_.last)
            return;
        const double bytes = (in_.fused_kernels || in_.compiled ? 1 : 2) * in_.recipe.compute + in_.hidden_bytes;
        child(list, "activations.head", "Final norm and the head's input",
              tokens() * named<Number>("h", static_cast<double>(stage_.model->architecture.hidden_size)) *
                  constant<Number>(bytes),
              "final norm and lm_head of transformers' modeling files");
    }

    Term activations() const
    {
        std::vector<Term> list;
        const bool of_all = moment_ == MomentKind::forward_end || moment_ == MomentKind::backward_start;
        const double share = in_.recompute.recomputed_share();
        const auto& architecture = stage_.model->architecture;
        if (of_all) {
            for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind) {
                const double layers =
                    static_cast<double>(architecture.layers_of(kind)) * (1 - share) * stage_.in_flight;
                if (layers > 0 && !(in_.offload_activations && share == 0))
                    rows(list, "activations.layers." + std::to_string(kind) + ".",
                         saved_tensors(in_, *stage_.model, kind), layers, "L_kept",
                         layer_label(architecture.kinds[kind]));
            }
            checkpoints(list, static_cast<double>(architecture.layers()) * share * stage_.in_flight);
            head(list);
        }
        if (in_backward() && !architecture.kinds.empty()) {
            const std::size_t kind = widest_kind();
            if (share > 0 || moment_ == MomentKind::backward_end || in_.offload_activations)
                rows(list, "activations.recomputed.", saved_tensors(in_, *stage_.model, kind), 1, "",
                     "the layer that is going back");
            rows(list, "activations.working.", working_tensors(in_, *stage_.model, kind), 1, "",
                 "gradients of its widest operation");
            child(list, "activations.dequantized", "One dequantized matrix",
                  named<Number>("n_max", largest_quantized_matrix(in_, *stage_.model)) *
                      named<Number>("B_a", in_.recipe.compute),
                  "bitsandbytes, GPTQ: a matrix is widened for its product");
        }
        Term term = sum_term("activations", "Activations", std::move(list), Basis::derived);
        // Kernels and releases differ in what they keep: between the two profiles lie 41 and 53 bytes (formulas.md).
        spread(term, 0.15, 0.15);
        return term;
    }

    double chunks() const
    {
        if (!in_.loss->chunked)
            return 1;
        if (in_.choice->loss_chunks)
            return static_cast<double>(*in_.choice->loss_chunks);
        if (in_.framework->loss_chunk_tokens > 0)
            return std::max(1.0,
                            static_cast<double>(in_.tokens) / static_cast<double>(in_.framework->loss_chunk_tokens));
        if (in_.loss->hidden_gradient) // Liger: as many chunks as the vocabulary is wider than the hidden state
            return std::max(1.0, std::ceil(static_cast<double>(stage_.model->architecture.vocab_size) /
                                           static_cast<double>(stage_.model->architecture.hidden_size)));
        return static_cast<double>(in_.framework->loss_chunks);
    }

    Term logits() const
    {
        std::vector<Term> list;
        if (moment_ != MomentKind::forward_end || !stage_.last)
            return sum_term("logits", "Logits and loss", std::move(list), Basis::derived);
        const LossBytes bytes = loss_bytes(in_);
        Number count = tokens() * named<Number>("v", static_cast<double>(stage_.model->architecture.vocab_size));
        const auto tp = static_cast<double>(in_.hardware->tensor_parallel);
        if (tp > 1)
            count = count / named<Number>("tp", tp);
        const std::string_view source = bytes.source;
        if (bytes.kept > 0)
            child(list, "logits.kept", "Logits of all tokens", count * named<Number>("B_logit", bytes.kept), source);
        if (bytes.working > 0) {
            Number chunk = count * named<Number>("B_chunk", bytes.working);
            if (chunks() > 1)
                chunk = chunk / named<Number>("n_chunk", chunks());
            child(list, "logits.chunk", "Logits of one chunk", std::move(chunk), source);
        }
        if (in_.loss->hidden_gradient)
            child(list, "logits.hidden_gradient", "Gradient of the last hidden state",
                  tokens() * named<Number>("h", static_cast<double>(stage_.model->architecture.hidden_size)) *
                      constant<Number>(2),
                  source);
        Term term = sum_term("logits", "Logits and loss", std::move(list), Basis::derived);
        spread(term, 0.25, 0.25);
        return term;
    }

    const StageState& stage_;
    const TrainingInputs& in_;
    MomentKind moment_;
};

} // namespace

LossBytes loss_bytes(const TrainingInputs& in)
{
    const Framework& framework = *in.framework;
    const Loss& loss = *in.loss;
    if (framework.loss_kept >= 0 && loss.id == framework.loss) {
        const double wider = in.recipe.compute / 2; // rows are of 16-bit logits
        return {wider * framework.loss_kept, wider * framework.loss_working, 0, framework.source};
    }
    if (in.compiled_loss)
        return {loss.compiled_kept, loss.compiled_working, 0, loss.source};
    const bool whole = !loss.chunked;
    if (whole && framework.parallel_loss > 0 && in.hardware->tensor_parallel > 1)
        return {framework.parallel_loss, 0, loss.left_over, "torch/distributed/tensor/parallel/loss.py"};
    if (whole && framework.keeps_output) // a gradient takes the block of the shifted copy
        return {loss.kept + loss.returned, 0, loss.left_over, loss.source};
    constexpr double shifted_copy = 2;
    const double left = loss.left_over + (whole && framework.shifts_logits ? shifted_copy : 0);
    return {loss.kept, loss.working, left, loss.source};
}

template<class Number>
std::vector<Term> moment_terms(const StageState& stage, MomentKind moment)
{
    return Builder<Number>(stage, moment).terms();
}

template std::vector<Term> moment_terms<double>(const StageState&, MomentKind);
template std::vector<Term> moment_terms<Traced>(const StageState&, MomentKind);

} // namespace weighbridge
