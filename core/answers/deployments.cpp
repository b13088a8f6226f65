#include "core/answers/deployments.h"

#include "core/answers/deployment_candidates.h"
#include "core/engines/inference.h"
#include "core/estimate/capacity.h"
#include "core/estimate/estimate_cost.h"
#include "core/estimate/estimate_speed.h"
#include "core/quantity/display.h"
#include "core/quantity/nearest.h"

#include <algorithm>
#include <array>
#include <limits>

namespace weighbridge {

namespace {

double of_all(double value, const Deployment& deployment)
{
    return value * static_cast<double>(deployment.replicas);
}

std::optional<double> value_of_figure(const std::optional<SpeedFigure>& figure)
{
    return figure ? std::optional(figure->value) : std::nullopt;
}

std::optional<double> value_of_cost(const Deployment& deployment, std::optional<CostFigure> Price::*figure)
{
    const std::optional<Price>& price = deployment.cost.price;
    return price && (*price).*figure ? std::optional(((*price).*figure)->value) : std::nullopt;
}

/// A figure to sort by, and whether more of it is better.
struct SortRow
{
    std::string_view name;
    bool more_is_better;
    std::optional<double> (*value)(const Deployment&);
};

constexpr std::array<SortRow, 15> sort_rows = {{
    {"price_per_million_output_tokens", false,
     [](const Deployment& of) { return value_of_cost(of, &Price::per_million_output_tokens); }},
    {"price_per_million_input_tokens", false,
     [](const Deployment& of) { return value_of_cost(of, &Price::per_million_input_tokens); }},
    {"price_per_hour", false, [](const Deployment& of) { return of.price_per_hour(); }},
    {"time_to_first_token_seconds", false,
     [](const Deployment& of) { return value_of_figure(of.speed.time_to_first_token_seconds); }},
    {"time_per_output_token_seconds", false,
     [](const Deployment& of) { return value_of_figure(of.speed.time_per_output_token_seconds); }},
    {"end_to_end_seconds", false, [](const Deployment& of) { return value_of_figure(of.speed.end_to_end_seconds); }},
    {"output_tokens_per_second", true,
     [](const Deployment& of) { return value_of_figure(of.output_tokens_per_second()); }},
    {"output_tokens_per_second_per_gpu", true,
     [](const Deployment& of) { return value_of_figure(of.speed.output_tokens_per_second_per_gpu); }},
    {"gpus", false, [](const Deployment& of) { return std::optional(static_cast<double>(of.gpus)); }},
    {"needed_bytes", false, [](const Deployment& of) { return std::optional(static_cast<double>(of.needed.count)); }},
    {"headroom_bytes", true, [](const Deployment& of) { return std::optional(static_cast<double>(of.headroom())); }},
    {"running_requests", true,
     [](const Deployment& of) { return std::optional(of_all(of.speed.running_requests, of)); }},
    {"max_sequence_length", true,
     [](const Deployment& of) { return std::optional(static_cast<double>(of.max_sequence_length)); }},
    {"watts", false, [](const Deployment& of) { return of.watts(); }},
    {"watt_hours_per_million_output_tokens", false,
     [](const Deployment& of) {
         const auto& energy = of.cost.energy;
         return energy && energy->watt_hours_per_million_output_tokens
                    ? std::optional(energy->watt_hours_per_million_output_tokens->value)
                    : std::nullopt;
     }},
}};

const SortRow* sort_row(std::string_view name)
{
    const auto found =
        std::find_if(sort_rows.begin(), sort_rows.end(), [&](const SortRow& row) { return row.name == name; });
    return found == sort_rows.end() ? nullptr : &*found;
}

/// Smaller is better; what is not known comes last.
double rank_by(const SortRow& row, const Deployment& deployment)
{
    const std::optional<double> value = row.value(deployment);
    if (!value)
        return std::numeric_limits<double>::infinity();
    return row.more_is_better ? -*value : *value;
}

/// By how much a figure is above what is wanted; what is not known misses it by all.
void hold_against(Deployment& deployment, std::string_view key, const std::optional<double>& most,
                  const std::optional<double>& value)
{
    if (!most || (value && *value <= *most))
        return;
    deployment.fails.push_back(key);
    deployment.miss += value && *most > 0 ? *value / *most - 1 : 1;
}

void hold_against_wanted(Deployment& deployment, const WantedChoice& wanted)
{
    const Speed& speed = deployment.speed;
    hold_against(deployment, "time_to_first_token_seconds", wanted.time_to_first_token_seconds,
                 value_of_figure(speed.time_to_first_token_seconds));
    hold_against(deployment, "time_per_output_token_seconds", wanted.time_per_output_token_seconds,
                 value_of_figure(speed.time_per_output_token_seconds));
    hold_against(deployment, "price_per_hour", wanted.price_per_hour, deployment.price_per_hour());
    const double used = deployment.usable.count > 0 ? static_cast<double>(deployment.needed.count) /
                                                          static_cast<double>(deployment.usable.count)
                                                    : 1;
    if (wanted.headroom)
        hold_against(deployment, "headroom", 1 - *wanted.headroom, used);
}

/// What became of the candidates, and what those lack that come nearest.
class Tally
{
public:
    explicit Tally(bool with_lengths) : with_lengths_(with_lengths) {}

