#include "core/estimate/layouts.h"

#include "core/engines/inference.h"
#include "core/estimate/capacity.h"
#include "core/estimate/largest.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

/// The fewest heads that a cache has in a layer, 0 where nothing is cached per head: ranks beyond it hold copies.
std::int64_t fewest_kv_heads(const Model& model)
{
    std::int64_t fewest = 0;
    for (const CacheRun& run : model.cache)
        if (run.kind != CacheKind::state && run.kind != CacheKind::cross)
            fewest = fewest == 0 ? std::max<std::int64_t>(1, run.kv_heads)
                                 : std::min(fewest, std::max<std::int64_t>(1, run.kv_heads));
    return fewest;
}

void add_part(std::string& text, std::string_view name, std::int64_t ranks)
{
    text += (text.empty() ? "" : " × ") + std::string(name) + " " + grouped(ranks);
}

} // namespace

std::string layout_text(const Engine& engine, const LayoutChoice& layout)
{
    if (layout.gpus == 1)
        return "1 GPU";
    if (engine.splits_layers)
        return "layers over " + grouped(layout.gpus);
    std::string text;
    if (layout.tensor > 1)
        add_part(text, "TP", layout.tensor);
    if (layout.pipeline > 1)
        add_part(text, "PP", layout.pipeline);
    if (layout.replicas > 1)
        add_part(text, "DP", layout.replicas);
    if (layout.spread > 1)
        text += ", DCP " + grouped(layout.spread);
    return layout.experts > 1 ? text + " with EP" : text;
}

LayoutSearch::LayoutSearch(const InferenceInputs& load)
    : asked_(load), hardware_(*load.hardware), choice_(*load.choice), engine_(*load.engine)
{
    const Architecture& architecture = load.model->architecture;
    layers_ = architecture.layers();
    experts_ = has_experts(architecture);
    kv_heads_ = fewest_kv_heads(*load.model);
    if (engine_.splits_layers)
        ranks_ = {1};
    else
        for (const std::int64_t ranks : tensor_parallel_choices(architecture))
            if (ranks <= most_layout_gpus)
                ranks_.push_back(ranks);
    if (!replicas_take_gpus(engine_, choice_))
        shared_replicas_ = std::max<std::int64_t>(1, hardware_.data_parallel);
    else if (engine_.replicates) // a dense replica without a request has nothing to do
        most_replicas_ = experts_ ? most_layout_gpus : std::max<std::int64_t>(1, load.concurrent_sequences);
    if (engine_.reset_replicas != nullptr)
        engine_.reset_replicas(choice_);
    if (engine_.splits_layers)
        tried_ = {"layers"};
    else
        tried_ = {"TP"};
    if (engine_.pipelines && !engine_.splits_layers)
        tried_.insert(tried_.end(), {"PP", "TP x PP"});
    if (most_replicas_ > 1)
        tried_.push_back(experts_ ? "DP with EP" : "DP");
    if (engine_.spread != nullptr)
        tried_.push_back("DCP");
}

void LayoutSearch::lay_out(const LayoutChoice& layout)
{
    hardware_.tensor_parallel = load_.tensor_parallel = layout.tensor;
    hardware_.pipeline_parallel = load_.pipeline_parallel = layout.pipeline;
    const bool shared = shared_replicas_ > 1 && layout.tensor % shared_replicas_ == 0;
    hardware_.data_parallel = shared ? shared_replicas_ : layout.replicas;
    hardware_.expert_parallel = layout.experts;
    const bool as_asked = load_.accelerator == asked_.accelerator && asked_.devices == nullptr &&
                          layout.gpus == asked_.tensor_parallel * asked_.pipeline_parallel;
    load_.placed = as_asked ? asked_.placed : all_on_devices(asked_.placed);
    if (engine_.spread != nullptr)
        engine_.spread(choice_, layout.spread);
    load_.stages = nullptr;
    if (layout.pipeline == 1)
        return;
    auto& stages = stages_[layout.pipeline];
    if (!stages)
        stages = pipeline_stages(*load_.model, layout.pipeline, engine_.sharding.tower_stages, load_.weights.column);
    load_.stages = stages;
}

PlanPointer LayoutSearch::plan_with(const LayoutChoice& layout)
{
    lay_out(layout);
    return plan_of(load_);
}

const LayoutSearch::Need& LayoutSearch::need(const LayoutChoice& layout)
{
    const Key key{layout.tensor, layout.pipeline, layout.replicas, layout.experts, layout.spread};
    const auto [place, is_new] = needs_.try_emplace(key);
    if (is_new) {
        const PlanPointer plan = plan_with(layout);
        place->second = {plan->fullest(), !plan->refusal()};
    }
    return place->second;
}

/// What bounds it may be the engine's own, which is the same on every accelerator. Memory that the host shares is less.
double LayoutSearch::usable_by(const Need& need) const
{
    if (engine_.differs_by_accelerator || need.device.limit != Limit::memory)
        return need.device.usable;
    return std::min(usable_, left_beside_host(*load_.accelerator, load_.memory_in_use, need.device.host));
}

