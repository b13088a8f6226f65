#include "core/answers/recommend.h"

#include "core/engines/inference.h"
#include "core/estimate/estimate.h"
#include "core/estimate/question_support.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <map>
#include <optional>
#include <utility>

namespace weighbridge {

namespace {

double share_of(const Accelerator& accelerator, double usable_share)
{
    return std::min(usable_share, default_usable_fraction(accelerator));
}

Bytes share_of_memory(const Accelerator& accelerator, double share)
{
    return whole_bytes(static_cast<double>(accelerator.capacity.count) * share);
}

/// hardware.usable_fraction of a question's scenario: a share of memory of one kind says nothing of the other.
std::optional<double> own_share(const Question& question, const Accelerator& accelerator)
{
    const bool same_kind = accelerator.unified_memory == question.accelerator.unified_memory;
    return same_kind ? question.scenario.hardware.usable_fraction : std::nullopt;
}

/// What a layout comes to on one kind of accelerator.
struct Judged
{
    Bytes needed{};
    Bytes usable{};
    std::string refusal{};
    bool starts = true; ///< the engine has what it insists on

    bool fits() const { return refusal.empty() && starts && needed <= usable; }
};

void fill_in(Recommendation& row, const Judged& judged, Bytes capacity)
{
    row.needed = judged.needed;
    row.usable = judged.usable;
    row.fits = judged.fits();
    row.refusal = judged.refusal;
    if (judged.refusal.empty() && judged.usable.count > 0)
        row.of_usable = static_cast<double>(judged.needed.count) / static_cast<double>(judged.usable.count);
    if (capacity.count > 0)
        row.fraction = static_cast<double>(judged.needed.count) / static_cast<double>(capacity.count);
}

/// How GPUs share the work of inference.
struct Layout
{
    std::int64_t ranks = 1;
    std::int64_t stages = 1;
    std::int64_t replicas = 1;

    auto operator<=>(const Layout&) const = default; // NOLINT(modernize-use-nullptr): a false positive of clang-tidy 14
};

/// Tries layouts of an inference question on one configuration after the other; many share their accelerator.
class InferencePlaces
{
public:
    InferencePlaces(const Question& question, std::optional<double> usable_share)
        : asked_(question), tried_(question), usable_share_(usable_share),
          choices_(tensor_parallel_choices(question.model->architecture)), support_(question)
    {
        HardwareChoice& hardware = tried_.scenario.hardware;
        take_kind(hardware, hardware.accelerator);
        hardware.data_parallel = 1;
        hardware.expert_parallel = 1;
        InferenceChoice& inference = tried_.scenario.inference;
        const Engine* engine = find_engine(inference.engine);
        if (engine == nullptr)
            return;
        pipelines_ = engine->pipelines;
        if (engine->usual_tokens != nullptr && !inference.sequence_length)
            if (const auto checked = check(question)) // the same on every accelerator
                inference.sequence_length = checked->plan().load().sequence_length;
        if (engine->reset_replicas != nullptr)
            engine->reset_replicas(inference);
        if (engine->replicates && replicas_take_gpus(*engine, inference))
            replicas_ = std::max<std::int64_t>(1, inference.concurrent_sequences);
    }

    Recommendation place(const Configuration& configuration)
    {
        Recommendation row = over_heads(configuration);
        const std::int64_t stages = std::min(configuration.gpus, tried_.model->architecture.layers());
        if (row.fits || !pipelines_ || stages <= 1)
            return row;
        Recommendation staged;
        staged.pipeline_parallel = stages;
        staged.gpus_used = stages;
        fill_in(staged, judge(configuration.accelerator, {1, stages, 1}), configuration.accelerator.capacity);
        return staged.fits || !row.refusal.empty() ? staged : row;
    }

private:
    /// Over as many GPUs as the heads, and the engine, allow, and in replicas over the others. Fewer GPUs share a
    /// replica only where that does not fit: what the ranks of one each keep whole, replicas keep for fewer sequences.
    Recommendation over_heads(const Configuration& configuration)
    {
        Recommendation first;
        for (auto ranks = choices_.rbegin(); ranks != choices_.rend(); ++ranks) {
            if (*ranks > configuration.gpus)
                continue;
            Recommendation row = in_replicas(configuration, *ranks);
            if (row.fits || (row.refusal.empty() && replicas_ == 1))
                return row;
            if (first.gpus_used == 0)
                first = row;
        }
        return first;
    }

