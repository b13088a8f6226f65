#include "core/speed/network_work.h"

#include <algorithm>

namespace weighbridge {

namespace {

double real(std::int64_t count)
{
    return static_cast<double>(count);
}

/// Kernels of a layer on the fused paths of today's servers. A convention: only their number times the time of one,
/// which was fitted with these numbers, has a meaning.
struct KernelCount
{
    static constexpr double grouped = 6;
    static constexpr double latent = 11;
    static constexpr double recurrent = 9;
    static constexpr double indexer = 5;
    static constexpr double dense = 4;
    static constexpr double experts = 8;
    static constexpr double shared = 3;
};

void take_indexer(MixerWork& work, const Indexer& indexer)
{
    if (indexer.heads == 0)
        return;
    work.top_k = real(indexer.top_k);
    if (indexer.owned) {
        work.index_heads = real(indexer.heads);
        work.index_dim = real(indexer.head_dim);
    }
}

MixerWork mixer_work(const Attention& attention)
{
    MixerWork work{.kind = MixerWork::Kind::grouped,
                   .heads = real(attention.heads),
                   .kv_heads = real(attention.kv_heads),
                   .head_dim = real(attention.head_dim),
                   .value_dim = real(attention.value_head_dim)};
    if (attention.span != AttentionSpan::full)
        work.window = real(attention.window);
    take_indexer(work, attention.indexer);
    return work;
}

MixerWork mixer_work(const LatentAttention& attention)
{
    MixerWork work{.kind = MixerWork::Kind::latent,
                   .heads = real(attention.heads),
                   .value_dim = real(attention.v_head_dim),
                   .latent = real(attention.kv_lora_rank),
                   .rope = real(attention.qk_rope_head_dim),
                   .nope = real(attention.qk_nope_head_dim)};
    take_indexer(work, attention.indexer);
    return work;
}

MixerWork mixer_work(const CompressedAttention& attention)
{
    MixerWork work{.kind = MixerWork::Kind::compressed,
                   .heads = real(attention.heads),
                   .head_dim = real(attention.head_dim),
                   .window = real(attention.window),
                   .ratio = real(attention.compress_ratio)};
    take_indexer(work, attention.indexer);
    return work;
}

MixerWork mixer_work(const Recurrent& recurrent)
{
    return {.kind = MixerWork::Kind::recurrent,
            .heads = real(recurrent.heads),
            .head_dim = real(recurrent.key_dim),
            .value_dim = real(recurrent.value_dim),
            .state = real(recurrent.state_elements)};
}

double kernels_of(const MixerWork& mixer)
{
    switch (mixer.kind) {
    case MixerWork::Kind::grouped:
        return KernelCount::grouped + (mixer.index_heads > 0 ? KernelCount::indexer : 0);
    case MixerWork::Kind::latent:
    case MixerWork::Kind::compressed:
        return KernelCount::latent + (mixer.top_k > 0 ? KernelCount::indexer : 0);
    case MixerWork::Kind::recurrent:
        return KernelCount::recurrent;
    }
    return 0;
}

void add_network(LayerWork& work, const DenseFeedForward& /*its weights are counted from the inventory*/)
{
    work.kernels += KernelCount::dense;
}

void add_network(LayerWork& work, const MixtureOfExperts& moe)
{
    work.kernels += KernelCount::experts + (moe.shared_intermediate_size > 0 ? KernelCount::shared : 0);
    work.experts = real(moe.routed_experts + moe.zero_experts);
    work.chosen = real(moe.experts_per_token);
    work.expert_width = real(moe.expert_intermediate_size);
}

LayerWork layer_work(const Layer& layer, std::int64_t layers)
{
    LayerWork work;
    work.layers = real(layers);
    for (const Mixer& mixer : layer.mixers) {
        work.mixers.push_back(std::visit([](const auto& known) { return mixer_work(known); }, mixer));
        work.kernels += kernels_of(work.mixers.back());
    }
    for (const FeedForward& network : layer.feed_forwards)
        std::visit([&](const auto& known) { add_network(work, known); }, network);
    work.plain = work.experts == 0 && std::all_of(work.mixers.begin(), work.mixers.end(), [](const MixerWork& mixer) {
                     return mixer.kind == MixerWork::Kind::grouped;
                 });
    return work;
}

/// One layer's share of a row.
void add_tensor(LayerWork& work, const Tensor& tensor, double bytes_each)
{
    const double elements = real(tensor.elements_per_layer()) * real(tensor.layers) / std::max(1.0, work.layers);
    const double bytes = elements * bytes_each;
    const auto add = [&](double& parameters, double& stored) {
        parameters += elements;
        stored += bytes;
    };
    switch (tensor.part) {
    case Part::experts:
        return add(work.routed, work.routed_bytes);
    case Part::feed_forward:
    case Part::shared_experts:
    case Part::router:
        return add(work.always, work.always_bytes);
    case Part::attention:
    case Part::norms:
        return add(work.attention, work.attention_bytes);
    case Part::embedding:
    case Part::vision:
        return;
    }
}

bool is_head(const Tensor& tensor)
{
    return tensor.kind == Tensor::no_index && tensor.sharding == Sharding::vocabulary &&
           (tensor.end == End::output || tensor.end == End::both);
}

} // namespace

double NetworkWork::layer_count() const
{
    double count = 0;
    for (const LayerWork& layer : layers)
        if (layer.kernels > 0)
            count += layer.layers;
    return count;
}

NetworkWork network_work(const Model& model, const NumberFormat& weights, const NumberFormat* attention)
{
    const Architecture& architecture = model.architecture;
    NetworkWork work;
    work.hidden = real(architecture.hidden_size);
    work.vocabulary = real(architecture.vocab_size);
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind)
        work.layers.push_back(layer_work(architecture.kinds[kind], architecture.layers_of(kind)));
    LayerWork shared;
    shared.layers = 1;
    for (const Tensor& tensor : model.tensors) {
        const bool otherwise = attention != nullptr && tensor.part == Part::attention;
        const double bytes_each = bytes_per_element(otherwise ? *attention : weights, tensor);
        if (tensor.kind != Tensor::no_index) {
            add_tensor(work.layers[tensor.kind], tensor, bytes_each);
        } else if (is_head(tensor)) {
            work.head += real(tensor.elements());
            work.head_bytes += real(tensor.elements()) * bytes_each;
        } else if (tensor.end == End::throughout) {
            add_tensor(shared, tensor, bytes_each * tensor.active_copies);
        }
    }
    if (shared.attention + shared.always + shared.routed > 0)
        work.layers.push_back(std::move(shared));
    return work;
}

} // namespace weighbridge
