#include "core/speed/operations.h"

#include "core/speed/compressed_attention.h"
#include "core/speed/cost.h"
#include "core/speed/feed_forward.h"
#include "core/speed/grouped_attention.h"
#include "core/speed/latent_attention.h"
#include "core/speed/recurrent.h"
#include "core/speed/tensor_costs.h"

#include <cmath>

namespace weighbridge {

namespace {

/// What the norms of one layer run over per token, and their weights.
template<class Number>
struct NormExtent
{
    Number width;   ///< elements of one token
    Number weights; ///< elements
};

template<class Number>
NormExtent<Number> with(const NormExtent<Number>& extent, const Number& more_width, const Number& more_weights)
{
    return {extent.width + more_width, extent.weights + more_weights};
}

template<class Number>
NormExtent<Number> norm_extent(const Inputs<Number>& in, const Layer& layer)
{
    const Number all = named<Number>("n_norm", layer.norms) * in.h;
    NormExtent<Number> of_layer{all, layer.norm_bias ? in.two * all : all};
    for (const Mixer& mixer : layer.mixers) {
        if (const auto* latent = std::get_if<LatentAttention>(&mixer)) {
            const Number latents = LatentAttentionCosts<Number>(in, *latent).normalized_width();
            of_layer = with(of_layer, latents, latents);
        }
        const auto* attention = std::get_if<Attention>(&mixer);
        if (attention != nullptr && attention->qk_norm != QkNorm::none) {
            const GroupedAttentionCosts<Number> costs(in, *attention);
            of_layer = with(of_layer, costs.normalized_width(), costs.norm_weights());
        }
    }
    return of_layer;
}

/// Runs on the vector units, in FP32. Norms are not divided by tensor parallelism, but for those of queries and keys.
template<class Number>
Cost<Number> norms(const Inputs<Number>& in, const Layer& layer)
{
    const NormExtent<Number> extent = norm_extent(in, layer);
    Cost<Number> cost{.id = "norms", .label = "Norms", .compute = ComputeType::fp32};
    cost.flops = in.over_tokens(constant<Number>(4)) * extent.width;
    cost.weights = extent.weights * in.vector_bytes();
    cost.activations = in.over_tokens(in.two) * extent.width * in.activation_bytes;
    return cost;
}

template<class Number>
void append(std::vector<Operation>& operations, const Inputs<Number>& in, const Attention& attention)
{
    GroupedAttentionCosts<Number>(in, attention).append(operations);
}

template<class Number>
void append(std::vector<Operation>& operations, const Inputs<Number>& in, const LatentAttention& attention)
{
    LatentAttentionCosts<Number>(in, attention).append(operations);
}

template<class Number>
void append(std::vector<Operation>& operations, const Inputs<Number>& in, const CompressedAttention& attention)
{
    CompressedAttentionCosts<Number>(in, attention).append(operations);
}

template<class Number>
void append(std::vector<Operation>& operations, const Inputs<Number>& in, const Recurrent& recurrent)
{
    RecurrentCosts<Number>(in, recurrent).append(operations);
}

Workload spread_over(const Workload& workload, const std::optional<Spread>& spread)
{
    Workload part = workload;
    if (spread) {
        part.sequences = spread->sequences;
        part.tensor_parallel = spread->ranks;
    }
    return part;
}

template<class Number>
Inputs<Number> spread_inputs(const Workload& workload, const Architecture& architecture, std::string_view sequences,
                             std::string_view ranks)
{
    return {.workload = workload,
            .hidden_size = architecture.hidden_size,
            .b = named<Number>(sequences, static_cast<double>(workload.sequences)),
            .tp = named<Number>(ranks, static_cast<double>(workload.tensor_parallel))};
}

template<class Number>
std::vector<Operation> operations_of(const Architecture& architecture, const Layer& layer, const Workload& workload)
{
    const Inputs<Number> in{.workload = workload, .hidden_size = architecture.hidden_size};
    const Workload of_network = spread_over(workload, workload.feed_forward);
    const Workload of_experts = spread_over(of_network, workload.experts);
    const Inputs<Number> network =
        workload.feed_forward ? spread_inputs<Number>(of_network, architecture, "b_all", "n_ffn") : in;
    const Inputs<Number> experts =
        workload.experts ? spread_inputs<Number>(of_experts, architecture, "b_exp", "n_exp") : network;
    std::vector<Operation> operations;
    operations.reserve(10);
    for (const Mixer& mixer : layer.mixers)
        std::visit([&](const auto& known) { append(operations, in, known); }, mixer);
    for (const FeedForward& part : layer.feed_forwards)
        std::visit([&](const auto& known) { FeedForwardCosts<Number>(network, experts).append(known, operations); },
                   part);
    if (!layer.extras.empty())
        operations.push_back(to_operation(tensor_cost<Number>(in, "extras", "Adapters and scalars", layer.extras)));
    operations.push_back(to_operation(norms(in, layer)));
    return operations;
}

} // namespace

std::string_view phase_name(Phase phase)
{
    switch (phase) {
    case Phase::decode:
        return "decode";
    case Phase::prefill:
        return "prefill";
    case Phase::training:
        return "training";
    }
    return "decode";
}

std::vector<Operation> layer_operations(const Architecture& architecture, const Layer& layer, const Workload& workload,
                                        bool explain)
{
    return explain ? operations_of<Traced>(architecture, layer, workload)
                   : operations_of<double>(architecture, layer, workload);
}

double distinct_experts(double experts, double experts_per_token, double tokens)
{
    if (experts_per_token >= experts || tokens <= 0)
        return tokens <= 0 ? 0 : experts;
    if (tokens == 1)
        return experts_per_token;
    return -experts * std::expm1(tokens * std::log1p(-experts_per_token / experts));
}

} // namespace weighbridge
