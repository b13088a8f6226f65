#include "core/estimate/devices.h"

#include "core/engines/inference.h"
#include "core/estimate/estimate.h"
#include "core/estimate/host_share.h"
#include "core/estimate/question_support.h"
#include "core/memory/weights.h"
#include "core/training/host.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weighbridge {

namespace {

/// Devices are of one kind where the machine is no list.
Device kind_at(const Question& question, std::size_t index)
{
    if (index < question.devices.size())
        return question.devices[index];
    return {.accelerator = question.accelerator, .in_use = question.memory_in_use};
}

bool hold_alike(const DeviceShare& a, const DeviceShare& b)
{
    const auto same_bytes = [](const Term& x, const Term& y) { return x.bytes == y.bytes; };
    return a.layers == b.layers && a.fit.usable == b.fit.usable && a.fit.accelerator == b.fit.accelerator &&
           a.prints == b.prints &&
           std::equal(a.terms.begin(), a.terms.end(), b.terms.begin(), b.terms.end(), same_bytes);
}

bool hold_alike(const MemoryFigures& a, const MemoryFigures& b)
{
    return a.weights == b.weights && a.kv_cache == b.kv_cache && a.activations == b.activations &&
           a.overhead == b.overhead;
}

/// The shares of a setup while they are made.
class Shares
{
public:
    Shares(Estimate& result, const Question& question, const QuestionSupport& support)
        : result_(result), question_(question), support_(support)
    {
    }

    void of_plan(const Plan& plan)
    {
        std::vector<PlannedDevice> planned = plan.devices(true);
        const DeviceLoad fullest = plan.fullest();
        std::optional<Refusal> never = plan.refusal();
        if (never && never->needed > 0)
            never.reset(); // for want of memory: of the fullest alone, which was judged before
        const bool by_layers = plan.load().devices != nullptr;
        std::vector<DeviceShare> shares;
        for (PlannedDevice& device : planned) {
            DeviceShare share{.index = device.index,
                              .count = device.count,
                              .rank = device.rank,
                              .layers = device.layers,
                              .terms = std::move(device.terms),
                              .prints = std::move(device.prints)};
            sum(share);
            const Device kind = kind_at(question_, by_layers ? device.load.device : question_.devices.size());
            judge_load(share, kind.accelerator, device.load, never);
            if (!fullest_ && device.load.device == fullest.device && hold_alike(device.load.figures, fullest.figures)) {
                share.fit = result_.fit;
                fullest_ = device.index;
            }
            shares.push_back(std::move(share));
        }
        gpus_ = plan.gpus();
        if (by_layers || question_.devices.empty())
            return add_all(std::move(shares));
        split_by_kind(shares);
    }

    void of_step(const TrainingMemory& memory)
    {
        const HardwareChoice& hardware = question_.scenario.hardware;
        const std::int64_t width = hardware.tensor_parallel * hardware.context_parallel * hardware.data_parallel;
        gpus_ = result_.gpus;
        std::vector<DeviceShare> shares;
        for (std::size_t index = 0; index < memory.stages.size(); ++index) {
            const TrainingStage& stage = memory.stages[index];
            const auto number = static_cast<std::int64_t>(index);
            DeviceShare share{.index = number * width,
                              .count = width,
                              .rank = RankNumber{.pipeline = number},
                              .terms = training_terms(memory, stage)};
            if (memory.stages.size() > 1)
                share.layers = stage.layers + (index + 1 == memory.stages.size() ? 1 : 0);
            else
                share.count = gpus_;
            sum(share);
            share.fit = judge_within(question_.accelerator, result_.fit.usable, share.total, share.high);
            judge_support(share.fit, support_.on(question_.accelerator));
            if (index == memory.fullest) {
                share.fit = result_.fit;
                fullest_ = share.index;
            }
            shares.push_back(std::move(share));
        }
        if (question_.devices.empty())
            return add_all(std::move(shares));
        split_by_kind(shares);
    }

    /// Devices that nothing lies on, the verdict of all.
    void finish()
    {
        add_idle();
        if (result_.fit.verdict == Verdict::cant_run)
            for (DeviceShare& share : result_.devices)
                share.prints.clear();
        if (question_.devices.empty())
            return;
        Fit& whole = result_.fit;
        if (whole.decided_by.empty())
            whole.decided_by_device = fullest_;
        for (const DeviceShare& share : result_.devices)
            if (badness(share.fit.verdict) > badness(whole.verdict)) {
                whole.verdict = share.fit.verdict;
                whole.refusal = share.fit.refusal;
                whole.decided_by = {};
                whole.decided_by_device = share.index;
            }
    }

    /// Of memory that is shared with the devices the host has what they leave.
    void of_host(std::vector<Term> terms)
    {
        if (terms.empty())
            return;
        HostShare host = host_share(std::move(terms));
        judge_host(result_.fit, host, question_.scenario.hardware.host, question_.memory_in_use);
        result_.host = std::move(host);
    }

private:
    void sum(DeviceShare& share) const
    {
        if (result_.model->family_assumed && !result_.training)
            assume_shape(share.terms);
        for (const Term& term : share.terms) {
            share.total += term.bytes;
            share.low += term.low;
            share.high += term.high;
        }
    }

