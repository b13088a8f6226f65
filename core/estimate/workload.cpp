#include "core/estimate/workload.h"

#include "core/estimate/capacity.h"
#include "core/fields/fields.h"
#include "core/fields/number_text.h"
#include "core/quantity/display.h"
#include "core/speed/engine_pace.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

constexpr std::int64_t usual_answer = 512;

bool is_open(const WorkloadChoice& workload)
{
    return workload.arrival ? *workload.arrival == "open" : workload.requests_per_second.has_value();
}

std::int64_t answer_of(const WorkloadChoice& workload, std::int64_t tokens)
{
    const std::int64_t half = std::max<std::int64_t>(1, tokens / 2);
    const std::int64_t room =
        workload.prompt_tokens ? std::max<std::int64_t>(1, tokens - *workload.prompt_tokens) : half;
    return workload.answer_tokens.value_or(std::min({usual_answer, half, room}));
}

std::int64_t prompt_of(const WorkloadChoice& workload, std::int64_t tokens)
{
    return workload.prompt_tokens.value_or(std::max<std::int64_t>(0, tokens - answer_of(workload, tokens)));
}

class RequestIssues
{
public:
    void refuse(std::string key, const std::string& what)
    {
        const std::string message = key + " " + what;
        issues_.push_back({std::move(key), Severity::error, message});
    }
    std::vector<Issue> take() && { return std::move(issues_); }

private:
    std::vector<Issue> issues_;
};

void check_arrival(RequestIssues& issues, const WorkloadChoice& workload)
{
    if (workload.concurrent_requests && workload.requests_per_second)
        issues.refuse(
            "workload.requests_per_second",
            "stands beside workload.concurrent_requests; requests come at a rate or are so many at a time, so "
            "only one of them may");
    else if (workload.requests_per_second && !is_open(workload))
        issues.refuse("workload.requests_per_second",
                      "stands beside arrival \"" + *workload.arrival + "\"; a rate is of arrival \"open\"");
    else if (is_open(workload) && !workload.requests_per_second)
        issues.refuse("workload.arrival", "is \"open\", which takes workload.requests_per_second");
    else if (is_open(workload) && workload.concurrent_requests)
        issues.refuse("workload.concurrent_requests", "stands beside arrival \"open\", which takes "
                                                      "workload.requests_per_second");
}

void check_lengths(RequestIssues& issues, const Scenario& scenario)
{
    const WorkloadChoice& workload = scenario.workload;
    const std::int64_t prompt = workload.prompt_tokens.value_or(0);
    const std::int64_t sum = prompt + workload.answer_tokens.value_or(1);
    const auto& length = scenario.inference.sequence_length;
    // One more than all is a prompt alone: a benchmark of reading writes one token that nobody counts.
    if (length && (workload.prompt_tokens || workload.answer_tokens) && sum > *length)
        issues.refuse(workload.answer_tokens ? "workload.answer_tokens" : "workload.prompt_tokens",
                      "and the rest of a request are " + grouped(sum) + " tokens; inference.sequence_length is " +
                          grouped(*length));
    if (workload.prefix_cached_tokens && workload.prompt_tokens && *workload.prefix_cached_tokens > prompt)
        issues.refuse("workload.prefix_cached_tokens", "is " + grouped(*workload.prefix_cached_tokens) +
                                                           "; workload.prompt_tokens, of which they are, is " +
                                                           grouped(prompt));
    if (!mean_share(workload.length_spread))
        issues.refuse("workload.length_spread",
                      "is \"" + workload.length_spread + "\"; it must be exact, wide or uniform:X with X from 0 to 1");
}

/// What the engine lets run, by its options as used; nothing where they don't say.
std::optional<std::int64_t> running_limit(const Scenario& used, const Accelerator* accelerator)
{
    if (accelerator == nullptr)
        return std::nullopt;
    bool assumed = false;
    const EnginePace* engine = engine_pace(used.inference.engine, used.inference.engine_version, *accelerator,
                                           used.hardware.prefill_workers.count.has_value(), assumed);
    if (engine == nullptr || engine->running_limit == nullptr || assumed)
        return std::nullopt;
    return engine->running_limit(used.inference);
}

} // namespace

std::optional<double> mean_share(std::string_view length_spread)
{
    constexpr std::string_view uniform = "uniform:";
    if (length_spread == "exact" || length_spread == "wide" || length_spread.empty())
        return 1;
    if (!length_spread.starts_with(uniform))
        return std::nullopt;
    const auto least = parse_real(length_spread.substr(uniform.size()));
    return least && *least >= 0 && *least <= 1 ? std::optional((1 + *least) / 2) : std::nullopt;
}

std::vector<Issue> check_requests(const Scenario& scenario)
{
    RequestIssues issues;
    check_arrival(issues, scenario.workload);
    check_lengths(issues, scenario);
    return std::move(issues).take();
}

void take_lengths(Scenario& scenario)
{
    const WorkloadChoice& workload = scenario.workload;
    if (scenario.inference.sequence_length || !workload.prompt_tokens)
        return;
    const std::int64_t answer = workload.answer_tokens.value_or(usual_answer);
    scenario.inference.sequence_length = std::min(most_tokens, *workload.prompt_tokens + answer);
}

std::optional<std::int64_t> running_sequences(const Scenario& scenario, const Plan& plan)
{
    const auto& wanted = scenario.workload.concurrent_requests;
    if (!wanted || is_chosen(scenario, *field_named("inference.concurrent_sequences")))
        return std::nullopt;
    Scenario used = scenario;
    plan.fill_defaults(used);
    std::int64_t running = *wanted;
    if (const auto limit = running_limit(used, plan.load().accelerator))
        running = std::min(running, std::max<std::int64_t>(1, *limit) * plan.replicas());
    if (running > 1)
        running = std::min(running, most_sequences_within(plan));
    return std::max<std::int64_t>(1, running);
}

RequestLoad request_load(const Scenario& scenario, std::int64_t tokens)
{
    const WorkloadChoice& workload = scenario.workload;
    const double share = mean_share(workload.length_spread).value_or(1);
    RequestLoad load;
    load.prompt = static_cast<double>(prompt_of(workload, tokens)) * share;
    load.answer = std::max(1.0, static_cast<double>(answer_of(workload, tokens)) * share);
    load.cached = std::min(load.prompt, static_cast<double>(workload.prefix_cached_tokens.value_or(0)));
    load.concurrent =
        static_cast<double>(workload.concurrent_requests.value_or(scenario.inference.concurrent_sequences));
    load.requests = static_cast<double>(workload.requests.value_or(0));
    load.equal_lengths = workload.length_spread == "exact";
    if (is_open(workload)) {
        load.arrival = Arrival::open;
        load.per_second = workload.requests_per_second.value_or(0);
    } else if (workload.arrival == "batch") {
        load.arrival = Arrival::batch;
    } else if (workload.arrival == "burst") {
        load.arrival = Arrival::burst;
    }
    return load;
}

void fill_workload(Scenario& used, const RequestLoad& load)
{
    const std::int64_t tokens = used.inference.tokens();
    WorkloadChoice& workload = used.workload;
    workload.answer_tokens = answer_of(workload, tokens);
    workload.prompt_tokens = prompt_of(workload, tokens);
    workload.prefix_cached_tokens = workload.prefix_cached_tokens.value_or(0);
    if (!workload.arrival)
        workload.arrival = load.arrival == Arrival::open ? "open" : "closed";
    if (load.arrival != Arrival::open && !workload.concurrent_requests)
        workload.concurrent_requests = static_cast<std::int64_t>(load.concurrent);
}

} // namespace weighbridge
