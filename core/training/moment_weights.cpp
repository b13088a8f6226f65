#include "core/training/moment_builder.h"

#include <algorithm>

namespace weighbridge {

template<class Number>
Term MomentBuilder<Number>::weights() const
{
    std::vector<Term> list;
    child(list, "weights.resident", in_.frozen_base ? "Frozen weights" : "Weights",
          sum_of<Number>(resident_weights(in_, *stage_.model), "B_w"),
          in_.frozen_base ? in_.base.label + ", by tensor" : std::string(in_.recipe.source), Basis::exact);
    if (in_pass() && in_.shards_weights)
        gathered(list);
    if (in_pass() && in_.recipe.casts_weights && !in_.shards_weights && !in_.frozen_base)
        cast_copies(list);
    if (in_pass() && in_.frozen_base)
        frozen_copies(list);
    if (in_.references > 0 && moment_ != MomentKind::load)
        child(list, "weights.reference", "Frozen reference",
              named<Number>("n_ref", in_.references) * sum_of<Number>(resident_weights(in_, *stage_.model), "B_w"),
              in_.trainer->source, Basis::exact);
    for (const SideNetwork& side : in_.beside)
        if (moment_ != MomentKind::load)
            child(list, "weights." + std::string(side.id), side.label,
                  sum_of<Number>(side_weights(in_, *stage_.model, side), "B_w"), in_.trainer->source, Basis::derived);
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
    return sum_of_terms("weights", "Weights", std::move(list), Basis::exact);
}

template<class Number>
void MomentBuilder<Number>::gathered(std::vector<Term>& list) const
{
    const GatheredWeights& g = stage_.gathered;
    if (!in_.reshard && moment_ != MomentKind::backward_end) {
        child(list, "weights.gathered", "Gathered weights",
              named<Number>("W_layers", share_here() * g.all_layers) + named<Number>("W_outside", g.outside),
              "reshard_after_forward off: what was gathered stays until its backward pass");
        return;
    }
    if (in_.own_units) {
        own_units(list);
        return;
    }
    const double layers = in_backward() ? 2 : 1; // the next one is fetched meanwhile
    const bool one_by_one = in_.deepspeed_buckets;
    const double outside = !one_by_one ? g.outside : moment_ == MomentKind::forward_end ? g.largest_outside : 0;
    child(list, "weights.gathered", "Gathered weights",
          named<Number>("n_gathered", layers) * named<Number>("W_layer", g.layer) + named<Number>("W_outside", outside),
          one_by_one ? "gathered layer by layer, and the vocabulary's matrices"
                     : "FSDP gathers layer by layer; the root's own weights stay gathered");
}

template<class Number>
void MomentBuilder<Number>::own_units(std::vector<Term>& list) const
{
    const GatheredWeights& g = stage_.gathered;
    constexpr std::string_view source = "torch _fsdp_collectives.py: all-gather buffer and the weights copied out";
    if (in_loss() && stage_.last)
        child(list, "weights.gathered", "Gathered head",
              named<Number>("n_copies", pass_ == MomentPass::loss_forward ? 2 : 1) *
                  named<Number>("W_head", g.largest_outside),
              source);
    else if (pass_ != MomentPass::embedding)
        child(list, "weights.gathered", "Gathered weights", constant<Number>(2) * named<Number>("W_layer", g.layer),
              source);
}

template<class Number>
void MomentBuilder<Number>::cast_copies(std::vector<Term>& list) const
{
    const GatheredWeights& g = stage_.gathered;
    const double kept = kept_share(static_cast<double>(stage_.model->architecture.layers()));
    const double head = stage_.last ? g.largest_outside : 0;
    double bytes = 0;
    if (pass_ == MomentPass::layer_forward)
        bytes = share_here() * g.all_layers;
    else if (pass_ == MomentPass::loss_forward)
        bytes = g.all_layers + head;
    else if (pass_ == MomentPass::loss_backward)
        bytes = kept * g.all_layers + head;
    else if (point_.goes_back())
        bytes = std::max(g.layer, kept * share_here() * g.all_layers);
    child(list, "weights.cast", "Copies in 16 bits", named<Number>("W_cast", bytes),
          "torch.autocast casts fp32 weights for each matrix product");
}

template<class Number>
void MomentBuilder<Number>::frozen_copies(std::vector<Term>& list) const
{
    const bool wide_base = in_.base.bits == 8 * fp32_bytes;
    if (in_.recipe.compute == fp32_bytes || (!wide_base && !in_.prepares_kbit))
        return;
    const double kept = kept_share(static_cast<double>(stage_.model->architecture.layers()));
    const double half = in_.recipe.compute / fp32_bytes;
    const double layers =
        wide_base && pass_ != MomentPass::embedding ? kept * share_here() * stage_.gathered.all_layers : 0;
    child(list, "weights.cast", "Copies in 16 bits",
          named<Number>("W_cast", half * (layers + (in_loss() && stage_.last ? stage_.gathered.largest_outside : 0))),
          "torch.autocast casts fp32 weights for each matrix product");
}

template<class Number>
Term MomentBuilder<Number>::colocated() const
{
    std::vector<Term> list;
    const bool awake = !in_.colocated_sleeps || moment_ == MomentKind::generation;
    if (in_.colocated_share > 0 && in_.accelerator != nullptr && awake && moment_ != MomentKind::load)
        child(list, "colocated.share", "vLLM's share",
              named<Number>("C_gpu", static_cast<double>(in_.accelerator->capacity.count)) *
                  named<Number>("f_vllm", in_.colocated_share),
              "trl GRPOConfig: vllm_gpu_memory_utilization of the device");
    return sum_of_terms("colocated", "Colocated engine", std::move(list), Basis::derived);
}

template<class Number>
Term MomentBuilder<Number>::adapters() const
{
    std::vector<Term> list;
    child(list, "adapters.weights", "Adapters", sum_of<Number>(adapter_weights(in_, stage_.trained), "B_lora"),
          "rank x (in + out) of every target, from the inventory", Basis::exact);
    return sum_of_terms("adapters", "Adapters", std::move(list), Basis::exact);
}

template Term MomentBuilder<double>::weights() const;
template Term MomentBuilder<Traced>::weights() const;
template Term MomentBuilder<double>::colocated() const;
template Term MomentBuilder<Traced>::colocated() const;
template Term MomentBuilder<double>::adapters() const;
template Term MomentBuilder<Traced>::adapters() const;

} // namespace weighbridge
