#include "core/answers/serving.h"

#include "core/engines/inference.h"
#include "core/estimate/estimate.h"
#include "core/estimate/question_support.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

constexpr std::int64_t most_points = 200;

/// Ascending, each once, with the scenario's own.
std::vector<std::int64_t> with_own(std::vector<std::int64_t> values, std::int64_t own)
{
    values.push_back(own);
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

Outcome check_range(const std::vector<std::int64_t>& values, std::int64_t most, const std::string& field)
{
    for (const std::int64_t value : values)
        if (value < 1 || value > most)
            return Error{field, field + " is " + grouped(value) + "; it must be from 1 to " + grouped(most)};
    return {};
}

/// One question after the other that differs from the first in length and concurrency alone.
class Workloads
{
public:
    explicit Workloads(const Question& question) : question_(question)
    {
        question_.scenario.workload = {}; // the lengths of a prompt and an answer are the scenario's own, not a row's
        if (Support support = QuestionSupport(question).on(question.accelerator); support.runs == Runs::no)
            refusal_ = std::move(support.refusal.text);
        Examined least = examine(1, 1);
        for (const Issue& issue : least.issues)
            always_.push_back(issue.message);
        least_ = std::move(least.checked);
    }

    Examined examine(std::int64_t tokens, std::int64_t sequences)
    {
        question_.scenario.inference.sequence_length = tokens;
        question_.scenario.inference.concurrent_sequences = sequences;
        return weighbridge::examine(question_);
    }

    /// Why none of them can run; empty where they can.
    const std::string& refusal() const { return refusal_; }

    /// Cache of one request, be it one that the engine turns away; 0 where not even a token can be laid out.
    Bytes cache_of_one(std::int64_t tokens) const
    {
        if (!least_)
            return {};
        return {std::llround(plan_of(with_length(least_->plan().load(), tokens))->cache_of_one())};
    }

    /// The first thing that is said against that workload, and not against any whatever.
    std::string remark(std::int64_t tokens, std::int64_t sequences)
    {
        for (const Issue& issue : examine(tokens, sequences).issues)
            if (issue.severity != Severity::note &&
                std::find(always_.begin(), always_.end(), issue.message) == always_.end())
                return issue.message;
        return {};
    }

private:
    Question question_;
    std::string refusal_;
    std::vector<std::string> always_;
    std::optional<Checked> least_; ///< of one token
};

std::string reason_not_to_start(const Plan& plan)
{
    auto refusal = plan.refusal();
    return refusal ? std::move(refusal->text) : std::string();
}

LengthRow length_row(Workloads& workloads, std::int64_t tokens)
{
    LengthRow row;
    row.tokens = tokens;
    row.remark = workloads.refusal();
    row.one_sequence = workloads.cache_of_one(tokens);
    if (row.remark.empty())
        if (const Examined examined = workloads.examine(tokens, 1); examined.checked) {
            const Plan& plan = examined.checked->plan();
            row.max_concurrent_sequences = most_sequences_within(plan);
            row.remark = reason_not_to_start(plan);
        }
    if (row.remark.empty())
        row.remark = workloads.remark(tokens, std::max<std::int64_t>(1, row.max_concurrent_sequences));
    return row;
}

ConcurrencyRow concurrency_row(Workloads& workloads, std::int64_t tokens, std::int64_t sequences)
{
    ConcurrencyRow row;
    row.sequences = sequences;
    row.remark = workloads.refusal();
    if (!row.remark.empty())
        return row;
    if (const Examined examined = workloads.examine(tokens, sequences); examined.checked) {
        const Plan& plan = examined.checked->plan();
        row.max_sequence_length = longest_context_within(plan);
        row.remark = reason_not_to_start(plan);
    }
    if (row.remark.empty())
        row.remark = workloads.remark(std::max<std::int64_t>(1, row.max_sequence_length), sequences);
    return row;
}

/// Evenly spaced whole numbers from 1 to `top`.
std::vector<std::int64_t> places(std::int64_t top)
{
    const std::int64_t count = std::min(top, most_points);
    std::vector<std::int64_t> list;
    list.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i)
        list.push_back(count == 1 ? top : 1 + i * (top - 1) / (count - 1));
    return list;
}

/// Up to somewhat beyond where the memory ends, so that the crossing can be seen, and at least twice the scenario's
/// own; `most` bounds what lies beyond any use.
std::int64_t top_of(std::int64_t own, std::int64_t full, std::int64_t most)
{
    const std::int64_t beyond = full > 0 ? full + full / 4 : 8 * own;
    return std::max(2 * own, std::min(beyond, most));
}

void add_curves(ServingCapacity& result, const Plan& plan, const Capacity& capacity)
{
    constexpr std::int64_t usual_tokens = 131'072;
    constexpr std::int64_t few_sequences = 8;
    const InferenceInputs& load = plan.load();
    const std::int64_t sequences =
        std::max(few_sequences, top_of(load.concurrent_sequences, capacity.max_concurrent_sequences, most_sequences));
    for (const std::int64_t at : places(sequences))
        result.over_concurrency.push_back({at, plan.figures(at).total()});
    const std::int64_t trained = load.model->architecture.max_position_embeddings;
    const std::int64_t longest = trained > 0 ? trained : usual_tokens;
    for (const std::int64_t at : places(top_of(load.sequence_length, capacity.max_sequence_length, longest)))
        result.over_context.push_back({at, inference_bytes(with_length(load, at))});
}

CapacityLine line_of(const Plan& plan, bool chosen)
{
    const Accelerator& accelerator = *plan.load().accelerator;
    return {accelerator.id, accelerator.card_name(), plan.usable(), chosen};
}

void add_lines(ServingCapacity& result, const Question& question, const Plan& plan)
{
    result.lines.push_back(line_of(plan, true));
    const Catalogue catalogue;
    for (const std::string& id : question.scenario.hardware.pinned) {
        const bool known = std::any_of(result.lines.begin(), result.lines.end(),
                                       [&](const CapacityLine& line) { return line.accelerator == id; });
        const auto accelerator = catalogue.find(id);
        if (!known && accelerator)
            result.lines.push_back(line_of(*plan_of(on_accelerator(plan.load(), *accelerator)), false));
    }
}

} // namespace

Result<ServingPointer> serving_capacity(const Question& question, const ServingRange& range)
{
    if (question.scenario.training() != nullptr)
        return Error{"task", "task is \"" + question.scenario.task + "\"; serving capacity is of inference"};
    if (Outcome problem = check_range(range.lengths, most_tokens, "length"))
        return *problem;
    if (Outcome problem = check_range(range.concurrencies, most_sequences, "concurrency"))
        return *problem;
    const Result<Checked> checked = check(question);
    if (!checked)
        return checked.error();
    const Plan& plan = checked->plan();
    const InferenceInputs& load = plan.load();
    auto result = std::make_shared<ServingCapacity>();
    Workloads workloads(question);
    for (const std::int64_t tokens : with_own(range.lengths, load.sequence_length))
        result->by_length.push_back(length_row(workloads, tokens));
    for (const std::int64_t sequences : with_own(range.concurrencies, load.concurrent_sequences))
        result->by_concurrency.push_back(concurrency_row(workloads, load.sequence_length, sequences));
    const Capacity most = capacity(plan);
    result->cache = most;
    add_curves(*result, plan, most);
    add_lines(*result, question, plan);
    return ServingPointer(std::move(result));
}

} // namespace weighbridge
