#include "core/engines/llamacpp/fit.h"

#include "core/engines/llamacpp/terms.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

using Bytes64 = std::vector<double>;

/// What GGUF files call the tensors of a layer that go to the host.
std::string_view tensors_of(KeptPart kept)
{
    switch (kept) {
    case KeptPart::attention:
        return "ffn_(gate|up|gate_up|down)";
    case KeptPart::up:
        return "ffn_(gate|gate_up|down)";
    case KeptPart::gate:
        return "ffn_down";
    case KeptPart::dense:
        break;
    }
    return "ffn_(up|down|gate_up|gate)_exps";
}

std::string one_of(std::int64_t first, std::int64_t last)
{
    std::string numbers;
    for (std::int64_t layer = first; layer < last; ++layer)
        numbers += (numbers.empty() ? "" : "|") + std::to_string(layer);
    return numbers;
}

/// The splits of all devices as patterns of names.
std::shared_ptr<const std::vector<Pattern>> patterns_of(const LlamaCppRun& run, const LayerPlacement& placement)
{
    auto patterns = std::make_shared<std::vector<Pattern>>();
    const std::int64_t placed = std::accumulate(placement.layers.begin(), placement.layers.end(), std::int64_t{0});
    std::int64_t layer = run.blocks() + 1 - placed;
    const auto add = [&](std::int64_t first, std::int64_t last, KeptPart kept) {
        if (first < last)
            patterns->emplace_back("^blk\\.(" + one_of(first, last) + ")\\." + std::string(tensors_of(kept)));
    };
    for (std::size_t device = 0; device < placement.split.size(); ++device) {
        const std::int64_t split = placement.split[device];
        layer += placement.layers[device] - split;
        const KeptPart first = device < placement.first_kept.size() ? placement.first_kept[device] : KeptPart::dense;
        add(layer, layer + std::min<std::int64_t>(1, split), first);
        add(layer + 1, layer + split, KeptPart::dense);
        layer += split;
    }
    return patterns->empty() ? nullptr : patterns;
}

/// The search of one run. Layers are counted with the output, which is the last device's.
class Fitting
{
public:
    Fitting(const LlamaCppRun& run, const std::vector<double>& targets)
        : run_(run), targets_(targets), devices_(static_cast<std::size_t>(std::max<std::int64_t>(1, run.devices))),
          all_(run.blocks() + 1), experts_(std::any_of(run.widths.begin(), run.widths.end(),
                                                       [](const LayerWidths& w) { return w.routed_experts > 0; }))
    {
        here_.layers.assign(devices_, 0);
        here_.split.assign(devices_, 0);
        here_.first_kept.assign(devices_, KeptPart::dense);
    }

    LayerPlacement placement()
    {
        const Bytes64 full = measured(run_);
        if (std::equal(full.begin(), full.end(), targets_.begin(), std::less_equal<>()))
            return {};
        held_ = measured(here_);
        for (std::size_t device = devices_; device-- > 0;)
            fill_from_the_back(device);
        if (experts_ && dense_surplus() > 0)
            take_experts_in();
        if (!experts_)
            here_.split.clear();
        return std::move(here_);
    }

private:
    Bytes64 measured(const LlamaCppRun& run) const
    {
        Bytes64 bytes;
        for (const DeviceBytes& device : llama_cpp_layout(run).gpus)
            bytes.push_back(device.model + device.kv + device.recurrent + device.compute.bytes);
        return bytes;
    }
    Bytes64 measured(const LayerPlacement& placement) const { return measured(llama_cpp_placed(run_, placement)); }

    /// What all devices together would have left with no experts on them.
    double dense_surplus() const
    {
        LlamaCppRun run = run_;
        auto patterns = std::make_shared<std::vector<Pattern>>();
        patterns->emplace_back("^blk\\.\\d+\\." + std::string(tensors_of(KeptPart::dense)));
        run.overrides = std::move(patterns);
        const Bytes64 dense = measured(run);
        double surplus = 0;
        for (std::size_t device = 0; device < devices_; ++device)
            surplus += targets_[device] - dense[device];
        return surplus;
    }

    /// Between so many layers more that fit and so many that don't, by false position.
    std::int64_t step(std::int64_t delta, double target, double low, double high) const
    {
        const double headroom = high - low;
        const std::int64_t guess =
            headroom > 0 ? static_cast<std::int64_t>(static_cast<double>(delta) * (target - low) / headroom)
                         : delta - 1;
        return std::clamp<std::int64_t>(guess, 1, std::max<std::int64_t>(1, delta - 1));
    }

    bool is_last(std::size_t device) const { return device + 1 == devices_; }

