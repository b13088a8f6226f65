#include "core/speed/step_time.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace weighbridge {

namespace {

constexpr std::array<std::string_view, step_parts> part_ids = {"weights", "cache", "attention", "experts", "kernels",
                                                               "links",   "step",  "sequences", "launch"};
constexpr std::array<std::string_view, step_parts> part_labels = {
    "Dense weights and head", "Reading the cache",   "Attention products",
    "Routed experts",         "Kernels of layers",   "Links between GPUs",
    "A step of the engine",   "Sequences of a step", "Launching by the host"};

constexpr double micro = 1e-6;

/// Dense peak of a type in FLOP/s, or of what the device runs it at.
double peak_of(const Accelerator& accelerator, ComputeType type)
{
    const auto peak = peak_rate(accelerator, type);
    return peak ? peak->flops_per_second : 0;
}

/// Share of its peak that a matrix product reaches.
double product_share(ComputeType type, bool narrow, bool in_blocks)
{
    switch (type) {
    case ComputeType::fp8:
    case ComputeType::int8:
        return in_blocks ? common_pace.gemm_8_blocks : common_pace.gemm_8;
    case ComputeType::fp4:
    case ComputeType::int4:
        return common_pace.gemm_4;
    default:
        return narrow ? common_pace.gemm_weight_only : common_pace.gemm_16;
    }
}

} // namespace

std::string_view step_part_id(StepPart part)
{
    return part_ids[static_cast<std::size_t>(part)];
}

std::string_view step_part_label(StepPart part)
{
    return part_labels[static_cast<std::size_t>(part)];
}

StepRates::StepRates(const Accelerator& accelerator, const EnginePace& engine, const DevicePace& device,
                     const Products& products, double link_bytes, bool fast_link)
    : kernel_seconds(engine.kernel_us * device.kernels * micro), plain_kernels(engine.plain_kernels),
      eager_seconds(engine.eager_us * micro), step_seconds(engine.step_us * micro),
      sequence_seconds(engine.sequence_us * micro), narrow_activations(products.narrow_activations),
      launches_experts(engine.launches_experts)
{
    const CommonPace& pace = common_pace;
    const double bandwidth = accelerator.bandwidth_gbs * 1e9;
    const double read = bandwidth * device.bandwidth * (device.id == "cdna" ? engine.cdna_bandwidth : 1);
    const double factor = device.compute * engine.compute;
    const auto product = [&](ComputeType type, bool narrow) {
        return product_share(type, narrow, products.in_blocks) * factor;
    };
    const double own = product(products.attention, products.attention_narrow);
    attention_products = {peak_of(accelerator, products.attention) * std::min(own, pace.gemm_most), read};
    const double network = product(products.network, products.network_narrow);
    const double network_peak = peak_of(accelerator, products.network);
    network_products = {network_peak * std::min(network, pace.gemm_most), read};
    expert_products = {network_peak * std::min(network * pace.expert_compute, pace.expert_most),
                       read * pace.expert_bandwidth};
    const double sixteen = peak_of(accelerator, ComputeType::bf16);
    head_products = {sixteen * std::min(product(ComputeType::bf16, products.head_narrow), pace.gemm_most), read};
    const double attention = sixteen * device.attention * (engine.slow_attention ? engine.compute : 1);
    decode_attention = {attention * pace.attention_decode, bandwidth * device.cache};
    prompt_attention = {attention * pace.attention_prefill, bandwidth * device.cache};
    elementwise = {sixteen, read * pace.elementwise_bandwidth};
    allreduce_seconds = (fast_link ? device.allreduce_us : pace.pcie_allreduce_us) * micro;
    allreduce_bytes = link_bytes * (fast_link ? pace.fast_link : pace.pcie_link);
    alltoall_seconds = pace.alltoall_us * micro;
    alltoall_bytes = link_bytes * pace.alltoall_link;
}

/// Equal operations of so many layers.
struct StepTime::Operation
{
    StepPart part = StepPart::weights;
    double layers = 0;
    double flops = 0;
    double bytes = 0;
    const StepRates::Rate* rate = nullptr;

    double compute() const { return flops / rate->flops; }
    double memory() const { return bytes / rate->bytes; }
    double seconds() const { return layers * std::max(compute(), memory()); }
};