    void look_at(const Candidate& candidate)
    {
        ++result.candidates;
        const Result<Checked> checked = check(candidate.question);
        if (!checked)
            return refuse(checked.error().message);
        const EstimatePointer found = estimate(*checked, Detail::verdict);
        const Fit fit = found->decisive_fit();
        if (fit.verdict == Verdict::cant_run)
            return refuse(fit.refusal ? std::string(fit.refusal->text) : "it can't run there");
        if (!does_fit(fit.verdict))
            return leave_out(*found, fit);
        ++result.feasible;
        result.listed.push_back(deployment(candidate, *checked, *found, fit));
    }

    Deployments result;
    std::string lack; ///< of what lacks the least memory

private:
    void refuse(const std::string& why)
    {
        ++result.refused;
        const auto known = std::find_if(result.refusals.begin(), result.refusals.end(),
                                        [&](const RefusedCandidates& other) { return other.why == why; });
        if (known == result.refusals.end())
            result.refusals.push_back({why, 1});
        else
            ++known->candidates;
    }

    void leave_out(const Estimate& found, const Fit& fit)
    {
        ++result.do_not_fit;
        if (!(fit.fraction < least_fraction_))
            return;
        least_fraction_ = fit.fraction;
        lack = found.cards_name() + " with " + found.scenario.precision.weights.value_or("its own") + " weights: " +
               (fit.verdict == Verdict::exceeds
                    ? in_fitting_unit({-fit.free_bytes}, ByteUnit::gib) + " on each GPU more than there are"
                    : std::string(verdict_words(fit.verdict)));
    }

    Deployment deployment(const Candidate& candidate, const Checked& checked, const Estimate& found,
                          const Fit& fit) const
    {
        const Question& question = checked.question();
        const HardwareChoice& hardware = question.scenario.hardware;
        Deployment one{.accelerator = found.accelerator.id,
                       .system = candidate.system,
                       .replicas = candidate.replicas,
                       .engine = question.scenario.inference.engine,
                       .weights = found.scenario.precision.weights.value_or(""),
                       .kv_cache = found.scenario.precision.kv_cache_k,
                       .layout = {},
                       .scenario = candidate.question.scenario,
                       .needed = fit.needed,
                       .usable = fit.usable,
                       .verdict = fit.verdict,
                       .speed = *inference_speed(found.scenario, checked.plan()),
                       .cost = {}};
        one.layout = {.tensor = hardware.tensor_parallel,
                      .pipeline = hardware.pipeline_parallel,
                      .replicas = hardware.data_parallel,
                      .experts = hardware.expert_parallel,
                      .gpus = found.gpus};
        one.gpus = std::max(found.gpus, one.speed.gpus) * candidate.replicas;
        one.cost = cost_of_setup(found, one.speed, question);
        if (with_lengths_)
            one.max_sequence_length = capacity(checked.plan()).max_sequence_length;
        hold_against_wanted(one, question.scenario.wanted);
        return one;
    }

