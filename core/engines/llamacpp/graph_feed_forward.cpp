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

GgmlId router_logits(GraphBuilder& b, const MixtureOfExperts& moe, GgmlId x)
{
    const GgmlId read = b.rules().early_router ? b.carried().layer_input : x;
    const GgmlId logits = b.product("ffn_gate_inp", read, moe.routed_experts, Part::router);
    return b.rows(logits) == b.rows(x) ? logits : b.wanted_rows(logits);
}

/// The router's choice and the weights of what was chosen; of pairs of experts where two share one.
Chosen chosen_by(GraphBuilder& b, const MixtureOfExperts& moe, GgmlId logits, bool of_pairs)
{
    const std::int64_t used = moe.experts_per_token;
    const std::int64_t all = moe.routed_experts;
    const RouterWeights router = b.rules().router;
    GgmlId scores = router == RouterWeights::soft_max ? logits : b.in_place("router scores", all, {logits});
    if (b.rules().root_scores)
        scores = b.in_place("router scores", all, {scores});
    GgmlId rated = moe.router_bias ? b.in_place("router scores", all, {scores, b.vector_weight(all)}) : scores;
    if (router == RouterWeights::soft_max)
        scores = rated;
    if (router == RouterWeights::before)
        rated = logits;
    if (b.rules().paired_experts)
        rated = b.in_place("router scores", all, {logits});
    if (b.rules().best_groups > 0 && all == b.rules().grouped_experts)
        rated = best_groups(b, all, rated);
    const GgmlId shaped = b.view(scores);
    Chosen chosen;
    if (b.rules().hashed_router && !moe.router_bias) {
        const GgmlId table = b.vector_weight(used * b.run().model->architecture.vocab_size);
        chosen.experts = b.sized("experts by table", used * b.tokens() * 4, {table, b.carried().tokens});
        b.graph()[chosen.experts].rows = b.tokens();
    } else {
        chosen.experts = b.view(b.fresh("experts by score", all, {rated}), used);
        if (of_pairs) // halved as numbers of a floating point type
            chosen.experts =
                b.fresh("pairs by score", used, {b.scale(b.fresh("pairs by score", used, {chosen.experts}))});
    }
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
        inner = b.run().build.multiplies_in_place() || b.rules().limited_gates
                    ? b.in_place("ffn_gate", width, {gate, up})
                    : b.fresh("ffn_swiglu", width, {gate, up});
    } else {
        inner = b.unary(b.product(shared ? "ffn_up_shexp" : "ffn_up", x, width, part));
    }
    if (b.rules().inner_norms)
        inner = b.norm(inner);
    return b.product(shared ? "ffn_down_shexp" : "ffn_down", inner, b.hidden(), part);
}

/// Matrices of routed experts by name, and the width inside one.
struct Experts
{
    std::string_view gate = "ffn_gate_exps";
    std::string_view up = "ffn_up_exps";
    std::string_view down = "ffn_down_exps";
    std::int64_t count = 0;
    std::int64_t width = 0; ///< of what they read and write
    std::int64_t inner = 0;
};

/// Gate, up and down of the chosen experts, with their biases.
GgmlId expert_outputs(GraphBuilder& b, const MixtureOfExperts& moe, const Experts& experts, const Chosen& chosen,
                      GgmlId in)
{
    const std::int64_t used = moe.experts_per_token;
    const auto each = [&](std::string_view name, std::string_view bias, GgmlId x, std::int64_t from, std::int64_t to) {
        const GgmlId matrices = b.weight(name, experts.count * from * to, Part::experts);
        const GgmlId result = b.fresh(name, used * to, {matrices, x, chosen.experts});
        if (!moe.expert_bias)
            return result;
        return b.in_place(name, used * to, {result, b.experts_bias(bias, experts.count * to), chosen.experts});
    };
    const std::int64_t inner = experts.inner;
    GgmlId hidden = no_tensor;
    if (moe.gated) {
        const GgmlId gate = each(experts.gate, "ffn_gate_exps.bias", in, experts.width, inner);
        const GgmlId up = each(experts.up, "ffn_up_exps.bias", in, experts.width, inner);
        hidden = b.rules().limited_gates ? b.in_place("ffn_moe_swiglu", used * inner, {gate, up})
                                         : b.fresh("ffn_moe_swiglu", used * inner, {gate, up});
    } else {
        hidden = b.unary(each(experts.up, "ffn_up_exps.bias", in, experts.width, inner));
    }
    return each(experts.down, "ffn_down_exps.bias", hidden, inner, experts.width);
}

/// The weighted sum of what the chosen experts put out.
GgmlId expert_sum(GraphBuilder& b, const MixtureOfExperts& moe, const Experts& experts, const Chosen& chosen, GgmlId x)
{
    const std::int64_t used = moe.experts_per_token;
    const std::int64_t width = experts.width;
    const bool weighs_first = b.rules().router == RouterWeights::before;
    GgmlId in = b.view(x);
    if (weighs_first)
        in = b.in_place("ffn_moe_weighted", used * width,
                        {b.fresh("ffn_moe_weighted", used * width, {in}), chosen.weights});
    const GgmlId down = expert_outputs(b, moe, experts, chosen, in);
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
    return sum;
}

/// The small experts that pairs of the others share: chosen by the same scores, of half the number
/// (src/models/grovemoe.cpp).
GgmlId paired_sum(GraphBuilder& b, const MixtureOfExperts& moe, GgmlId logits, GgmlId sum)
{
    const Layer& layer = b.run().model->architecture.kinds.front();
    const Experts experts{.gate = "ffn_gate_chexps",
                          .up = "ffn_up_chexps",
                          .down = "ffn_down_chexps",
                          .count = std::max<std::int64_t>(1, moe.routed_experts / 2),
                          .width = b.hidden(),
                          .inner = rows_of(layer.extras, "chunk_experts.up_proj.weight")};
    const GgmlId small = expert_sum(b, moe, experts, chosen_by(b, moe, logits, true), sum);
    return b.add(sum, b.scale(small));
}

GgmlId experts_graph(GraphBuilder& b, const MixtureOfExperts& moe, GgmlId x)
{
    const GgmlId logits = router_logits(b, moe, x);
    const Chosen chosen = chosen_by(b, moe, logits, false);
    const std::int64_t width = moe.latent_size > 0 ? moe.latent_size : b.hidden();
    const GgmlId in = moe.latent_size > 0 ? b.product("ffn_latent_down", x, width, Part::feed_forward) : x;
    const Experts experts{.count = moe.routed_experts, .width = width, .inner = moe.expert_intermediate_size};
    GgmlId sum = expert_sum(b, moe, experts, chosen, in);
    if (b.rules().paired_experts)
        sum = paired_sum(b, moe, logits, sum);
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
