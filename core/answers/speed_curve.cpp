#include "core/answers/speed_curve.h"

#include "core/estimate/capacity.h"
#include "core/estimate/estimate.h"
#include "core/estimate/estimate_speed.h"
#include "core/estimate/largest.h"
#include "core/fields/fields.h"
#include "core/quantity/limits.h"
#include "core/speed/local_pace.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace weighbridge {

namespace {

/// As many as a curve needs to look like one, at some milliseconds each.
constexpr std::int64_t most_curve_points = 40;

bool comes_at_a_rate(const Scenario& scenario)
{
    return scenario.workload.requests_per_second.has_value();
}

void set(Scenario& scenario, std::string_view key, std::int64_t value)
{
    // What is out of range is refused with the question that it makes.
    static_cast<void>(set_field(scenario, key, std::to_string(value)));
}

/// Of a length the parts that somebody chose, so that they go on being less than it.
void shorten(Scenario& scenario, std::int64_t tokens)
{
    const std::int64_t half = std::max<std::int64_t>(1, tokens / 2);
    unset_field(scenario, *field_named("workload.prompt_tokens")); // it is what the answer leaves
    const WorkloadChoice workload = scenario.workload;
    if (workload.answer_tokens && *workload.answer_tokens > half)
        set(scenario, "workload.answer_tokens", half);
    if (workload.prefix_cached_tokens && *workload.prefix_cached_tokens > half)
        set(scenario, "workload.prefix_cached_tokens", half);
    set(scenario, "inference.sequence_length", tokens);
}

/// The scenario with that load; whichever key says how much it is today.
Scenario with_load(Scenario scenario, SpeedAxis axis, double at)
{
    const auto whole = static_cast<std::int64_t>(std::llround(at));
    switch (axis) {
    case SpeedAxis::requests:
        set(scenario,
            scenario.workload.concurrent_requests ? "workload.concurrent_requests" : "inference.concurrent_sequences",
            whole);
        break;
    case SpeedAxis::per_second:
        scenario.workload.requests_per_second = at;
        break;
    case SpeedAxis::context:
        shorten(scenario, whole);
        break;
    }
    return scenario;
}

class SpeedSweep
{
public:
    SpeedSweep(const Question& question, const SpeedProgress& progress) : question_(question), progress_(progress) {}

    bool stopped() const { return stopped_; }

    /// Nothing where that load can't be asked, or its speed is not known.
    std::shared_ptr<const Speed> at(SpeedAxis axis, double load) const
    {
        Question question = question_;
        question.scenario = with_load(question_.scenario, axis, load);
        const Result<Checked> checked = check(std::move(question));
        if (!checked)
            return nullptr;
        const EstimatePointer found = estimate(*checked, Detail::verdict);
        auto speed = inference_speed(found->scenario, checked->plan());
        return speed->decode_step_seconds ? speed : nullptr;
    }

    void add_points(SpeedCurve& curve, double top, bool whole)
    {
        const std::vector<double> places = places_to(curve.own, top, whole);
        for (std::size_t i = 0; i < places.size(); ++i) {
            if (progress_ && !progress_(i, places.size())) {
                stopped_ = true;
                return;
            }
            if (auto speed = at(curve.axis, places[i]))
                curve.points.push_back({places[i], std::move(speed)});
        }
    }

    /// The most requests at a time of which nobody waits, bisected between a point where nobody does and one where
    /// somebody does.
    std::optional<double> full(const SpeedCurve& curve) const
    {
        const auto waits = [](const SpeedPoint& point) { return point.speed->waiting_requests > 0; };
        const auto first = std::find_if(curve.points.begin(), curve.points.end(), waits);
        if (curve.axis != SpeedAxis::requests || first == curve.points.end())
            return std::nullopt;
        if (first == curve.points.begin())
            return 0;
        const auto nobody_waits = [&](std::int64_t requests) {
            const auto speed = at(curve.axis, static_cast<double>(requests));
            return speed && speed->waiting_requests <= 0;
        };
        return static_cast<double>(last_that_fits(static_cast<std::int64_t>(std::prev(first)->at),
                                                  static_cast<std::int64_t>(first->at), nobody_waits));
    }

private:
    /// Evenly spaced, with the scenario's own among them.
    static std::vector<double> places_to(double own, double top, bool whole)
    {
        std::vector<double> places{own};
        const double least = whole ? 1 : top / static_cast<double>(most_curve_points);
        const auto count = whole ? std::min(most_curve_points, static_cast<std::int64_t>(top)) : most_curve_points;
        for (std::int64_t i = 0; i < count; ++i) {
            const double part = count > 1 ? static_cast<double>(i) / static_cast<double>(count - 1) : 1;
            const double place = least + part * (top - least);
            places.push_back(whole ? std::round(place) : place);
        }
        std::sort(places.begin(), places.end());
        places.erase(std::unique(places.begin(), places.end()), places.end());
        return places;
    }

    const Question& question_;
    const SpeedProgress& progress_;
    bool stopped_ = false;
};

/// Somewhat beyond where the cache ends, so that the bend can be seen; at least twice the scenario's own.
double top_of_requests(double own, const Plan& plan)
{
    constexpr double few = 16;
    constexpr double beyond = 1.4;
    const auto held = static_cast<double>(capacity(plan).max_concurrent_sequences);
    const double wanted = std::max({few, 2 * own, std::min(beyond * held, 16 * own)});
    return std::min(wanted, static_cast<double>(most_sequences));
}

double top_of_context(double own, const Plan& plan)
{
    const auto trained = static_cast<double>(plan.load().model->architecture.max_position_embeddings);
    return std::min(std::max(2 * own, std::min(trained, 8 * own)), static_cast<double>(most_tokens));
}

} // namespace

Result<SpeedCurvePointer> speed_curve(const Question& question, const SpeedProgress& progress)
{
    if (question.scenario.training() != nullptr)
        return Error{"task", "task is \"" + question.scenario.task + "\"; a curve of speed is of inference"};
    const Result<Checked> asked = check(question);
    if (!asked)
        return asked.error();
    const Plan& plan = asked->plan();
    SpeedSweep sweep(question, progress);
    auto curve = std::make_shared<SpeedCurve>();
    if (comes_at_a_rate(asked->asked())) {
        curve->axis = SpeedAxis::per_second;
        curve->own = *asked->asked().workload.requests_per_second;
        sweep.add_points(*curve, 2 * curve->own, false);
    } else {
        const InferenceInputs& load = plan.load();
        curve->own =
            static_cast<double>(asked->asked().workload.concurrent_requests.value_or(load.concurrent_sequences));
        // Of one stream alone its length is what its speed hangs on, and what was measured.
        if (curve->own > 1 || !is_local_engine(load.engine->id)) {
            sweep.add_points(*curve, top_of_requests(curve->own, plan), true);
        } else {
            curve->axis = SpeedAxis::context;
            curve->own = static_cast<double>(load.sequence_length);
            sweep.add_points(*curve, top_of_context(curve->own, plan), true);
        }
    }
    if (sweep.stopped())
        return Error{{}, "stopped"};
    curve->full = sweep.full(*curve);
    return SpeedCurvePointer(std::move(curve));
}

std::optional<Reach> reach_of(const std::optional<SpeedFigure>& seconds, const std::optional<double>& at_most)
{
    if (!seconds || !at_most)
        return std::nullopt;
    if (seconds->high <= *at_most)
        return Reach::reached;
    return seconds->low > *at_most ? Reach::missed : Reach::uncertain;
}

} // namespace weighbridge