/// The operations of one step on one GPU, layer kind by layer kind. FLOPs count a multiplication and an addition as
/// two; activations have 2 bytes.
class StepTime::Work
{
public:
    Work(const StepTime& step, const StepLoad& load) : step_(step), load_(load)
    {
        operations.reserve(8 * step.network_.layers.size() + 1);
        for (const LayerWork& layer : step.network_.layers)
            add_layer(layer);
        add_head();
    }

    std::vector<Operation> operations;
    double kernels = 0;
    double allreduces = 0;
    double allreduced = 0; ///< bytes
    double alltoalls = 0;
    double exchanged = 0; ///< bytes

private:
    const WorkerLayout& layout() const { return step_.layout_; }
    const StepRates& rates() const { return step_.rates_; }

    void add(StepPart part, double layers, double flops, double bytes, const StepRates::Rate& rate)
    {
        if (layers > 0 && (flops > 0 || bytes > 0))
            operations.push_back({part, layers, flops, bytes, &rate});
    }

    void add_layer(const LayerWork& layer)
    {
        const double tensor = layout().tensor;
        const double layers = layer.layers / layout().pipeline;
        const double tokens = load_.tokens();
        const double hidden = step_.network_.hidden;
        add(StepPart::weights, layers, 2 * tokens * layer.attention / tensor,
            (layer.attention_bytes + 8 * tokens * hidden) / tensor, rates().attention_products);
        for (const MixerWork& mixer : layer.mixers)
            add_mixer(mixer, layers);
        add(StepPart::weights, layers, 2 * tokens * layer.always / tensor,
            (layer.always_bytes + 2 * tokens * layer.always / hidden) / tensor, rates().network_products);
        if (layer.has_experts())
            add_experts(layer, layers);
        if (layer.kernels == 0)
            return;
        kernels +=
            layers * (layer.plain ? rates().plain_kernels : 1) * (layer.kernels + (rates().narrow_activations ? 4 : 0));
        add(StepPart::kernels, layers, 0, 16 * tokens * hidden, rates().elementwise);
        add_links(layer, layers);
    }

    /// Of the tokens of all replicas, which meet in the experts; each chooses evenly and by itself.
    void add_experts(const LayerWork& layer, double layers)
    {
        const double ranks = layout().tensor * layout().data;
        const double tokens = load_.tokens() * layout().data;
        const double share = std::min(1.0, layer.chosen / layer.experts);
        const double hit = 1 - std::pow(1 - share, std::max(1.0, tokens));
        const double moved = tokens * layer.chosen / ranks * 4 * (layer.expert_width + step_.network_.hidden);
        add(StepPart::experts, layers, 2 * tokens * share * layer.routed / ranks,
            hit * layer.routed_bytes / ranks + moved, rates().expert_products);
        if (rates().launches_experts)
            kernels += layers * 5 * layer.experts * hit;
    }

    void add_links(const LayerWork& layer, double layers)
    {
        const double hidden = step_.network_.hidden;
        const double tokens = load_.tokens();
        const bool apart = layout().data > 1 && layer.has_experts();
        if (layout().tensor > 1) {
            const double times = layers * (apart ? 1 : 2);
            allreduces += times;
            allreduced += times * 2 * (layout().tensor - 1) / layout().tensor * 2 * tokens * hidden;
        }
        if (!apart)
            return;
        alltoalls += layers;
        exchanged +=
            layers * (layout().expert > 1 ? 3 * tokens * layer.chosen * hidden : 4 * tokens * layout().data * hidden);
    }

    void add_head()
    {
        const NetworkWork& network = step_.network_;
        const double outputs = load_.decoding + load_.finished;
        add(StepPart::weights, 1 / layout().pipeline, 2 * outputs * network.head / layout().tensor,
            (network.head_bytes + 4 * outputs * network.vocabulary) / layout().tensor, rates().head_products);
    }

    /// Decode attention is of the cache where reading it takes longer than the products.
    void add_decode(double layers, double flops, double bytes)
    {
        const StepRates::Rate& rate = rates().decode_attention;
        add(bytes / rate.bytes >= flops / rate.flops ? StepPart::cache : StepPart::attention, layers, flops, bytes,
            rate);
    }

