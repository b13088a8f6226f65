#include "core/answers/solve.h"

#include "core/answers/placement.h"
#include "core/answers/trial.h"
#include "core/engines/engine.h"
#include "core/estimate/capacity.h"
#include "core/estimate/estimate.h"
#include "core/estimate/largest.h"
#include "core/fields/fields.h"
#include "core/quantity/display.h"
#include "core/quantity/nearest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace weighbridge {

namespace {

std::string text_of(std::int64_t value)
{
    return std::to_string(value);
}

/// The first of the doubled numbers that fits; nothing where memory ends first. Engines refuse some small ones.
std::optional<std::int64_t> first_that_fits(const Trial& trial, std::int64_t least, std::int64_t most)
{
    for (std::int64_t value = least; value <= most; value = std::max<std::int64_t>(2 * value, 1)) {
        const Tried tried = trial.at(text_of(value));
        if (tried.fits)
            return value;
        if (tried.refused.empty())
            break;
    }
    return std::nullopt;
}

/// The last of a range whose first numbers fit: doubling, then bisection.
Solution largest(const Trial& trial, std::int64_t least, std::int64_t most)
{
    constexpr std::string_view goal = "largest";
    const auto fits = [&](std::int64_t value) { return trial.at(text_of(value)).fits; };
    const auto first = first_that_fits(trial, least, most);
    if (!first)
        return trial.none(goal, text_of(least));
    std::int64_t good = *first;
    std::int64_t bad = most + 1;
    for (std::int64_t next = std::max<std::int64_t>(2 * good, 1); next < bad; next *= 2)
        (fits(next) ? good : bad) = next;
    good = last_that_fits(good, bad, fits);
    return trial.solution(goal, text_of(good), good < most ? std::optional(text_of(good + 1)) : std::nullopt);
}

/// The first of a list that fits; the one before it is the step beyond.
Solution first_of(const Trial& trial, const std::vector<std::string>& values, std::string_view goal)
{
    std::optional<std::string> before;
    for (const std::string& value : values) {
        if (trial.at(value).fits)
            return trial.solution(goal, value, before);
        before = value;
    }
    return values.empty() ? Solution{.field = trial.field().key, .goal = goal} : trial.none(goal, values.back());
}

std::vector<std::string> numbers(std::int64_t first, std::int64_t last)
{
    std::vector<std::string> list;
    for (std::int64_t number = first; number <= last; ++number)
        list.push_back(text_of(number));
    return list;
}

Solution most_tokens_of(const Trial& trial)
{
    Solution solution = largest(trial, 1, static_cast<std::int64_t>(trial.field().range.most));
    if (const std::int64_t limit = trial.question().model->architecture.max_position_embeddings; limit > 0)
        solution.model_limit = limit;
    return solution;
}

Solution most_of(const Trial& trial)
{
    return largest(trial, 1, static_cast<std::int64_t>(trial.field().range.most));
}

/// The output counts as one.
Solution most_layers(const Trial& trial)
{
    return largest(trial, 0, trial.question().model->architecture.layers() + 1);
}

Solution fewest_expert_layers(const Trial& trial)
{
    return first_of(trial, numbers(0, trial.question().model->architecture.layers()), "smallest");
}

Solution fewest_ranks(const Trial& trial)
{
    std::vector<std::string> list;
    for (const std::int64_t ranks : tensor_parallel_choices(trial.question().model->architecture))
        list.push_back(text_of(ranks));
    return first_of(trial, list, "smallest");
}

Solution fewest_stages(const Trial& trial)
{
    return first_of(trial, numbers(1, trial.question().model->architecture.layers()), "smallest");
}

Solution fewest_replicas(const Trial& trial)
{
    return first_of(trial, numbers(1, most_layout_gpus), "smallest");
}

/// In thousandths. What fits is a stretch: below it the pool is too small, above it the card.
Solution smallest_share(const Trial& trial)
{
    constexpr std::string_view goal = "smallest";
    constexpr std::int64_t whole = 1000;
    constexpr std::int64_t coarse = 20;
    const auto text = [](std::int64_t thousandths) {
        return decimal_text(static_cast<double>(thousandths) / static_cast<double>(whole), 3);
    };
    const auto fits = [&](std::int64_t thousandths) { return trial.at(text(thousandths)).fits; };
    std::int64_t good = coarse;
    while (good <= whole && !fits(good))
        good += coarse;
    if (good > whole)
        return trial.none(goal, text(whole));
    good = last_that_fits(good, good - coarse, fits);
    return trial.solution(goal, text(good), good > 1 ? std::optional(text(good - 1)) : std::nullopt);
}

/// The scenario on a layout, with no other key changed.
Scenario laid_out(const Scenario& scenario, const LayoutChoice& layout)
{
    Scenario changed = scenario;
    const Engine* engine = find_engine(scenario.inference.engine);
    const bool inference = scenario.training() == nullptr;
    if (inference && engine != nullptr && engine->reset_replicas != nullptr)
        engine->reset_replicas(changed.inference);
    const std::array<std::pair<std::string_view, std::int64_t>, 4> ranks = {
        {{"hardware.tensor_parallel", layout.tensor},
         {"hardware.pipeline_parallel", layout.pipeline},
         {"hardware.data_parallel", layout.replicas},
         {"hardware.expert_parallel", layout.experts}}};
    for (const auto& [key, value] : ranks)
        if (const ScenarioField* field = field_named(key); field_text(changed, *field) != text_of(value))
            set_field(changed, key, text_of(value));
    if (inference && engine != nullptr && engine->spread != nullptr && layout.spread > 1)
        engine->spread(changed.inference, layout.spread);
    set_field(changed, "hardware.count", text_of(layout.gpus));
    return changed;
}

/// Over every layout that the engine or the framework can do.
Solution fewest_gpus(const Trial& trial)
{
    Solution solution{.field = trial.field().key, .goal = "fewest"};
    solution.least = 1;
    solution.most = most_layout_gpus;
    Question question = trial.question();
    question.comparisons = std::make_shared<const std::vector<Accelerator>>();
    const auto found = estimate(question, Detail::full);
    if (!found) {
        solution.why = found.error().message;
        return solution;
    }
    const Fit& fit = (*found)->fit;
    if (!fit.layout_needed) {
        solution.needed = fit.needed;
        solution.usable = fit.usable;
        solution.why = fit.verdict == Verdict::cant_run && fit.refusal
                           ? fit.refusal->text
                           : "no layout of up to " + text_of(most_layout_gpus) + " GPUs holds it";
        return solution;
    }
    question.scenario = laid_out(question.scenario, *fit.layout_needed);
    const Tried tried = judged(question);
    solution.needed = tried.needed;
    solution.usable = tried.usable;
    solution.keys = changed_keys(trial.question().scenario, question.scenario);
    solution.limited_by = *fit.gpus_needed > 1 ? "memory" : "range";
    solution.why = *fit.gpus_needed > 1 ? "no layout of fewer holds it" : "it takes no value beyond";
    solution.scenario = std::move(question.scenario);
    return solution;
}

/// The accelerator with the least memory of those the engine runs on.
Solution smallest_card(const Trial& trial)
{
    Solution solution{.field = trial.field().key, .goal = "least memory"};
    std::vector<Accelerator> cards = Catalogue().all();
    std::stable_sort(cards.begin(), cards.end(),
                     [](const Accelerator& a, const Accelerator& b) { return a.capacity < b.capacity; });
    for (const Accelerator& card : cards) {
        Question question = trial.question();
        if (set_gpus(question.scenario, card.id))
            continue;
        question.accelerator = card;
        const Tried tried = judged(question);
        if (!tried.fits) {
            if (tried.refused.empty())
                solution.why = lack(card.name, tried);
            continue;
        }
        solution.limited_by = solution.why.empty() ? "range" : "memory";
        solution.needed = tried.needed;
        solution.usable = tried.usable;
        solution.keys = changed_keys(trial.question().scenario, question.scenario);
        if (solution.keys.empty())
            solution.keys = {trial.field().key};
        solution.scenario = std::move(question.scenario);
        return solution;
    }
    return solution;
}

/// Shares in layers, the output as one: a layer goes from one device to another as long as the fullest has more room
/// then.
Solution roomiest_split(const Trial& trial)
{
    constexpr std::string_view goal = "most room";
    const std::vector<DeviceGroup>& groups = trial.question().scenario.hardware.devices;
    std::size_t devices = 0;
    for (const DeviceGroup& group : groups)
        devices += static_cast<std::size_t>(group.count);
    Solution solution{.field = trial.field().key, .goal = goal};
    if (devices < 2) {
        solution.why = "one device has nothing to share out";
        return solution;
    }
    const std::int64_t layers = trial.question().model->architecture.layers() + 1;
    std::vector<std::int64_t> shares(devices, layers / static_cast<std::int64_t>(devices));
    shares.front() += layers - std::accumulate(shares.begin(), shares.end(), std::int64_t{0});
    const auto text = [](const std::vector<std::int64_t>& list) {
        std::string joined;
        for (const std::int64_t share : list)
            joined += (joined.empty() ? "" : ",") + text_of(share);
        return joined;
    };
    const auto fullness = [&](const std::vector<std::int64_t>& list) {
        const Tried tried = trial.at(text(list));
        return tried.usable.count > 0 ? tried.fraction : HUGE_VAL;
    };
    double best = fullness(shares);
    for (std::int64_t step = layers / 2; step > 0;) {
        bool better = false;
        for (std::size_t from = 0; from < devices; ++from)
            for (std::size_t to = 0; to < devices; ++to) {
                std::vector<std::int64_t> moved = shares;
                if (from == to || moved[from] < step)
                    continue;
                moved[from] -= step;
                moved[to] += step;
                if (const double then = fullness(moved); then < best) {
                    best = then;
                    shares = std::move(moved);
                    better = true;
                }
            }
        if (!better)
            step /= 2;
    }
    Solution found = trial.solution(goal, text(shares), std::nullopt);
    found.why = "one layer more or less on any device leaves the fullest less room";
    found.limited_by = trial.at(text(shares)).fits ? "memory" : "";
    if (found.limited_by.empty())
        found.scenario.reset();
    return found;
}

struct SolvableField
{
    std::string_view key;
    Solution (*solve)(const Trial&);
    std::string_view read = {}; ///< of what is several fields: the one that tells whether a scenario reads them
};

constexpr std::array<SolvableField, 20> solvable = {{
    {"inference.sequence_length", most_tokens_of},
    {"inference.concurrent_sequences", most_of},
    {"fine_tune.micro_batch_size", most_of},
    {"fine_tune.sequence_length", most_tokens_of},
    {"fine_tune.lora_rank", most_of},
    {"train.micro_batch_size", most_of},
    {"train.sequence_length", most_tokens_of},
    {"train.lora_rank", most_of},
    {"inference.n_gpu_layers", most_layers},
    {"inference.n_cpu_moe", fewest_expert_layers},
    {"inference.gpu_memory_utilization", smallest_share},
    {"inference.mem_fraction_static", smallest_share},
    {"hardware.tensor_parallel", fewest_ranks},
    {"hardware.pipeline_parallel", fewest_stages},
    {"hardware.data_parallel", fewest_replicas},
    {"hardware.count", fewest_gpus},
    {"hardware.accelerator", smallest_card},
    {"inference.tensor_split", roomiest_split},
    {"inference.cache_max_entry_count", smallest_share},
    {"inference.placement", least_on_host, "inference.n_gpu_layers"},
}};

Result<Solution> solve_one(const Question& question, const std::string& key)
{
    const ScenarioField* field = field_named(key);
    const auto row = std::find_if(solvable.begin(), solvable.end(), [&](const SolvableField& known) {
        return known.key == (field != nullptr ? std::string_view(field->key) : key);
    });
    if (row == solvable.end()) {
        const std::vector<std::string_view> names = solvable_fields();
        return Error{"", "--solve is " + in_quotes(key) + ", which can't be solved for" + nearest_clause(key, names)};
    }
    if (!row->read.empty())
        field = field_named(row->read);
    if (!is_read(question.scenario, *field))
        return Error{field->key, field->key + " is of " + owners_text(*field) +
                                     "; this scenario does not read it, so there is nothing to solve for"};
    const Trial trial(question, *field);
    Solution solution = row->solve(trial);
    if (row->read.empty() && solution.most == 0 && field->kind != OptionKind::text) {
        solution.least = field->range.least;
        solution.most = field->range.most;
    }
    return solution;
}

} // namespace

std::vector<std::string_view> solvable_fields()
{
    std::vector<std::string_view> names;
    names.reserve(solvable.size());
    for (const SolvableField& field : solvable)
        if (field_named(field.read.empty() ? field.key : field.read) != nullptr)
            names.push_back(field.key);
    return names;
}

Result<SolutionsPointer> solve(const Question& question, const std::vector<std::string>& fields)
{
    auto solutions = std::make_shared<std::vector<Solution>>();
    for (const std::string& field : fields) {
        auto solution = solve_one(question, field);
        if (!solution)
            return solution.error();
        solutions->push_back(std::move(*solution));
    }
    return SolutionsPointer(std::move(solutions));
}

} // namespace weighbridge
