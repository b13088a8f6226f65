#include "core/engines/vllm/compressed_pool.h"

#include "core/engines/vllm/rounding.h"

#include <algorithm>
#include <array>
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

void make_compressed_pool(KvPool& pool, const Architecture& architecture, EngineVersion version,
                          std::int64_t drafted_layers)
{
    constexpr std::int64_t fp32 = 4;
    constexpr std::array<std::string_view, 2> state_ids = {"compressor", "long_compressor"};
    const Network network = network_of(architecture);
    pool.buckets.clear();
    if (network.any == nullptr)
        return;
    pool.block_size = entry_block;
    std::vector<Group> groups;
    Group tables;
    const auto add_bucket = [&](CacheBucket bucket) {
        pool.groups += bucket.groups;
        pool.buckets.push_back(bucket);
    };

    std::int64_t entry_layers = 0;
    std::size_t states = 0;
    for (const Kind& kind : network.kinds) {
        const CompressedAttention& attention = *kind.attention;
        const std::int64_t entries = entry_block / attention.compress_ratio;
        const std::int64_t page = page_of(entries * entry_bytes(attention.head_dim));
        tables.push_back({page, kind.layers});
        entry_layers += kind.layers;
        const std::int64_t mixed = attention.overlapping ? 2 : 1;
        const std::int64_t block = attention.overlapping ? 4 : 8;
        const std::int64_t state = page_of(block * 2 * mixed * attention.head_dim * fp32);
        Group of_states{
            {version >= EngineVersion{0, 24} ? state : page_of(window_block * entry_bytes(attention.head_dim)),
             kind.layers}};
        if (attention.indexer.cached()) {
            const std::int64_t index_page = page_of(entries * (attention.indexer.head_dim + fp32));
            tables.push_back({index_page, kind.layers});
            const std::int64_t index_state = page_of(block * 2 * mixed * attention.indexer.head_dim * fp32);
            of_states.push_back(
                {version >= EngineVersion{0, 24} ? index_state : std::max(index_page, index_state), kind.layers});
            entry_layers += kind.layers;
        }
        groups.push_back(std::move(of_states));
        add_bucket({.id = state_ids[std::min(states++, state_ids.size() - 1)],
                    .kind = CacheKind::windowed,
                    .layers = kind.layers,
                    .window = mixed * attention.compress_ratio,
                    .block_size = block});
    }

    const std::int64_t windows = network.layers + drafted_layers;
    const std::int64_t shortest =
        network.kinds.empty() ? windows : std::max<std::int64_t>(1, network.kinds.front().layers);
    const std::int64_t window_groups = std::max<std::int64_t>(1, windows / shortest);
    const std::int64_t window_page = page_of(window_block * entry_bytes(network.any->head_dim));
    groups.push_back({{window_page, (windows + window_groups - 1) / window_groups}});
    if (!tables.empty()) {
        groups.push_back(tables);
        add_bucket({.id = "compressed", .layers = entry_layers, .block_size = entry_block});
    }
    add_bucket({.id = "sliding",
                .kind = CacheKind::windowed,
                .layers = windows,
                .window = network.any->window,
                .block_size = window_block,
                .groups = window_groups});
    std::reverse(pool.buckets.begin(), pool.buckets.end());
    tables.push_back({window_page, windows});
    pool.block_bytes = static_cast<double>(block_bytes(groups, tables, version));
}

} // namespace weighbridge::vllm