    void add_prompt(double layers, double flops, double bytes)
    {
        add(StepPart::attention, layers, flops, bytes, rates().prompt_attention);
    }

    void add_mixer(const MixerWork& mixer, double layers)
    {
        switch (mixer.kind) {
        case MixerWork::Kind::grouped:
            return add_grouped(mixer, layers);
        case MixerWork::Kind::latent:
            return add_latent(mixer, layers);
        case MixerWork::Kind::compressed:
            return add_compressed(mixer, layers);
        case MixerWork::Kind::recurrent:
            return add_recurrent(mixer, layers);
        }
    }

    double in_window(const MixerWork& mixer, double tokens) const
    {
        return mixer.window > 0 ? std::min(tokens, mixer.window) : tokens;
    }
    double heads(const MixerWork& mixer) const { return mixer.heads / layout().tensor; }
    /// Keys that a prompt's token meets, mean.
    double span() const { return load_.prompt_context + load_.prompt / 2; }

    void add_grouped(const MixerWork& mixer, double layers)
    {
        const double read = in_window(mixer, load_.context);
        const double kv_heads = std::max(1.0, mixer.kv_heads / layout().tensor);
        const double entry = mixer.head_dim * step_.key_bytes_ + mixer.value_dim * step_.value_bytes_;
        const double pair = 2 * heads(mixer) * (mixer.head_dim + mixer.value_dim);
        add_decode(layers, pair * load_.decoding * read, load_.decoding * read * kv_heads * entry);
        add_prompt(layers, pair * load_.prompt * in_window(mixer, span()),
                   6 * load_.prompt * heads(mixer) * mixer.head_dim);
        add_indexer(mixer, layers, load_.context, span());
    }

    void add_indexer(const MixerWork& mixer, double layers, double read, double met)
    {
        add_decode(layers, 2 * load_.decoding * read * mixer.index_heads * mixer.index_dim,
                   mixer.index_heads > 0 ? load_.decoding * read * mixer.index_dim : 0);
        add_prompt(layers, 2 * load_.prompt * met * mixer.index_heads * mixer.index_dim, 0);
    }

    /// The latent is the same on every rank: tensor parallelism never divides it.
    void add_latent(const MixerWork& mixer, double layers)
    {
        const double picked = mixer.top_k > 0 ? mixer.top_k : load_.context;
        const double read = std::min(load_.context, picked);
        const double absorbed = 2 * heads(mixer) * (2 * mixer.latent + mixer.rope);
        add_decode(layers, absorbed * load_.decoding * read,
                   load_.decoding * read * (mixer.latent + mixer.rope) * step_.key_bytes_);
        add_indexer(mixer, layers, load_.context, span());
        const double rebuilt = 2 * heads(mixer) * (mixer.nope + mixer.rope + mixer.value_dim) * load_.prompt * span();
        const double bytes = 6 * load_.prompt * heads(mixer) * mixer.value_dim;
        if (mixer.top_k > 0)
            add_prompt(layers, std::min(rebuilt, absorbed * load_.prompt * std::min(span(), mixer.top_k)), 0);
        else
            add_prompt(layers, rebuilt, bytes);
    }

    /// One vector is key and value.
    void add_compressed(const MixerWork& mixer, double layers)
    {
        const auto entries = [&](double tokens) {
            const double behind = mixer.ratio > 0 ? tokens / mixer.ratio : 0;
            return in_window(mixer, tokens) + (mixer.top_k > 0 ? std::min(behind, mixer.top_k) : behind);
        };
        const double pair = 4 * heads(mixer) * mixer.head_dim;
        add_decode(layers, pair * load_.decoding * entries(load_.context),
                   load_.decoding * entries(load_.context) * mixer.head_dim * step_.key_bytes_);
        add_prompt(layers, pair * load_.prompt * entries(span()), 6 * load_.prompt * heads(mixer) * mixer.head_dim);
        const double ratio = std::max(1.0, mixer.ratio);
        add_indexer(mixer, layers, load_.context / ratio, span() / ratio);
    }

