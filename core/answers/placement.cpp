#include "core/answers/placement.h"

#include "core/answers/trial.h"
#include "core/estimate/largest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace weighbridge {

namespace {

/// How much goes where.
struct Placement
{
    std::int64_t gpu_layers = 0;       ///< the last ones; the output counts as one
    std::int64_t host_experts = 0;     ///< layers whose experts stay on the host, the first ones
    std::vector<std::int64_t> split{}; ///< layers of each device; empty: one device
};

std::string joined(const std::vector<std::int64_t>& list)
{
    std::string text;
    for (const std::int64_t share : list)
        text += (text.empty() ? "" : ",") + std::to_string(share);
    return text;
}

/// A placement tried.
struct Placed
{
    Placement placement;
    Tried tried;
    std::int64_t host_weights = 0; ///< bytes
};

std::int64_t weights_on_host(const Tried& tried)
{
    if (tried.estimate == nullptr || !tried.estimate->host)
        return 0;
    const std::vector<Term>& terms = tried.estimate->host->terms;
    const auto weights =
        std::find_if(terms.begin(), terms.end(), [](const Term& term) { return term.id == "weights"; });
    return weights == terms.end() ? 0 : weights->bytes.count;
}

class Placing
{
public:
    /// `whole` has every layer on the devices.
    Placing(const Question& question, const Estimate& whole) : question_(question)
    {
        for (const DeviceShare& share : whole.devices) {
            devices_ += static_cast<std::size_t>(share.count);
            slots_ += share.count * share.layers.value_or(0);
        }
        const std::vector<Layer>& kinds = whole.model->architecture.kinds;
        const bool any = std::any_of(kinds.begin(), kinds.end(), [](const Layer& layer) {
            return std::any_of(layer.feed_forwards.begin(), layer.feed_forwards.end(),
                               [](const FeedForward& part) { return std::holds_alternative<MixtureOfExperts>(part); });
        });
        experts_ = any ? whole.model->architecture.layers() : 0;
    }

    Question asked(const Placement& placement) const
    {
        Question changed = question_;
        set_field(changed.scenario, "inference.n_gpu_layers", std::to_string(placement.gpu_layers));
        if (experts_ > 0)
            set_field(changed.scenario, "inference.n_cpu_moe", std::to_string(placement.host_experts));
        if (!placement.split.empty())
            set_field(changed.scenario, "inference.tensor_split", joined(placement.split));
        return changed;
    }

    Placed at(Placement placement) const
    {
        Placed placed{.placement = std::move(placement), .tried = {}};
        placed.tried = judged(asked(placed.placement));
        placed.host_weights = weights_on_host(placed.tried);
        return placed;
    }

    /// The same with a split of the layers with which it fits, where there is one.
    Placed filled(std::int64_t gpu_layers, std::int64_t host_experts) const
    {
        Placement placement{.gpu_layers = gpu_layers, .host_experts = host_experts};
        if (devices_ < 2 || gpu_layers == 0)
            return at(placement);
        placement.split.assign(devices_, 0);
        std::int64_t left = gpu_layers;
        for (std::size_t device = 0; device + 1 < devices_; ++device) {
            const auto holds = [&](std::int64_t layers) {
                Placement with = placement;
                with.split[device] = layers;
                with.split.back() = left - layers;
                return device_holds(at(with).tried, device);
            };
            placement.split[device] = holds(left) ? left : holds(0) ? last_that_fits(0, left, holds) : 0;
            left -= placement.split[device];
        }
        placement.split.back() = left;
        return at(placement);
    }

    /// The fewest experts on the host with which so many layers fit; nothing where not even all of them do.
    std::optional<Placed> least_experts(std::int64_t gpu_layers) const
    {
        if (Placed none = filled(gpu_layers, 0); none.tried.fits)
            return none;
        if (experts_ == 0)
            return std::nullopt;
        const auto fits = [&](std::int64_t experts) { return filled(gpu_layers, experts).tried.fits; };
        if (!fits(experts_))
            return std::nullopt;
        return filled(gpu_layers, last_that_fits(experts_, 0, fits));
    }

    /// A layer goes from one device to another as long as the fullest has more room then.
    Placed roomiest(Placed placed) const
    {
        for (std::int64_t step = placed.placement.gpu_layers / 2; step > 0;) {
            bool better = false;
            for (std::size_t from = 0; from < placed.placement.split.size(); ++from)
                for (std::size_t to = 0; to < placed.placement.split.size(); ++to) {
                    Placement moved = placed.placement;
                    if (from == to || moved.split[from] < step)
                        continue;
                    moved.split[from] -= step;
                    moved.split[to] += step;
                    Placed then = at(std::move(moved));
                    if (then.tried.fits && then.host_weights <= placed.host_weights &&
                        then.tried.fraction < placed.tried.fraction) {
                        placed = std::move(then);
                        better = true;
                    }
                }
            if (!better)
                step /= 2;
        }
        return placed;
    }

    std::int64_t slots() const { return slots_; }

private:
    static bool device_holds(const Tried& tried, std::size_t device)
    {
        if (tried.estimate == nullptr)
            return false;
        for (const DeviceShare& share : tried.estimate->devices)
            if (static_cast<std::int64_t>(device) >= share.index &&
                static_cast<std::int64_t>(device) < share.index + share.count)
                return does_fit(share.fit.verdict);
        return tried.fits;
    }

    const Question& question_;
    std::size_t devices_ = 0;
    std::int64_t slots_ = 0;   ///< layers and the output
    std::int64_t experts_ = 0; ///< layers that may have any; 0: a dense network
};

/// Fewer bytes on the host; of as many the more room.
bool is_better(const Placed& a, const Placed& b)
{
    if (a.host_weights != b.host_weights)
        return a.host_weights < b.host_weights;
    return a.tried.fraction < b.tried.fraction;
}

} // namespace

Solution least_on_host(const Trial& trial)
{
    Solution solution{.field = "inference.placement", .goal = "least on the host"};
    Question question = trial.question();
    set_field(question.scenario, "inference.n_gpu_layers", "-1");
    const auto whole = estimate(question, Detail::verdict);
    if (!whole) {
        solution.why = whole.error().message;
        return solution;
    }
    const Placing placing(question, **whole);
    std::optional<Placed> best;
    for (std::int64_t layers = placing.slots(); layers >= 0; --layers) {
        // With fewer layers on the GPUs yet more lies on the host.
        if (best && placing.at({.gpu_layers = layers}).host_weights > best->host_weights)
            break;
        auto placed = placing.least_experts(layers);
        if (placed && (!best || is_better(*placed, *best)))
            best = std::move(placed);
    }
    if (!best) {
        const Tried tried = placing.at({}).tried;
        solution.needed = tried.needed;
        solution.usable = tried.usable;
        solution.why = lack("every layer on the host", tried);
        return solution;
    }
    *best = placing.roomiest(std::move(*best));
    Question found = placing.asked(best->placement);
    solution.needed = best->tried.needed;
    solution.usable = best->tried.usable;
    solution.keys = {"inference.n_gpu_layers", "inference.n_cpu_moe", "inference.tensor_split",
                     "inference.override_tensor"};
    solution.limited_by =
        best->host_weights == placing.at({.gpu_layers = placing.slots()}).host_weights ? "range" : "memory";
    solution.why = solution.limited_by == "range" ? "no layer and no expert has to lie on the host"
                                                  : "with fewer weights on the host some device exceeds its memory";
    solution.scenario = std::move(found.scenario);
    return solution;
}

} // namespace weighbridge