    /// `never`: the engine refuses whatever memory there is.
    void judge_load(DeviceShare& share, const Accelerator& accelerator, const DeviceLoad& load,
                    const std::optional<Refusal>& never) const
    {
        const Bytes needed = whole_bytes(load.needed);
        share.fit = judge_within(accelerator, whole_bytes(load.usable), needed, std::max(needed, share.high));
        if (never)
            judge_start(share.fit, *never);
        judge_support(share.fit, support_.on(accelerator));
    }

    /// Gives its place among them.
    std::size_t add(DeviceShare share)
    {
        std::vector<DeviceShare>& list = result_.devices;
        const auto other =
            std::find_if(list.begin(), list.end(), [&](const DeviceShare& known) { return hold_alike(known, share); });
        const auto place = static_cast<std::size_t>(other - list.begin());
        if (other == list.end()) {
            list.push_back(std::move(share));
            return place;
        }
        other->count += share.count;
        if (share.index == fullest_) // what was judged with more care is kept
            other->fit = share.fit;
        return place;
    }

    void add_all(std::vector<DeviceShare> shares)
    {
        std::stable_sort(shares.begin(), shares.end(),
                         [](const DeviceShare& a, const DeviceShare& b) { return a.index < b.index; });
        for (DeviceShare& share : shares)
            add(std::move(share));
    }

    /// Ranks hold what their stage holds, and have what the smallest card has, whatever card they are on. Each replica
    /// has all stages, one after the other.
    void split_by_kind(const std::vector<DeviceShare>& stages)
    {
        struct Part
        {
            std::size_t stage;
            const Device* kind;
            std::size_t place; ///< in the result
        };
        const std::int64_t width = stages.size() > 1 ? stages[1].index - stages[0].index : stages[0].count;
        const std::int64_t replica = width * static_cast<std::int64_t>(stages.size());
        std::optional<std::int64_t> on_any;
        std::optional<std::int64_t> on_smallest;
        std::vector<Part> parts;
        for (std::int64_t index = 0; index < gpus_; ++index) {
            const auto stage = static_cast<std::size_t>(index % replica / width);
            const Device& kind = question_.devices.at(static_cast<std::size_t>(index));
            const auto same = std::find_if(parts.begin(), parts.end(),
                                           [&](const Part& part) { return part.stage == stage && *part.kind == kind; });
            if (same != parts.end()) {
                ++result_.devices[same->place].count;
                continue;
            }
            DeviceShare share = stages[stage];
            const bool smallest = kind.accelerator == question_.accelerator && kind.in_use == question_.memory_in_use;
            if (share.index == fullest_) {
                on_any = on_any.value_or(index);
                if (smallest)
                    on_smallest = on_smallest.value_or(index);
            }
            share.index = index;
            share.count = 1;
            if (share.rank) {
                share.rank->tensor = index % width;
                share.rank->data = index / replica;
            }
            if (!smallest) {
                share.fit.accelerator = kind.accelerator;
                share.fit.capacity = kind.accelerator.capacity;
                judge_support(share.fit, support_.on(kind.accelerator));
            }
            parts.push_back({stage, &kind, add(std::move(share))});
        }
        fullest_ = on_smallest ? on_smallest : on_any;
    }

    void add_idle()
    {
        const auto all = question_.devices.empty() ? gpus_ : static_cast<std::int64_t>(question_.devices.size());
        std::int64_t held = 0;
        for (const DeviceShare& share : result_.devices)
            held += share.count;
        const bool one_holds_all = held == 1 && gpus_ > 1;
        const std::int64_t holder = result_.devices.empty() ? 0 : result_.devices.front().index;
        if (held >= all)
            return;
        for (std::int64_t index = one_holds_all ? 0 : held; index < all; ++index) {
            if (one_holds_all && index == holder)
                continue;
            const Device kind = kind_at(question_, static_cast<std::size_t>(index));
            DeviceShare idle{.index = index, .count = 1};
            const bool listed = !question_.devices.empty();
            idle.fit = judge_within(kind.accelerator, listed ? whole_bytes(kind.usable()) : result_.fit.usable, {});
            add(std::move(idle));
        }
        std::stable_sort(result_.devices.begin(), result_.devices.end(),
                         [](const DeviceShare& a, const DeviceShare& b) { return a.index < b.index; });
    }

    Estimate& result_;
    const Question& question_;
    const QuestionSupport& support_;
    std::int64_t gpus_ = 1;
    std::optional<std::int64_t> fullest_;
};

} // namespace

void share_out(Estimate& result, const Question& question, const QuestionSupport& support, const Plan* plan,
               const TrainingInputs* step)
{
    Shares shares(result, question, support);
    if (plan != nullptr)
        shares.of_plan(*plan);
    else
        shares.of_step(*result.training);
    shares.finish();
    // Of more ranks nobody said how they are spread; eight make the usual machine.
    constexpr std::int64_t usual_machine = 8;
    const std::int64_t machine = question.scenario.hardware.devices.empty() ? usual_machine : result.gpus;
    shares.of_host(plan != nullptr ? plan->host(true)
                                   : training_host_terms(*step, std::min(machine, result.gpus), true));
}

} // namespace weighbridge