    /// As many replicas of so many GPUs as there are, and as have a sequence each.
    Recommendation in_replicas(const Configuration& configuration, std::int64_t ranks)
    {
        Recommendation row;
        row.tensor_parallel = ranks;
        for (std::int64_t replicas = std::min(configuration.gpus / ranks, replicas_); replicas >= 1; --replicas) {
            const Judged& judged = judge(configuration.accelerator, {ranks, 1, replicas});
            row.data_parallel = replicas;
            row.gpus_used = judged.refusal.empty() ? ranks * replicas : 0;
            fill_in(row, judged, configuration.accelerator.capacity);
            if (judged.refusal.empty())
                return row;
        }
        return row;
    }

    const Judged& judge(const Accelerator& accelerator, const Layout& layout)
    {
        const auto [place, is_new] = judged_.try_emplace({accelerator.id, layout});
        if (!is_new)
            return place->second;
        place->second = judge_anew(accelerator, layout);
        if (const Support support = support_.on(accelerator); support.runs != Runs::yes)
            place->second.refusal = support.refusal.text;
        return place->second;
    }

    Judged judge_anew(const Accelerator& accelerator, const Layout& layout)
    {
        tried_.accelerator = accelerator;
        HardwareChoice& hardware = tried_.scenario.hardware;
        hardware.accelerator = accelerator.id;
        if (accelerator.id != asked_.accelerator.id)
            hardware.wired_limit_mb.reset();
        hardware.usable_fraction =
            usable_share_ ? share_of(accelerator, *usable_share_) : own_share(asked_, accelerator);
        hardware.tensor_parallel = layout.ranks;
        hardware.pipeline_parallel = layout.stages;
        hardware.data_parallel = layout.replicas;
        // What a device was said to report is true of that device alone.
        tried_.scenario.inference.total_memory_bytes =
            accelerator.id == asked_.accelerator.id ? asked_.scenario.inference.total_memory_bytes : std::nullopt;
        const Result<Checked> checked = check(tried_);
        if (!checked)
            return {.refusal = checked.error().message};
        const PlanPointer whole = on_devices_alone(checked->plan());
        const Plan& plan = whole ? *whole : checked->plan();
        Bytes usable = plan.usable();
        if (usable_share_)
            usable = std::min(usable, share_of_memory(accelerator, share_of(accelerator, *usable_share_)));
        return {.needed = {std::llround(plan.fullest().needed)}, .usable = usable, .starts = !plan.refusal()};
    }

    const Question& asked_;
    Question tried_;
    std::optional<double> usable_share_;
    std::vector<std::int64_t> choices_;
    bool pipelines_ = false;
    std::int64_t replicas_ = 1; ///< at most
    std::map<std::pair<std::string, Layout>, Judged> judged_;
    QuestionSupport support_;
};

/// The same of a training step, whose memory is the same on every accelerator.
class TrainingPlaces
{
public:
    TrainingPlaces(const Question& question, std::optional<double> usable_share)
        : asked_(question), tried_(question), usable_share_(usable_share), support_(question)
    {
        HardwareChoice& hardware = tried_.scenario.hardware;
        take_kind(hardware, hardware.accelerator);
        hardware.usable_fraction.reset();
        book_rules_ = question.scenario.training()->book_rules;
        if (book_rules_)
            hardware.tensor_parallel = hardware.pipeline_parallel = hardware.context_parallel = 1;
    }

