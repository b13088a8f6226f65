#include "core/engines/llamacpp/graph_layers.h"

#include <vector>

namespace weighbridge {

namespace {

/// Most experts whose weighted sum is one operation (llama.cpp#25952).
constexpr std::int64_t most_fused_experts = 15;

struct Chosen
{
    GgmlId experts = no_tensor; ///< a part of the sorted ones
    GgmlId weights = no_tensor;
};

/// Scores of the experts that are in the best groups.
GgmlId best_groups(GraphBuilder& b, std::int64_t experts, GgmlId rated)
{
    const std::int64_t groups = router_groups;
    const std::int64_t best = b.rules().best_groups;
    const GgmlId shaped = b.view(rated);
    const GgmlId sorted = b.fresh("experts of a group by score", experts, {shaped});
    const GgmlId two = b.fresh("the best two of each group", 2 * groups, {shaped, b.view(sorted, 2 * groups)});
    const GgmlId sums = b.fresh("scores of groups", groups, {b.view(two)});
    const GgmlId order = b.view(b.fresh("groups by score", groups, {b.view(sums)}), best);
    const GgmlId kept = b.fresh("scores in the best groups", experts / groups * best, {b.view(rated), order});
    const GgmlId filled = b.fresh("scores in the best groups", experts, {b.view(rated)});
    GgmlTensor written = b.graph()[b.view(filled)];
    written.role = GgmlRole::node;
    return b.view(b.graph().add(written, {kept, order, filled}));
}

GgmlId finished_weights(GraphBuilder& b, std::int64_t used, GgmlId weights)
{
    const RouterWeights router = b.rules().router;
    if (router == RouterWeights::soft_max)
        return b.view(b.in_place("router weights", used, {b.view(weights)}));
    GgmlId x = weights;
    if (router == RouterWeights::normed || router == RouterWeights::normed_scaled) {
        const GgmlId shaped = b.view(x);
        const GgmlId sum = b.fresh("sum of weights", 1, {b.fresh("sum of weights", 1, {shaped})});
        x = b.view(b.in_place("router weights", used, {shaped, sum}));
    }
    if (router == RouterWeights::scaled || router == RouterWeights::normed_scaled)
        x = b.in_place("router weights", used, {x});
    return x;
}

/// Router, its choice and the weights of what was chosen.
Chosen choose(GraphBuilder& b, const MixtureOfExperts& moe, GgmlId x)
{
    const std::int64_t used = moe.experts_per_token;
    const std::int64_t all = moe.routed_experts;
    const RouterWeights router = b.rules().router;
    const GgmlId logits = b.product("ffn_gate_inp", x, all, Part::router);
    GgmlId scores = router == RouterWeights::soft_max ? logits : b.in_place("router scores", all, {logits});
    GgmlId rated = moe.router_bias ? b.in_place("router scores", all, {scores, b.vector_weight(all)}) : scores;
    if (router == RouterWeights::soft_max)
        scores = rated;
    if (router == RouterWeights::before)
        rated = logits;
    if (b.rules().best_groups > 0 && all == b.rules().grouped_experts)
        rated = best_groups(b, all, rated);
    const GgmlId shaped = b.view(scores);
    const GgmlId sorted = b.fresh("experts by score", all, {rated});
    Chosen chosen;
    chosen.experts = b.view(sorted, used);
    chosen.weights = finished_weights(b, used, b.fresh("router weights", used, {shaped, chosen.experts}));
    b.graph().expand(chosen.weights);
    return chosen;
}

GgmlId dense_graph(GraphBuilder& b, GgmlId x, std::int64_t width, bool gated, Part part = Part::feed_forward)
{
    const bool shared = part == Part::shared_experts;
    GgmlId inner = no_tensor;
    if (gated && b.rules().fused_gate_up && !shared) {
        inner = b.fresh("ffn_swiglu", width, {b.product("ffn_up", x, 2 * width, part)});
    } else if (gated) {
        const GgmlId gate = b.product(shared ? "ffn_gate_shexp" : "ffn_gate", x, width, part);
        const GgmlId up = b.product(shared ? "ffn_up_shexp" : "ffn_up", x, width, part);
        inner = b.run().build.multiplies_in_place() ? b.in_place("ffn_gate", width, {gate, up})
                                                    : b.fresh("ffn_swiglu", width, {gate, up});
    } else {
        inner = b.unary(b.product(shared ? "ffn_up_shexp" : "ffn_up", x, width, part));
    }
    if (b.rules().inner_norms)
        inner = b.norm(inner);
    return b.product(shared ? "ffn_down_shexp" : "ffn_down", inner, b.hidden(), part);
}

GgmlId experts_graph(GraphBuilder& b, const MixtureOfExperts& moe, GgmlId x)
{
    const std::int64_t used = moe.experts_per_token;
    const Chosen chosen = choose(b, moe, x);
    const auto each = [&](std::string_view name, GgmlId in, std::int64_t from, std::int64_t to) {
        const GgmlId matrices = b.weight(name, moe.routed_experts * from * to, Part::experts);
        const GgmlId result = b.fresh(name, used * to, {matrices, in, chosen.experts});
        return moe.expert_bias ? b.in_place(name, used * to, {result, b.vector_weight(to), chosen.experts}) : result;
    };
    const std::int64_t width = moe.latent_size > 0 ? moe.latent_size : b.hidden();
    const std::int64_t inner = moe.expert_intermediate_size;
    GgmlId in = moe.latent_size > 0 ? b.product("ffn_latent_down", x, width, Part::feed_forward) : x;
    in = b.view(in);
    const bool weighs_first = b.rules().router == RouterWeights::before;
    if (weighs_first)
        in = b.in_place("ffn_moe_weighted", used * width,
                        {b.fresh("ffn_moe_weighted", used * width, {in}), chosen.weights});
    GgmlId hidden = no_tensor;
    if (moe.gated) {
        const GgmlId gate = each("ffn_gate_exps", in, width, inner);
        const GgmlId up = each("ffn_up_exps", in, width, inner);
        hidden = b.fresh("ffn_moe_swiglu", used * inner, {gate, up});
    } else {
        hidden = b.unary(each("ffn_up_exps", in, width, inner));
    }
    const GgmlId down = each("ffn_down_exps", hidden, inner, width);
    const GgmlId weighted = weighs_first ? down : b.in_place("ffn_moe_weighted", used * width, {down, chosen.weights});
    b.graph().expand(weighted);
    std::vector<GgmlId> parts;
    for (std::int64_t i = 0; i < used; ++i) {
        parts.push_back(b.view(weighted, width));
        b.graph().expand(parts.back());
    }
    const bool fused = !weighs_first && b.run().build.fuses_expert_sums() && used > 1 && used <= most_fused_experts;
    GgmlId sum = parts.front();
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const bool keeps = fused && i + 1 == parts.size();
        sum = b.in_place("ffn_moe_out", width,
                         {sum, parts[i], keeps ? down : no_tensor, keeps ? chosen.weights : no_tensor});
    }
    if (used == 1)
        sum = b.fresh("ffn_moe_out", width, {sum});
    b.graph().expand(sum);
    if (moe.latent_size > 0)
        sum = b.product("ffn_latent_up", sum, b.hidden(), Part::feed_forward);
    if (moe.shared_experts == 0 && moe.shared_intermediate_size == 0)
        return sum;
    GgmlId shared = dense_graph(b, x, moe.shared_intermediate_size, moe.gated, Part::shared_experts);
    if (moe.shared_gate) {
        const GgmlId gate = b.unary(b.product("ffn_gate_inp_shexp", x, 1, Part::router));
        shared = b.in_place("ffn_down_shexp", b.hidden(), {shared, gate});
    }
    return b.add(sum, shared);
}

} // namespace

GgmlId feed_forward_graph(GraphBuilder& b, const FeedForward& part, GgmlId x)
{
    if (const auto* moe = std::get_if<MixtureOfExperts>(&part))
        return experts_graph(b, *moe, x);
    const auto& dense = std::get<DenseFeedForward>(part);
    return dense_graph(b, x, dense.intermediate_size, dense.gated);
}

} // namespace weighbridge