bool LayoutSearch::fits(const LayoutChoice& layout)
{
    const Need& needed = need(layout);
    return needed.starts && needed.device.needed <= std::floor(usable_by(needed)) &&
           needed.device.host <= usable_host_memory(load_);
}

/// Whether the engine refuses it for a reason of its own. Asked only of what fits.
bool LayoutSearch::allowed(const LayoutChoice& layout)
{
    const std::vector<Issue> issues = plan_with(layout)->issues();
    return std::none_of(issues.begin(), issues.end(),
                        [](const Issue& issue) { return issue.severity == Severity::error; });
}

/// The first of `make(least)` to `make(most)` that fits, by bisection: what a GPU holds falls with their number.
template<class Make>
void LayoutSearch::take_fewest(std::optional<LayoutChoice>& best, std::int64_t least, std::int64_t most, Make make)
{
    if (least > most)
        return;
    const auto holds = [&](std::int64_t count) { return fits(make(count)); };
    std::int64_t good = least;
    if (!holds(least)) {
        if (least == most || !holds(most))
            return;
        good = last_that_fits(most, least, holds);
    }
    if (const LayoutChoice found = make(good); (!best || found.gpus < best->gpus) && allowed(found))
        best = found;
}

/// However they share the work, all GPUs together hold every weight and every sequence's cache at least once.
std::int64_t LayoutSearch::fewest_thinkable()
{
    const MemoryFigures& alone = need({}).device.figures;
    if (!(load_.device_memory > 0))
        return 1;
    constexpr double rounding = 1e-6;
    const double gpus = std::ceil((alone.weights + alone.kv_cache) / load_.device_memory - rounding);
    return static_cast<std::int64_t>(std::clamp(gpus, 1.0, 2.0 * most_layout_gpus));
}

void LayoutSearch::take_tensor(std::optional<LayoutChoice>& best)
{
    for (const std::int64_t ranks : ranks_) {
        if (ranks < least_)
            continue;
        const LayoutChoice layout{.tensor = ranks, .gpus = ranks};
        if (fits(layout) && allowed(layout)) {
            best = layout;
            return;
        }
    }
}

/// The fullest stage holds at least its share of weights and cache.
void LayoutSearch::take_stages(std::optional<LayoutChoice>& best, std::int64_t ranks)
{
    const std::int64_t below = best ? best->gpus : most_layout_gpus + 1;
    const std::int64_t most = std::min((below - 1) / ranks, layers_);
    if (most * ranks < std::max(least_, 2 * ranks))
        return;
    const Need& whole = need(LayoutChoice{.tensor = ranks, .gpus = ranks});
    if (!(usable_by(whole) > 0))
        return;
    const double shares = std::ceil((whole.device.figures.weights + whole.device.figures.kv_cache) / usable_by(whole));
    if (!(shares <= static_cast<double>(most)))
        return;
    take_fewest(best, std::max<std::int64_t>(2, static_cast<std::int64_t>(shares)), most, [&](std::int64_t stages) {
        return LayoutChoice{.tensor = ranks, .pipeline = stages, .gpus = ranks * stages};
    });
}

void LayoutSearch::take_replicas(std::optional<LayoutChoice>& best, std::int64_t ranks)
{
    const std::int64_t below = best ? best->gpus : most_layout_gpus + 1;
    const std::int64_t fewest = std::max<std::int64_t>(2, (least_ + ranks - 1) / ranks);
    take_fewest(best, fewest, std::min((below - 1) / ranks, most_replicas_), [&](std::int64_t replicas) {
        return LayoutChoice{.tensor = ranks,
                            .replicas = replicas,
                            .experts = experts_ ? ranks * replicas : 1,
                            .gpus = ranks * replicas};
    });
}

/// Ranks beyond the heads that are cached hold copies, which is what spreading a request takes away.
void LayoutSearch::take_spread(std::optional<LayoutChoice>& best, std::int64_t ranks)
{
    const std::int64_t copies = kv_heads_ > 0 ? ranks / kv_heads_ : 1;
    if (ranks < least_ || copies <= 1 || ranks % copies != 0 || (best && ranks >= best->gpus))
        return;
    const LayoutChoice layout{.tensor = ranks, .spread = copies, .gpus = ranks};
    if (fits(layout) && allowed(layout))
        best = layout;
}

std::optional<LayoutChoice> LayoutSearch::fewest(const Accelerator& accelerator)
{
    load_ = asked_.accelerator == &accelerator ? asked_ : on_accelerator(asked_, accelerator);
    load_.hardware = &hardware_;
    load_.choice = &choice_;
    load_.devices = nullptr; // all of this kind
    if (engine_.differs_by_accelerator)
        needs_.clear();
    else
        usable_ = usable_device_memory(load_);
    least_ = fewest_thinkable();
    std::optional<LayoutChoice> best;
    take_tensor(best);
    if (best && best->gpus == 1)
        return best;
    for (const std::int64_t ranks : ranks_) {
        if (best && ranks >= best->gpus)
            break;
        if (engine_.spread != nullptr)
            take_spread(best, ranks);
        if (engine_.pipelines) // first: any number will do, so that little is left to try below it
            take_stages(best, ranks);
        if (most_replicas_ > 1)
            take_replicas(best, ranks);
    }
    return best;
}

} // namespace weighbridge