    Recommendation place(const Configuration& configuration)
    {
        const HardwareChoice& hardware = tried_.scenario.hardware;
        Recommendation row;
        row.tensor_parallel = hardware.tensor_parallel;
        row.pipeline_parallel = hardware.pipeline_parallel;
        row.context_parallel = hardware.context_parallel;
        if (book_rules_)
            return as_one_memory(row, configuration);
        const std::int64_t ranks = row.tensor_parallel * row.pipeline_parallel * row.context_parallel;
        if (configuration.gpus < ranks) {
            row.refusal = "tensor, pipeline and context parallelism take " + grouped(ranks) + " GPUs";
            return row;
        }
        for (std::int64_t replicas = configuration.gpus / ranks; replicas >= 1; --replicas) {
            const Judged& judged = judge(replicas);
            row.data_parallel = replicas;
            row.gpus_used = ranks * replicas;
            fill_in(row, on(configuration.accelerator, judged), configuration.accelerator.capacity);
            if (judged.refusal.empty())
                return row;
        }
        row.gpus_used = 0;
        return row;
    }

private:
    Judged on(const Accelerator& accelerator, Judged judged) const
    {
        const double share = usable_share_
                                 ? share_of(accelerator, *usable_share_)
                                 : own_share(asked_, accelerator).value_or(default_usable_fraction(accelerator));
        judged.usable = share_of_memory(accelerator, share);
        if (const Support support = support_.on(accelerator); judged.refusal.empty() && support.runs != Runs::yes)
            judged.refusal = support.refusal.text;
        return judged;
    }

    Recommendation as_one_memory(Recommendation row, const Configuration& configuration)
    {
        Judged judged = on(configuration.accelerator, judge(1));
        judged.needed = {(judged.needed.count + configuration.gpus - 1) / configuration.gpus};
        row.gpus_used = configuration.gpus;
        fill_in(row, judged, configuration.accelerator.capacity);
        return row;
    }

    const Judged& judge(std::int64_t replicas)
    {
        const auto [place, is_new] = judged_.try_emplace(replicas);
        if (!is_new)
            return place->second;
        tried_.scenario.hardware.data_parallel = replicas;
        const auto result = estimate(tried_, Detail::figures);
        if (result)
            place->second.needed = (*result)->total;
        else
            place->second.refusal = result.error().message;
        return place->second;
    }

    const Question& asked_;
    Question tried_;
    std::optional<double> usable_share_;
    bool book_rules_ = false;
    std::map<std::int64_t, Judged> judged_;
    QuestionSupport support_;
};

template<class Places>
void place_all(Recommendations& result, Places places)
{
    result.rows.reserve(result.configurations->size());
    for (std::size_t index = 0; index < result.configurations->size(); ++index) {
        result.rows.push_back(places.place((*result.configurations)[index]));
        result.rows.back().configuration = index;
    }
}

} // namespace

const Recommendation* Recommendations::smallest() const
{
    const auto found = std::find_if(rows.begin(), rows.end(), [](const Recommendation& row) { return row.fits; });
    return found != rows.end() ? &*found : nullptr;
}

Result<RecommendationsPointer> recommend(const Question& question, std::optional<double> usable_share,
                                         ConfigurationsPointer configurations)
{
    if (usable_share && !(*usable_share > 0 && *usable_share <= 1))
        return Error{"usable_share", "the usable share must be above 0 and at most 1"};
    if (const Result<Checked> checked = check(question); !checked)
        return checked.error();
    auto result = std::make_shared<Recommendations>();
    result->configurations = configurations ? std::move(configurations) : standard_configurations();
    result->usable_share = usable_share;
    if (question.scenario.training() != nullptr)
        place_all(*result, TrainingPlaces(question, usable_share));
    else
        place_all(*result, InferencePlaces(question, usable_share));
    return RecommendationsPointer(std::move(result));
}

} // namespace weighbridge
