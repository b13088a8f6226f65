#include "core/engines/vllm/compressed_pool.h"

#include "core/engines/vllm/drafts.h"
#include "core/quantity/rounding.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace weighbridge::vllm {

namespace {

constexpr std::int64_t window_block = 64;
constexpr std::int64_t entry_block = 256; ///< tokens behind which entries of 1/4 and 1/128 lie
constexpr std::int64_t page_step = 576;

std::int64_t page_of(std::int64_t bytes)
{
    return rounded_up(bytes, page_step);
}

/// fp8_ds_mla of this network: 8 bits and a byte of scale per 64, the 64 that RoPE rotates in 16 bits: 584 for 512.
std::int64_t entry_bytes(std::int64_t head_dim)
{
    constexpr std::int64_t rotated = 64;
    constexpr std::int64_t per_scale = 64;
    const std::int64_t plain = head_dim - rotated;
    return plain + 2 * rotated + rounded_up((plain + per_scale - 1) / per_scale, 8);
}

/// Layers that keep their tokens alike.
struct Kind
{
    std::int64_t layers = 0;
    const CompressedAttention* attention = nullptr;
};

struct Network
{
    std::int64_t layers = 0;
    const CompressedAttention* any = nullptr;
    std::vector<Kind> kinds; ///< with entries behind the window; those with an indexer first
};

Network network_of(const Architecture& architecture)
{
    Network network;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind)
        for (const Mixer& mixer : architecture.kinds[kind].mixers) {
            const auto* attention = std::get_if<CompressedAttention>(&mixer);
            if (attention == nullptr)
                continue;
            const std::int64_t layers = architecture.layers_of(kind);
            network.layers += layers;
            network.any = attention;
            if (attention->compress_ratio == 0)
                continue;
            const auto same = std::find_if(network.kinds.begin(), network.kinds.end(), [&](const Kind& other) {
                return other.attention->compress_ratio == attention->compress_ratio;
            });
            if (same != network.kinds.end())
                same->layers += layers;
            else
                network.kinds.push_back({layers, attention});
        }
    std::stable_sort(network.kinds.begin(), network.kinds.end(), [](const Kind& a, const Kind& b) {
        return a.attention->overlapping && !b.attention->overlapping;
    });
    return network;
}

/// Pages of one group: so many of each size.
struct Pages
{
    std::int64_t bytes = 0;
    std::int64_t count = 0;
};
using Group = std::vector<Pages>;

std::int64_t sum_of(const Group& group)
{
    std::int64_t sum = 0;
    for (const Pages& pages : group)
        sum += pages.bytes * pages.count;
    return sum;
}

std::int64_t layers_in(const Group& group)
{
    std::int64_t layers = 0;
    for (const Pages& pages : group)
        layers += pages.count;
    return layers;
}

/// Entries that are projected for one token.
std::int64_t mixed(const CompressedAttention& attention)
{
    return attention.overlapping ? 2 : 1;
}

std::int64_t state_block(const CompressedAttention& attention)
{
    return attention.overlapping ? 4 : 8;
}

/// Up to 0.23 pages of a state grow to those of the entries beside them.
std::int64_t block_bytes(const std::vector<Group>& groups, const Group& tables, EngineVersion version)
{
    if (version >= EngineVersion{0, 24}) {
        std::int64_t most = 0;
        for (const Group& group : groups)
            most = std::max(most, sum_of(group));
        return most;
    }
    std::vector<std::int64_t> sizes;
    for (const Pages& pages : tables)
        sizes.push_back(pages.bytes);
    std::sort(sizes.begin(), sizes.end());
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    std::vector<std::int64_t> most(sizes.size(), 0);
    for (const Group& group : groups) {
        std::vector<std::int64_t> counts(sizes.size(), 0);
        for (const Pages& pages : group) {
            const auto home = std::lower_bound(sizes.begin(), sizes.end(), pages.bytes);
            if (home != sizes.end())
                counts[static_cast<std::size_t>(home - sizes.begin())] += pages.count;
        }
        for (std::size_t i = 0; i < sizes.size(); ++i)
            most[i] = std::max(most[i], counts[i]);
    }
    const std::int64_t tuples = sizes.empty() ? 0 : *std::max_element(most.begin(), most.end());
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i)
        bytes += sizes[i] * (version < EngineVersion{0, 23} ? tuples : most[i]);
    return bytes;
}

} // namespace