    /// As many of the layers that no device behind it has; of experts' layers none but the output is whole.
    void fill_from_the_back(std::size_t device)
    {
        std::int64_t unassigned = all_;
        for (std::size_t behind = device + 1; behind < devices_; ++behind)
            unassigned -= here_.layers[behind];
        if (unassigned <= 0)
            return;
        LayerPlacement high = here_;
        high.layers[device] = unassigned;
        if (experts_)
            high.split[device] = is_last(device) ? unassigned - 1 : unassigned;
        Bytes64 held_high = measured(high);
        if (held_high[device] <= targets_[device]) {
            here_ = std::move(high);
            held_ = std::move(held_high);
            return;
        }
        for (std::int64_t delta = high.layers[device] - here_.layers[device]; delta > 1;
             delta = high.layers[device] - here_.layers[device]) {
            const std::int64_t more = step(delta, targets_[device], held_[device], held_high[device]);
            LayerPlacement test = here_;
            test.layers[device] += more;
            if (experts_)
                test.split[device] += is_last(device) && test.split[device] == 0 ? more - 1 : more;
            Bytes64 held = measured(test);
            if (held[device] <= targets_[device]) {
                here_ = std::move(test);
                held_ = std::move(held);
            } else {
                high = std::move(test);
                held_high = std::move(held);
            }
        }
    }

    /// Whole layers from the front in place of those without experts at the back; of one more a part.
    void take_experts_in()
    {
        std::size_t dense = devices_;
        while (dense > 0 && here_.layers[dense - 1] > 0)
            --dense;
        for (std::size_t device = 0; device <= dense && dense < devices_; ++device) {
            make_whole(device, dense);
            take_part(device, dense);
        }
    }

    void make_whole(std::size_t device, std::size_t& dense)
    {
        LayerPlacement high = here_;
        for (std::size_t behind = dense; behind < devices_; ++behind) {
            const std::int64_t moved = is_last(behind) ? high.layers[behind] - 1 : high.layers[behind];
            high.layers[device] += moved;
            high.layers[behind] -= moved;
            high.split[behind] = 0;
        }
        Bytes64 held_high = measured(high);
        if (held_high[device] <= targets_[device]) {
            here_ = std::move(high);
            held_ = std::move(held_high);
            dense = devices_ - 1;
            return;
        }
        const auto whole = [&](const LayerPlacement& of) { return of.layers[device] - of.split[device]; };
        for (std::int64_t delta = whole(high) - whole(here_); delta > 1; delta = whole(high) - whole(here_)) {
            const std::int64_t wanted = step(delta, targets_[device], held_[device], held_high[device]);
            LayerPlacement test = here_;
            std::size_t dense_then = dense;
            std::int64_t converted = 0;
            for (; dense_then < devices_; ++dense_then) {
                const std::int64_t here = std::min(wanted - converted, test.split[dense_then]);
                test.layers[dense_then] -= here;
                test.split[dense_then] -= here;
                test.layers[device] += here;
                converted += here;
                if (test.split[dense_then] > 0)
                    break;
            }
            Bytes64 held = measured(test);
            if (held[device] <= targets_[device]) {
                here_ = std::move(test);
                held_ = std::move(held);
                dense = dense_then;
            } else {
                high = std::move(test);
                held_high = std::move(held);
            }
        }
    }

    /// Of the last device only: what others split goes to the next device, which has no rule here.
    void take_part(std::size_t device, std::size_t& dense)
    {
        if (!is_last(device) || dense >= devices_ || here_.split[dense] < 1 || here_.layers[dense] <= 1)
            return;
        const auto takes = [&](KeptPart kept) {
            LayerPlacement test = here_;
            test.first_kept[device] = kept;
            Bytes64 held = measured(test);
            if (held[device] >= targets_[device])
                return false;
            here_ = std::move(test);
            held_ = std::move(held);
            return true;
        };
        if (takes(KeptPart::up))
            takes(KeptPart::gate);
        else
            takes(KeptPart::attention);
    }

    const LlamaCppRun& run_;
    const std::vector<double>& targets_;
    std::size_t devices_;
    std::int64_t all_;
    bool experts_;
    LayerPlacement here_;
    Bytes64 held_;
};

} // namespace

LlamaCppRun llama_cpp_placed(LlamaCppRun run, const LayerPlacement& placement)
{
    if (!placement.devices.empty()) {
        run.devices = static_cast<std::int64_t>(placement.devices.size());
        run.device_numbers = placement.devices;
    }
    if (placement.layers.empty())
        return run;
    run.n_gpu_layers = std::accumulate(placement.layers.begin(), placement.layers.end(), std::int64_t{0});
    run.shares.assign(placement.layers.begin(), placement.layers.end());
    run.overrides = patterns_of(run, placement);
    return run;
}

LayerPlacement llama_cpp_fit(const LlamaCppRun& run, const std::vector<double>& targets)
{
    return Fitting(run, targets).placement();
}

} // namespace weighbridge