    /// A state in float, read and written; prompts by chunks of 64 tokens.
    void add_recurrent(const MixerWork& mixer, double layers)
    {
        const double state = mixer.state / layout().tensor;
        constexpr double chunk = 64;
        add_decode(layers, 6 * load_.decoding * state, 8 * load_.decoding * state);
        add_prompt(layers, load_.prompt * (8 * state + 4 * chunk * heads(mixer) * mixer.head_dim),
                   8 * load_.prompt * heads(mixer) * mixer.value_dim);
    }

    const StepTime& step_;
    const StepLoad& load_;
};

double StepTime::seconds(const StepLoad& load) const
{
    const Work work(*this, load);
    double seconds = rates_.step_seconds + work.kernels * rates_.kernel_seconds +
                     work.allreduces * rates_.allreduce_seconds + work.alltoalls * rates_.alltoall_seconds;
    if (work.allreduces > 0)
        seconds += work.allreduced / rates_.allreduce_bytes;
    if (work.alltoalls > 0)
        seconds += work.exchanged / rates_.alltoall_bytes;
    for (const Operation& operation : work.operations)
        seconds += operation.seconds();
    if (load.prompt <= 0)
        return seconds;
    // A step with prompt tokens is no replayed graph: a smooth maximum with the host's own launching.
    return std::pow(std::pow(seconds, 6) + std::pow(work.kernels * rates_.eager_seconds, 6), 1.0 / 6);
}

namespace {

/// A term while it grows, with its formula.
class TermSum
{
public:
    void add(Traced part)
    {
        sum_ = any_ ? sum_ + part : std::move(part);
        any_ = true;
    }
    void add_to(std::vector<SpeedTerm>& terms, StepPart part, double times)
    {
        if (!any_)
            return;
        Traced whole = times == 1 ? std::move(sum_) : named<Traced>("stages", times) * sum_;
        add_term(terms, step_part_id(part), step_part_label(part), std::move(whole));
    }

private:
    Traced sum_;
    bool any_ = false;
};

} // namespace

std::vector<SpeedTerm> StepTime::terms(const StepLoad& load, double times, double sequences) const
{
    const Work work(*this, load);
    std::array<TermSum, step_parts> sums;
    const auto sum = [&](StepPart part) -> TermSum& { return sums[static_cast<std::size_t>(part)]; };
    for (const Operation& operation : work.operations) {
        const bool computes = operation.compute() > operation.memory();
        const Traced one = computes
                               ? named<Traced>("FLOP", operation.flops) / named<Traced>("F", operation.rate->flops)
                               : named<Traced>("bytes", operation.bytes) / named<Traced>("W", operation.rate->bytes);
        sum(operation.part).add(named<Traced>("n", operation.layers) * one);
    }
    sum(StepPart::kernels)
        .add(named<Traced>("kernels", work.kernels) * named<Traced>("t_kernel", rates_.kernel_seconds));
    if (work.allreduces > 0)
        sum(StepPart::links)
            .add(named<Traced>("n_reduce", work.allreduces) * named<Traced>("t_reduce", rates_.allreduce_seconds) +
                 named<Traced>("bytes_reduce", work.allreduced) / named<Traced>("G", rates_.allreduce_bytes));
    if (work.alltoalls > 0)
        sum(StepPart::links)
            .add(named<Traced>("n_exchange", work.alltoalls) * named<Traced>("t_exchange", rates_.alltoall_seconds) +
                 named<Traced>("bytes_exchange", work.exchanged) / named<Traced>("G_e", rates_.alltoall_bytes));
    sum(StepPart::step).add(named<Traced>("t_step", rates_.step_seconds));
    std::vector<SpeedTerm> terms;
    for (std::size_t part = 0; part < step_parts; ++part)
        sums[part].add_to(terms, static_cast<StepPart>(part), times);
    if (sequences > 0) {
        TermSum own;
        own.add(named<Traced>("b", sequences) * named<Traced>("t_sequence", rates_.sequence_seconds));
        own.add_to(terms, StepPart::sequences, times);
    }
    const double left = times * seconds(load) + times * sequences * rates_.sequence_seconds - sum_of(terms);
    if (load.prompt > 0 && left > 0)
        terms.push_back({step_part_id(StepPart::launch), step_part_label(StepPart::launch), left, {}});
    return terms;
}

} // namespace weighbridge
