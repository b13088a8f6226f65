#include "core/engines/exllamav3/run.h"

#include <algorithm>

namespace weighbridge {

namespace {

void add_parts(std::map<Part, double>& sum, const std::map<Part, double>& parts, double times = 1)
{
    for (const auto& [part, bytes] : parts)
        sum[part] += bytes * times;
}

ExlDevice empty_device(const ExlRun& run)
{
    ExlDevice device;
    device.of_kind.resize(run.kinds.size());
    device.offloaded.resize(run.kinds.size());
    return device;
}

/// Fills GPUs one after the other.
class Loader
{
public:
    explicit Loader(const ExlRun& run) : run_(run), devices_(run.limits.size(), empty_device(run))
    {
        devices_.front().first = true;
    }

    void add_layer(std::size_t kind)
    {
        const bool offloads = run_.kinds[kind].experts() > 0 && offloaded_ < run_.offloaded;
        offloaded_ += offloads ? 1 : 0;
        add([&](ExlDevice& device) {
            ++device.of_kind[kind];
            device.offloaded[kind] += offloads ? 1 : 0;
        });
    }

    void add_output()
    {
        add([](ExlDevice& device) { device.output = true; });
    }

    std::vector<ExlDevice> take() && { return std::move(devices_); }

private:
    /// A module that doesn't fit goes to the next GPU, and so do all behind it.
    template<class Change>
    void add(const Change& change)
    {
        for (; at_ + 1 < devices_.size(); ++at_) {
            ExlDevice with = devices_[at_];
            change(with);
            if (exl_bytes(run_, with).total() <= run_.limits[at_]) {
                devices_[at_] = std::move(with);
                return;
            }
        }
        change(devices_.back());
    }

    const ExlRun& run_;
    std::vector<ExlDevice> devices_;
    std::size_t at_ = 0;
    std::int64_t offloaded_ = 0;
};

} // namespace

ExlBytes exl_bytes(const ExlRun& run, const ExlDevice& device)
{
    ExlBytes bytes;
    const auto tokens = static_cast<double>(run.cache_size);
    const auto slots = static_cast<double>(run.slots);
    for (std::size_t kind = 0; kind < run.kinds.size(); ++kind) {
        const ExlLayer& layer = run.kinds[kind];
        if (device.of_kind[kind] == 0)
            continue;
        const auto layers = static_cast<double>(device.of_kind[kind]);
        add_parts(bytes.weights, layer.weights, layers);
        if (device.offloaded[kind] > 0)
            bytes.weights[Part::experts] -= layer.experts() * static_cast<double>(device.offloaded[kind]);
        bytes.pages += layers * layer.pages * tokens;
        bytes.rings += layers * layer.rings * slots;
        bytes.states += layers * layer.states * slots;
        bytes.work = std::max(bytes.work, layer.work);
        if (!run.release.reads_packed_caches())
            bytes.unpacked = std::max(bytes.unpacked, layer.unpacked * tokens);
    }
    if (device.output) {
        add_parts(bytes.weights, run.output);
        bytes.work = std::max(bytes.work, run.head_work);
    }
    if (device.first) {
        add_parts(bytes.weights, run.first);
        bytes.draft = run.predicted_weights;
        bytes.predicted = run.predicted_pages * tokens;
    }
    return bytes;
}

std::vector<ExlDevice> exl_placement(const ExlRun& run)
{
    Loader loader(run);
    for (const LayerRun& layers : run.model->architecture.runs)
        for (std::int64_t layer = 0; layer < layers.count; ++layer)
            loader.add_layer(layers.kind);
    loader.add_output();
    return std::move(loader).take();
}

double exl_host_experts(const ExlRun& run)
{
    double bytes = 0;
    std::int64_t left = run.offloaded;
    for (const LayerRun& layers : run.model->architecture.runs) {
        const double experts = run.kinds[layers.kind].experts();
        if (experts <= 0)
            continue;
        const std::int64_t taken = std::min(left, layers.count);
        bytes += experts * static_cast<double>(taken);
        left -= taken;
    }
    return bytes;
}

} // namespace weighbridge
