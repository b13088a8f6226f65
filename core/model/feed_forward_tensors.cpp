#include "core/model/layer_tensors.h"
#include "core/model/tensor_rows.h"

namespace weighbridge {

namespace {

/// The two or three matrices of a network from `hidden` to `inner` and back.
struct Network
{
    std::string prefix{}; ///< "", "experts.", "shared_experts."
    Part part = Part::feed_forward;
    Extent hidden{};
    Extent inner{};
    Extent copies{};
    double active = 1;
    bool gated = true;
    Sharding up = Sharding::column;
    Sharding down = Sharding::row;

    std::vector<std::string_view> inner_projections() const
    {
        if (gated)
            return {"gate_proj", "up_proj"};
        return {"up_proj"};
    }

    void repeat(Tensor& tensor) const
    {
        tensor.copies = copies;
        tensor.active_copies = active;
    }
};

void add_matrices(TensorRows& rows, const Network& network)
{
    for (const std::string_view name : network.inner_projections())
        network.repeat(rows.matrix(network.prefix + std::string(name) + ".weight", network.part, network.inner,
                                   network.hidden, network.up));
    network.repeat(
        rows.matrix(network.prefix + "down_proj.weight", network.part, network.hidden, network.inner, network.down));
}

void add_biases(TensorRows& rows, const Network& network)
{
    for (const std::string_view name : network.inner_projections())
        network.repeat(
            rows.vector(network.prefix + std::string(name) + ".bias", network.part, network.inner, network.up));
    network.repeat(rows.vector(network.prefix + "down_proj.bias", network.part, network.hidden, Sharding::replicated));
}

void add(TensorRows& rows, const DenseFeedForward& dense, Extent hidden)
{
    if (!dense.holds_weights)
        return;
    const Network network{.hidden = hidden, .inner = {dense.intermediate_size, "h_ffn"}, .gated = dense.gated};
    add_matrices(rows, network);
    if (dense.bias)
        add_biases(rows, network);
}

void add(TensorRows& rows, const MixtureOfExperts& moe, Extent hidden)
{
    const Extent choices{moe.routed_experts + moe.zero_experts, moe.zero_experts > 0 ? "E + E_0" : "E"};
    Tensor& router = rows.matrix("gate.weight", Part::router, choices, hidden, Sharding::router);
    router.quantizable = false;
    if (moe.router_bias)
        rows.vector("gate.bias", Part::router, choices, Sharding::router);

    const Extent latent{moe.latent_size, "h_lat"};
    const Network experts{.prefix = "experts.",
                          .part = Part::experts,
                          .hidden = moe.latent_size > 0 ? latent : hidden,
                          .inner = {moe.expert_intermediate_size, "h_exp"},
                          .copies = {moe.routed_experts, "E"},
                          .active = moe.active_experts(),
                          .gated = moe.gated,
                          .up = Sharding::expert,
                          .down = Sharding::expert};
    add_matrices(rows, experts);
    if (moe.expert_bias)
        add_biases(rows, experts);
    if (moe.latent_size > 0) {
        rows.matrix("fc1_latent_proj.weight", Part::shared_experts, latent, hidden, Sharding::latent);
        rows.matrix("fc2_latent_proj.weight", Part::shared_experts, hidden, latent, Sharding::latent);
    }
    if (moe.shared_intermediate_size > 0)
        add_matrices(rows, {.prefix = "shared_experts.",
                            .part = Part::shared_experts,
                            .hidden = hidden,
                            .inner = {moe.shared_intermediate_size, "h_sh"},
                            .gated = moe.gated});
    if (moe.shared_gate)
        rows.vector("shared_expert_gate.weight", Part::router, hidden, Sharding::replicated);
}

} // namespace

void append_tensors(std::vector<Tensor>& tensors, const FeedForward& feed_forward, Extent hidden,
                    const std::string& module)
{
    TensorRows rows(tensors, module);
    std::visit([&](const auto& known) { add(rows, known, hidden); }, feed_forward);
}

} // namespace weighbridge
