#include "core/training/moment_builder.h"

#include <algorithm>

namespace weighbridge {

template<class Number>
Term MomentBuilder<Number>::gradient_term() const
{
    std::vector<Term> list;
    const std::vector<Share> shares = gradients(in_, gone_back());
    const bool there = in_backward() || moment_ == MomentKind::optimizer_step;
    if (in_.optimizer_in_backward) {
        if (in_backward())
            child(list, "gradients.layer", "Gradients of one layer",
                  named<Number>("P_layer", std::max(stage_.gathered.trained_layer, stage_.gathered.trained_outside)) *
                      named<Number>("B_g", in_.gradient_bytes),
                  "stepped and freed as they appear");
        return sum_of_terms("gradients", "Gradients", std::move(list), Basis::derived);
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
    const bool last = moment_ == MomentKind::backward_end || moment_ == MomentKind::optimizer_step;
    for (const SideNetwork& side : in_.beside)
        if (side.trained && side.together && (last || in_.gradients_kept)) // the critic ran first and goes back last
            child(list, "gradients." + std::string(side.id), side.label,
                  named<Number>("f_side", side_share(in_, *stage_.model, side)) *
                      sum_of<Number>(gradients(in_, stage_.trained), "B_g"),
                  in_.trainer->source);
    if (pass_ == MomentPass::embedding && tied_gradient() > 0)
        child(list, "gradients.tied", "The head's gradient, and the sum of both",
              named<Number>("n_more", added_gradients()) * named<Number>("P_emb", tied_gradient()) *
                  named<Number>("B_g", in_.gradient_bytes),
              "autograd keeps the head's until the embedding's is there, then adds");
    if (moment_ == MomentKind::optimizer_step && in_.deepspeed_buckets && !in_.offload_optimizer)
        step_copies(list);
    return sum_of_terms("gradients", "Gradients", std::move(list), Basis::derived);
}

template<class Number>
std::vector<TrainedTensor> MomentBuilder<Number>::gone_back() const
{
    std::vector<TrainedTensor> list = stage_.trained;
    if (!point_.goes_back() || in_.gradients_kept)
        return list;
    const Architecture& architecture = stage_.model->architecture;
    if (!architecture.tie_word_embeddings)
        std::erase_if(list, [](const TrainedTensor& part) { return !part.adapter && is_embedding(part.tensor); });
    for (TrainedTensor& part : list) {
        if (part.tensor.kind == Tensor::no_index || part.tensor.kind >= architecture.kinds.size())
            continue;
        const auto all = static_cast<double>(architecture.layers_of(part.tensor.kind));
        if (all > 0)
            part.elements *= 1 - layers_of_first(architecture, part.tensor.kind, point_.layer) / all;
    }
    return list;
}

template<class Number>
double MomentBuilder<Number>::added_gradients() const
{
    return in_.recipe.casts_weights || in_.loss->head_gradient > 0 ? 1 : 2;
}

template<class Number>
double MomentBuilder<Number>::tied_gradient() const
{
    if (!stage_.model->architecture.tie_word_embeddings || in_.shards_gradients)
        return 0;
    for (const TrainedTensor& part : stage_.trained)
        if (!part.adapter && is_embedding(part.tensor))
            return part.elements;
    return 0;
}

template<class Number>
void MomentBuilder<Number>::unsharded(std::vector<Term>& list) const
{
    const GatheredWeights& g = stage_.gathered;
    const bool start = moment_ == MomentKind::backward_start || moment_ == MomentKind::backward;
    if (in_.deepspeed_buckets) {
        child(list, "gradients.unsharded", "Gradients before they are shared out",
              named<Number>("2·P_layer", 2 * g.trained_layer) * named<Number>("B_c", in_.recipe.compute),
              "DeepSpeed reduces whole gradients of a layer, one layer's on its way");
        return;
    }
    if (in_.own_units) {
        // the head's are reduced before the first layer goes back, the embedding's after the last
        const bool outside = pass_ == MomentPass::embedding || (moment_ == MomentKind::backward_start && stage_.last);
        const double elements = pass_ == MomentPass::embedding ? g.trained_largest_outside : g.trained_layer;
        child(list, "gradients.unsharded", "Gradients before they are shared out",
              named<Number>("P_whole", elements) * named<Number>("B_c", in_.recipe.compute),
              "a unit's gradients are whole until they are reduced");
        child(list, "gradients.reducing", "Buffer that is reduced",
              named<Number>("P_reduce", outside ? std::max(elements, g.trained_largest_outside) : elements) *
                  named<Number>("B_reduce", in_.reduce_bytes),
              "torch _fsdp_collectives.py foreach_reduce: reduce-scatter input in the reduce dtype");
        return;
    }
    const double last = std::max(g.trained_layer, g.trained_outside);
    child(list, "gradients.unsharded", "Gradients before they are shared out",
          named<Number>("P_whole", start ? g.trained_layer + g.trained_largest_outside : last) *
              named<Number>("B_c", in_.recipe.compute),
          "a group's gradients are whole until they are reduced");
    child(list, "gradients.reducing", "Buffer that is reduced",
          named<Number>("P_reduce", start ? g.trained_layer : last) * named<Number>("B_reduce", in_.reduce_bytes),
          "torch _fsdp_collectives.py foreach_reduce: reduce-scatter input in the reduce dtype");
}

template<class Number>
void MomentBuilder<Number>::step_copies(std::vector<Term>& list) const
{
    constexpr double sub_group = 1e9;
    double elements = 0;
    for (const TrainedTensor& part : stage_.trained)
        elements += part.elements / static_cast<double>(in_.shard);
    child(list, "gradients.step", "Gradients in fp32 for the step",
          named<Number>("P_step", std::min(elements, sub_group)) * constant<Number>(4),
          "DeepSpeed stage_1_and_2.py, stage3.py: sub_group_size 1e9");
}

template<class Number>
Term MomentBuilder<Number>::optimizer() const
{
    std::vector<Term> list;
    const bool on_device = !in_.offload_optimizer;
    const std::vector<Share> states = optimizer_states(in_, stage_.trained);
    if (on_device && !in_.optimizer->paged)
        child(list, "optimizer.states", in_.optimizer->label, sum_of<Number>(states, "B_state"), in_.optimizer->source,
              Basis::exact);
    if (on_device)
        child(list, "optimizer.master", "Master weights",
              sum_of<Number>(master_weights(in_, stage_.trained), "B_master"), in_.recipe.source, Basis::exact);
    for (const SideNetwork& side : in_.beside)
        if (side.trained && on_device && !in_.optimizer->paged)
            child(list, "optimizer." + std::string(side.id), side.label,
                  named<Number>("f_side", side_share(in_, *stage_.model, side)) *
                      (sum_of<Number>(states, "B_state") +
                       sum_of<Number>(master_weights(in_, stage_.trained), "B_master")),
                  in_.trainer->source);
    const StepRow& step = step_row(in_.step);
    if (moment_ == MomentKind::optimizer_step && on_device && !in_.optimizer_in_backward && step.copies_state &&
        in_.optimizer->foreach_copy && !in_.optimizer->states.empty()) {
        const auto kinds = static_cast<double>(in_.optimizer->states.size());
        const Number copy = sum_of<Number>(states, "B_state") / constant<Number>(kinds);
        if (step.copies_largest_group)
            child(list, "optimizer.step", "Copies of one state during the step",
                  copy + sum_of<Number>(largest_by_dtype(states), "B_state") / constant<Number>(kinds), step.source);
        else
            child(list, "optimizer.step", "Copy of one state during the step", copy, step.source);
    }
    const double widened = in_.weight_bytes == fp32_bytes ? in_.optimizer->step_copies : in_.optimizer->step_copies_16;
    if (moment_ == MomentKind::optimizer_step && on_device && widened > 0)
        child(list, "optimizer.widened", "The largest tensor's step in FP32",
              named<Number>("n_max", largest_trained(in_, stage_.trained)) * constant<Number>(widened * fp32_bytes),
              in_.optimizer->source);
    return sum_of_terms("optimizer", "Optimizer", std::move(list), Basis::exact);
}

template Term MomentBuilder<double>::gradient_term() const;
template Term MomentBuilder<Traced>::gradient_term() const;
template Term MomentBuilder<double>::optimizer() const;
template Term MomentBuilder<Traced>::optimizer() const;

} // namespace weighbridge
