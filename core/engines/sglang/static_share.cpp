#include "core/engines/sglang/static_share.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace weighbridge::sglang {

namespace {

constexpr double mib_per_gib = 1024;

/// 24 to 32 GiB: A10, 4090, 5090.
CardDefaults small_card(Release release, bool many)
{
    if (release < Release{0, 5, 3})
        return {2048, many ? 80 : 8};
    if (release < Release{0, 5, 4})
        return {2048, many ? 80 : 16};
    if (release < Release{0, 5, 19})
        return {2048, many ? 80 : 24};
    return {4096, many ? 160 : 48};
}

struct Ladder
{
    std::int64_t from;
    std::int64_t to;
    std::int64_t step;
};

std::int64_t steps_up_to(std::span<const Ladder> ladders, std::int64_t largest)
{
    std::int64_t count = 0;
    for (const Ladder& ladder : ladders) {
        const std::int64_t end = std::min(ladder.to, largest);
        count += end >= ladder.from ? (end - ladder.from) / ladder.step + 1 : 0;
    }
    return count;
}

/// By the number of GPUs alone; large cards keep a fixed amount.
double share_before_0_4_8(const ShareInputs& inputs)
{
    const std::int64_t gpus = inputs.tensor_parallel * inputs.pipeline_parallel;
    constexpr double largest_a100 = 81'920;
    double share = 0.88;
    if (inputs.mib <= largest_a100)
        share = gpus >= 16 ? 0.79 : gpus >= 8 ? 0.81 : gpus >= 4 ? 0.85 : gpus >= 2 ? 0.87 : 0.88;
    const bool newer = inputs.release >= Release{0, 4, 7};
    if (newer && inputs.mib > 180'000)
        return 0.79;
    const bool drafts = newer && inputs.speculative;
    if (inputs.mib > 96 * mib_per_gib) {
        const double kept = (drafts ? 20 : 18) * mib_per_gib;
        return std::min(share + 48 * mib_per_gib * (1 - share) / inputs.mib, (inputs.mib - kept) / inputs.mib);
    }
    return drafts ? share * 0.95 : share;
}

/// 0.4.8 to 0.5.2: tiers of cards.
double reserved_by_tier(const ShareInputs& inputs)
{
    const auto gpus = static_cast<double>(inputs.tensor_parallel * inputs.pipeline_parallel);
    double gib = 32;
    if (inputs.mib < 35 * mib_per_gib)
        gib = 2.8 + gpus / 10;
    else if (inputs.mib < 90 * mib_per_gib)
        gib = 9.5 + gpus / 2;
    else if (inputs.mib < 160 * mib_per_gib)
        gib = 12 + gpus / 2;
    gib += inputs.speculative ? (inputs.standalone && inputs.release >= Release{0, 5, 2} ? 6 : 2) : 0;
    gib += inputs.attention_replicas > 1 ? 4 : 0;
    return gib * mib_per_gib;
}

} // namespace

CardDefaults card_defaults(Release release, double mib, std::int64_t tensor_parallel)
{
    const bool many = tensor_parallel >= 4;
    if (mib < 20 * mib_per_gib)
        return {2048, 8};
    if (mib < 35 * mib_per_gib)
        return small_card(release, many);
    if (mib < 60 * mib_per_gib)
        return {4096, many ? 160 : 32};
    if (mib < 160 * mib_per_gib)
        return {8192, many ? 512 : 256};
    return {16384, 512};
}

std::int64_t prefill_graph_sizes(Release release, std::int64_t largest)
{
    static constexpr Ladder newer[] = {{4, 32, 4},      {48, 256, 16},     {288, 512, 32},
                                       {576, 1024, 64}, {1280, 4096, 256}, {4608, std::int64_t{1} << 40, 512}};
    static constexpr Ladder older[] = {
        {4, 32, 4}, {48, 256, 16}, {288, 512, 32}, {640, 4096, 128}, {4352, std::int64_t{1} << 40, 256}};
    return release < Release{0, 5, 8} ? steps_up_to(older, largest) : steps_up_to(newer, largest);
}

std::optional<double> reserved_mib(const ShareInputs& inputs)
{
    if (inputs.release < Release{0, 4, 8})
        return std::nullopt;
    if (inputs.release < Release{0, 5, 3})
        return reserved_by_tier(inputs);
    const auto batch = static_cast<double>(inputs.largest_batch);
    const auto replicas = static_cast<double>(inputs.attention_replicas);
    double reserved = 512 + 1.5 * static_cast<double>(std::max<std::int64_t>(inputs.activation_tokens, 2048)) +
                      128 * static_cast<double>(inputs.tensor_parallel * inputs.pipeline_parallel);
    if (inputs.decode_graphs)
        reserved += 2 * batch;
    if (inputs.attention_replicas > 1)
        reserved += (batch > 300 ? 4.5 : 3) * batch * replicas;
    if (inputs.prefill_graphs > 0 && inputs.release >= Release{0, 5, 10})
        reserved +=
            (inputs.latent ? 1536 : 8 * static_cast<double>(inputs.prefill_graphs)) + (inputs.deep_ep ? 1024 : 0);
    if (inputs.mib > 60 * mib_per_gib)
        reserved = std::max(reserved, 10'240.0);
    if (inputs.speculative && inputs.release < Release{0, 5, 10})
        reserved += inputs.standalone ? 6144 : 2048;
    else if (inputs.speculative && inputs.release < Release{0, 5, 14})
        reserved += 4096;
    if (inputs.deep_ep && inputs.release >= Release{0, 5, 14})
        reserved += 2048;
    return reserved;
}

double vision_factor(const ShareInputs& inputs)
{
    if (!inputs.multimodal || inputs.release < Release{0, 4, 9})
        return 1;
    if (inputs.release < Release{0, 4, 10})
        return 0.9;
    if (!inputs.vision)
        return 1;
    // Relative to ViT-L/14, whose numbers also stand in for keys that a config doesn't have.
    constexpr double usual_layers = 24;
    constexpr double usual_hidden = 1024;
    const double layers = inputs.vision->layers > 0 ? static_cast<double>(inputs.vision->layers) : usual_layers;
    const double hidden =
        inputs.vision->hidden_size > 0 ? static_cast<double>(inputs.vision->hidden_size) : usual_hidden;
    const double size = layers * hidden * hidden / (usual_layers * usual_hidden * usual_hidden);
    return 0.95 * std::clamp(1 - 0.1 * (size - 1), 0.8, 1.05);
}

double static_share(const ShareInputs& inputs)
{
    if (!(inputs.mib > 0))
        return 0;
    const auto reserved = reserved_mib(inputs);
    const double share =
        reserved ? std::round((inputs.mib - *reserved) / inputs.mib * 1000) / 1000 : share_before_0_4_8(inputs);
    return std::max(0.0, share * vision_factor(inputs));
}

} // namespace weighbridge::sglang
