#include "core/engines/ollama/layout.h"

#include <algorithm>
#include <numeric>

namespace weighbridge {

namespace {

/// Room for layers on a GPU.
struct Room
{
    std::size_t number = 0;
    double bytes = 0;
};

using Counts = std::vector<std::int64_t>; ///< layers by room

std::int64_t sum_of(const Counts& counts)
{
    return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

/// From the last layer on the last room to the front; one that doesn't fit goes to the room before, for good.
Counts greedy_fit(const std::vector<double>& layers, const std::vector<Room>& rooms, float capacity,
                  std::int64_t requested)
{
    Counts counts(rooms.size(), 0);
    std::size_t room = rooms.size() - 1;
    const auto space = [&] {
        return std::floor(static_cast<double>(static_cast<float>(rooms[room].bytes) * capacity));
    };
    double left = space();
    std::int64_t placed = 0;
    for (std::size_t layer = layers.size(); layer-- > 0; ++placed) {
        if (requested >= 0 && placed >= requested)
            break;
        while (layers[layer] > left) {
            if (room == 0)
                return counts;
            --room;
            left = space();
        }
        left -= layers[layer];
        ++counts[room];
    }
    return counts;
}

/// The smallest capacity that holds as many layers as all of it does.
Counts best_fit(const std::vector<double>& layers, const std::vector<Room>& rooms, std::int64_t requested, bool force)
{
    constexpr float enough = 1e-6F;
    constexpr float without_end = 1000;
    float high = requested >= 0 && force ? without_end : 1;
    float low = 0;
    Counts best = greedy_fit(layers, rooms, high, requested);
    const std::int64_t most = sum_of(best);
    if (most == 0)
        return best;
    while (high - low > enough) {
        const float middle = (low + high) / 2;
        if (middle <= low || middle >= high)
            break;
        Counts counts = greedy_fit(layers, rooms, middle, requested);
        if (sum_of(counts) == most) {
            high = middle;
            best = std::move(counts);
        } else {
            low = middle;
        }
    }
    return best;
}

/// On the fewest rooms from the first, no fewer than were in use; without the output layer where not all fit.
Counts assign(std::vector<double> layers, const std::vector<Room>& rooms, std::int64_t requested, std::size_t used,
              bool spread)
{
    Counts counts(rooms.size(), 0);
    for (int round = 0; round < 2; ++round) {
        const auto all = static_cast<std::int64_t>(layers.size());
        requested = std::min(all, requested);
        for (std::size_t last = spread ? rooms.size() - 1 : used; last < rooms.size(); ++last) {
            const bool force = last + 1 == rooms.size();
            counts = best_fit(layers, {rooms.begin(), rooms.begin() + static_cast<std::ptrdiff_t>(last) + 1}, requested,
                              force);
            if (sum_of(counts) == all || sum_of(counts) == requested)
                break;
        }
        if (sum_of(counts) == all || layers.size() < 2)
            break;
        layers.pop_back();
    }
    counts.resize(rooms.size(), 0);
    return counts;
}

/// The layouts of one load, made again and again with what the graphs turned out to take.
class Layouts
{
public:
    Layouts(const InferenceInputs& load, const OllamaSettings& settings, const OllamaSizes& sizes)
        : sizes_(sizes), gpus_(settings.gpus), overhead_(static_cast<double>(load.choice->ollama.gpu_overhead)),
          spread_(load.choice->ollama.sched_spread)
    {
        if (!gpus_.empty())
            gpus_.front().free = std::max(0.0, gpus_.front().free - sizes.projector);
        for (OllamaGpu& gpu : gpus_)
            gpu.free = std::max(0.0, gpu.free - sizes.buffer);
        std::stable_sort(gpus_.begin(), gpus_.end(),
                         [](const OllamaGpu& a, const OllamaGpu& b) { return a.free > b.free; });
        graphs_.assign(gpus_.size(), 0);
    }

    LayerPlacement settle(std::int64_t requested)
    {
        LayerPlacement now = layout(requested);
        std::vector<LayerPlacement> seen;
        for (;;) {
            take_graphs(now);
            seen.push_back(now);
            LayerPlacement next = layout(requested);
            const std::int64_t more = sum_of(next.layers) - sum_of(now.layers);
            const bool is_new = std::find(seen.begin(), seen.end(), next) == seen.end();
            if (is_new && more <= 0) {
                now = std::move(next);
                continue;
            }
            if (requested >= 0 || more <= 1)
                return now;
            return between(now, more);
        }
    }

private:
    /// Of a circle between two layouts, the one with the most layers that stays as it is.
    LayerPlacement between(const LayerPlacement& now, std::int64_t more)
    {
        const std::int64_t least = sum_of(now.layers);
        for (std::int64_t count = least + more - 1; count > least; --count) {
            LayerPlacement test = layout(count);
            take_graphs(test);
            if (sum_of(test.layers) <= sum_of(layout(-1).layers))
                return test;
        }
        return now;
    }

    LayerPlacement layout(std::int64_t requested) const
    {
        std::vector<Room> rooms;
        std::size_t used = 0;
        for (std::size_t gpu = 0; gpu < gpus_.size(); ++gpu) {
            used = graphs_[gpu] > 0 ? gpu : used;
            const double reserved = gpus_[gpu].minimum + overhead_ + graphs_[gpu];
            rooms.push_back({gpus_[gpu].number, std::max(0.0, gpus_[gpu].free - reserved)});
        }
        LayerPlacement placement;
        if (rooms.empty())
            return placement;
        const Counts counts = assign(sizes_.layers, rooms, requested, used, spread_);
        for (std::size_t room = 0; room < rooms.size(); ++room) {
            if (counts[room] == 0)
                continue;
            placement.devices.push_back(rooms[room].number);
            placement.layers.push_back(counts[room]);
        }
        if (placement.devices.empty()) {
            placement.devices = {rooms.front().number};
            placement.layers = {0};
        }
        return placement;
    }

    /// In the order of the GPUs; those of GPUs that lost their layers are kept, as the runner reports them no more.
    void take_graphs(const LayerPlacement& placement)
    {
        const std::vector<double> graphs = sizes_.graphs(placement);
        std::fill(graphs_.begin(), graphs_.end(), 0);
        for (std::size_t at = 0; at < placement.devices.size() && at < graphs.size(); ++at)
            for (std::size_t gpu = 0; gpu < gpus_.size(); ++gpu)
                if (gpus_[gpu].number == placement.devices[at] && placement.layers[at] > 0)
                    graphs_[gpu] = graphs[at];
    }

    const OllamaSizes& sizes_;
    std::vector<OllamaGpu> gpus_;
    double overhead_;
    bool spread_;
    std::vector<double> graphs_;
};

} // namespace

LayerPlacement ollama_layout(const InferenceInputs& load, const OllamaSettings& settings, const OllamaSizes& sizes)
{
    return Layouts(load, settings, sizes).settle(settings.num_gpu);
}

} // namespace weighbridge