namespace {

/// Groups that the layers' windows are cut into, each about as large as the layers with an indexer are many. Of the
/// whole network, whatever a stage has of it.
std::int64_t window_groups(const InferenceInputs& inputs, std::int64_t drafted)
{
    std::int64_t windows = drafted;
    std::int64_t shortest = 0;
    const auto count = [&](const Architecture& architecture) {
        const Network network = network_of(architecture);
        windows += network.layers;
        for (const Kind& kind : network.kinds)
            if (kind.attention->overlapping)
                shortest += kind.layers;
    };
    if (inputs.stages)
        for (const PipelineStage& stage : *inputs.stages)
            count(stage.model->architecture);
    else
        count(inputs.model->architecture);
    return shortest > 0 ? std::max<std::int64_t>(1, windows / shortest) : 1;
}

/// The group of compressor states of one kind, as its pages are.
Group states_of(const Kind& kind, std::int64_t entries_page, std::int64_t index_page, EngineVersion version)
{
    constexpr std::int64_t fp32 = 4;
    const CompressedAttention& attention = *kind.attention;
    const std::int64_t tokens = state_block(attention) * 2 * mixed(attention);
    const bool padded = version < EngineVersion{0, 24};
    const std::int64_t state = page_of(tokens * attention.head_dim * fp32);
    Group group{{padded ? std::max(entries_page, state) : state, kind.layers}};
    if (index_page > 0) {
        const std::int64_t index_state = page_of(tokens * attention.indexer.head_dim * fp32);
        group.push_back({padded ? std::max(index_page, index_state) : index_state, kind.layers});
    }
    return group;
}

} // namespace

void make_compressed_pool(KvPool& pool, const InferenceInputs& inputs, const Settings& settings, bool last)
{
    constexpr std::int64_t index_scale = 4;
    constexpr std::array<std::string_view, 2> state_ids = {"compressor", "long_compressor"};
    const Network network = network_of(inputs.model->architecture);
    if (network.any == nullptr)
        return;
    const EngineVersion version = settings.version;
    const std::int64_t drafted = predicting_layers(inputs, settings);
    const std::int64_t windows = network.layers + (last ? drafted : 0);
    const std::int64_t cut_into = window_groups(inputs, drafted);
    const std::int64_t window_page = page_of(window_block * entry_bytes(network.any->head_dim));
    pool.block_size = entry_block;
    pool.counts_bytes = version == EngineVersion{0, 23};

    std::vector<Group> groups;
    const auto add = [&](CacheBucket bucket, Group group) {
        bucket.group_bytes = static_cast<double>(sum_of(group));
        pool.groups += bucket.groups;
        pool.buckets.push_back(bucket);
        groups.push_back(std::move(group));
    };
    add({.id = "sliding",
         .kind = CacheKind::windowed,
         .layers = windows,
         .window = network.any->window,
         .block_size = window_block,
         .groups = cut_into},
        {{window_page, (windows + cut_into - 1) / cut_into}});
    pool.buckets.back().group_bytes = static_cast<double>(window_page * windows); // of all of them

    Group tables;
    std::vector<std::pair<CacheBucket, Group>> states;
    for (const Kind& kind : network.kinds) {
        const CompressedAttention& attention = *kind.attention;
        const std::int64_t entries = entry_block / attention.compress_ratio;
        tables.push_back({page_of(entries * entry_bytes(attention.head_dim)), kind.layers});
        std::int64_t index_page = 0;
        if (attention.indexer.cached()) {
            index_page = page_of(entries * (attention.indexer.head_dim + index_scale));
            tables.push_back({index_page, kind.layers});
        }
        states.push_back({{.id = state_ids[std::min(states.size(), state_ids.size() - 1)],
                           .kind = CacheKind::windowed,
                           .layers = kind.layers,
                           .window = mixed(attention) * attention.compress_ratio,
                           .block_size = state_block(attention)},
                          states_of(kind, window_page, index_page, version)});
    }
    if (!tables.empty())
        add({.id = "compressed", .layers = layers_in(tables), .block_size = entry_block}, tables);
    for (auto& [bucket, group] : states)
        add(bucket, std::move(group));
    tables.push_back({window_page, windows});
    pool.block_bytes = static_cast<double>(block_bytes(groups, tables, version));
}

} // namespace weighbridge::vllm