    bool with_lengths_;
    double least_fraction_ = std::numeric_limits<double>::infinity();
};

/// From the cheapest on, whoever gives more tokens than all that are no dearer.
void mark_front(std::vector<Deployment>& list)
{
    std::vector<Deployment*> order;
    for (Deployment& one : list)
        if (one.price_per_hour() && one.output_tokens_per_second())
            order.push_back(&one);
    const auto price = [](const Deployment* one) { return *one->price_per_hour(); };
    const auto rate = [](const Deployment* one) { return one->output_tokens_per_second()->value; };
    std::stable_sort(order.begin(), order.end(), [&](const Deployment* a, const Deployment* b) {
        return price(a) != price(b) ? price(a) < price(b) : rate(a) > rate(b);
    });
    double best = -1;
    double price_of_best = -1;
    for (Deployment* one : order) {
        const bool equal = rate(one) == best && price(one) == price_of_best; // as good in both: neither is better
        one->front = rate(one) > best || equal;
        if (rate(one) > best) {
            best = rate(one);
            price_of_best = price(one);
        }
    }
}

std::string nearest_of(const std::vector<Deployment>& list, const std::string& lack)
{
    const auto nearest = std::min_element(list.begin(), list.end(), [](const Deployment& a, const Deployment& b) {
        return a.fails.size() != b.fails.size() ? a.fails.size() < b.fails.size() : a.miss < b.miss;
    });
    if (nearest == list.end())
        return lack.empty() ? std::string() : "nothing fits; nearest comes " + lack;
    std::string keys;
    for (const std::string_view key : nearest->fails)
        keys += (keys.empty() ? "" : ", ") + std::string(key);
    return "nothing meets what is wanted; nearest comes " + grouped(nearest->gpus) + " × " + nearest->accelerator +
           " with " + nearest->engine + " and " + nearest->weights + " weights, which misses " + keys + " by " +
           percent_text(nearest->miss);
}

void fill_lengths(std::vector<Deployment>& list, const Question& question)
{
    for (Deployment& one : list) {
        Question asked = question;
        asked.scenario = one.scenario;
        if (one.accelerator != asked.accelerator.id)
            if (auto card = Catalogue().find(one.accelerator))
                asked.accelerator = std::move(*card);
        if (const auto checked = check(std::move(asked)))
            one.max_sequence_length = capacity(checked->plan()).max_sequence_length;
    }
}

} // namespace

std::optional<double> Deployment::price_per_hour() const
{
    return cost.price ? std::optional(of_all(cost.price->per_hour, *this)) : std::nullopt;
}

std::optional<SpeedFigure> Deployment::output_tokens_per_second() const
{
    std::optional<SpeedFigure> figure = speed.output_tokens_per_second;
    if (figure)
        for (double* part : {&figure->value, &figure->low, &figure->high})
            *part = of_all(*part, *this);
    return figure;
}

std::optional<double> Deployment::watts() const
{
    return cost.energy ? std::optional(of_all(cost.energy->watts.value, *this)) : std::nullopt;
}

std::vector<std::string_view> deployment_figures()
{
    std::vector<std::string_view> names;
    names.reserve(sort_rows.size());
    for (const SortRow& row : sort_rows)
        names.push_back(row.name);
    return names;
}

Result<DeploymentsPointer> deployments(const Question& question, const DeploymentRange& range, const Progress& progress)
{
    if (question.scenario.training() != nullptr)
        return Error{"task", "task is \"" + question.scenario.task + "\"; a plan of deployments is of inference"};
    const SortRow* order = sort_row(range.sort);
    if (order == nullptr)
        return Error{"sort", "sort is \"" + range.sort + "\", which is no figure of a deployment" +
                                 nearest_clause(range.sort, deployment_figures())};
    const auto candidates = candidates_of(question, range);
    if (!candidates)
        return candidates.error();
    const bool by_length = order->name == "max_sequence_length";
    Tally tally(by_length);
    for (const Candidate& candidate : *candidates) {
        if (progress && !progress(tally.result.candidates, candidates->size()))
            return Error{"", "the plan was ended"};
        tally.look_at(candidate);
    }
    Deployments result = std::move(tally.result);
    std::vector<Deployment>& list = result.listed;
    mark_front(list);
    std::stable_sort(list.begin(), list.end(), [&](const Deployment& a, const Deployment& b) {
        if (a.fails.empty() != b.fails.empty())
            return a.fails.empty();
        return rank_by(*order, a) < rank_by(*order, b);
    });
    result.meet_wanted = static_cast<std::size_t>(
        std::count_if(list.begin(), list.end(), [](const Deployment& one) { return one.fails.empty(); }));
    if (result.meet_wanted == 0)
        result.nearest_miss = nearest_of(list, tally.lack);
    if (list.size() > range.limit)
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(range.limit), list.end());
    if (!by_length)
        fill_lengths(list, question);
    std::stable_sort(
        result.refusals.begin(), result.refusals.end(),
        [](const RefusedCandidates& a, const RefusedCandidates& b) { return a.candidates > b.candidates; });
    return std::make_shared<const Deployments>(std::move(result));
}

} // namespace weighbridge
