#include "core/answers/levers.h"

#include "core/answers/lever_rows.h"
#include "core/estimate/capacity.h"
#include "core/estimate/estimate.h"
#include "core/fields/fields.h"
#include "core/precision/quality.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace weighbridge {

namespace {

/// Of the single levers that save the most, so many are tried in pairs.
constexpr std::size_t paired = 6;
/// So many pairs are told.
constexpr std::size_t told_pairs = 3;

constexpr std::array<std::string_view, 5> cost_names = {"nothing", "slower", "quality", "host_memory", "hardware"};

/// A scenario's verdict, with the room that it leaves.
struct Outlook
{
    EstimatePointer estimate;
    Verdict verdict = Verdict::not_known;
    std::int64_t sequences = 0;
    std::int64_t tokens = 0;
    std::int64_t host = 0;
};

Result<Outlook> outlook_of(Question question)
{
    const Result<Checked> checked = check(std::move(question));
    if (!checked)
        return checked.error();
    Outlook result{.estimate = estimate(*checked, Detail::verdict)};
    result.verdict = result.estimate->decisive_fit().verdict;
    if (result.estimate->host)
        result.host = result.estimate->host->total.count;
    if (result.estimate->training)
        return result;
    const Capacity room = capacity(checked->plan());
    result.sequences = room.max_concurrent_sequences;
    result.tokens = room.max_sequence_length;
    return result;
}

/// "KV cache FP8, per tensor", "2 tensor_parallel": the option by its name, the value as people read it.
std::string label_of(const LeverChange& change)
{
    const auto& [key, value] = change.front();
    if (key == "precision.weights" || key == "precision.kv_cache") {
        const bool weights = key == "precision.weights";
        const auto format = find_format(value, weights ? FormatUse::weights : FormatUse::kv_cache);
        return std::string(weights ? "Weights " : "KV cache ") + (format ? format->label : value);
    }
    const ScenarioField& field = *field_named(key);
    // An engine's and a framework's options have the names of their flags; what everybody has is said in words.
    const bool in_words = key.rfind("inference.", 0) == 0 && field.engines.empty() && !field.label.empty();
    std::string name(in_words ? field.label : field.name());
    if (value == "true")
        return name;
    const bool counts = in_words && field.kind == OptionKind::whole;
    return name + " " + (counts ? grouped(std::stoll(value)) : value);
}

std::string id_of(const LeverChange& change)
{
    return change.front().first + "=" + change.front().second;
}

std::string cost_of(const LeverRow& row, const LeverChange& change, const Model& model)
{
    if (!row.cost_text.empty())
        return std::string(row.cost_text);
    if (row.option == "precision.weights")
        if (const auto format = find_format(change.front().second, FormatUse::weights))
            return quality_loss(*format, model).text;
    if (row.cost == LeverCost::hardware)
        return "more GPUs";
    return "not known";
}

class Search
{
public:
    Search(const Question& question, Outlook base) : question_(question), base_(std::move(base)) {}

    const Estimate& base() const { return *base_.estimate; }
    bool fits_already() const { return does_fit(base_.verdict); }

    /// A change that helps; nothing where it is refused or does not.
    std::optional<Lever> tried(const LeverChange& change, LeverCost cost, std::string cost_text) const
    {
        Question changed = question_;
        for (const auto& [key, value] : change)
            if (set_field(changed.scenario, key, value))
                return std::nullopt;
        Lever lever;
        lever.id = id_of(change);
        lever.label = label_of(change);
        lever.scenario = changed.scenario;
        for (const auto& [key, value] : change)
            lever.keys.push_back(key);
        const auto now = outlook_of(std::move(changed));
        if (!now || now->verdict == Verdict::cant_run ||
            (now->verdict == Verdict::not_known && base_.verdict != Verdict::not_known))
            return std::nullopt;
        if (warns_anew(*now->estimate, base()) && !does_fit(now->verdict))
            return std::nullopt;
        lever.total = now->estimate->total;
        lever.saved = {base().total.count - lever.total.count};
        lever.verdict = now->verdict;
        lever.makes_it_fit = !fits_already() && does_fit(now->verdict);
        lever.more_sequences = std::max<std::int64_t>(0, now->sequences - base_.sequences);
        lever.more_tokens = std::max<std::int64_t>(0, now->tokens - base_.tokens);
        lever.host = {std::max<std::int64_t>(0, now->host - base_.host)};
        lever.cost = cost;
        lever.cost_text = std::move(cost_text);
        const bool worsens = fits_already() && !does_fit(now->verdict);
        const bool frees = lever.saved.count >= least_saved || (lever.saved.count >= 0 && lever.more_sequences > 0);
        if (worsens || !(lever.makes_it_fit || frees))
            return std::nullopt;
        return lever;
    }

private:
    const Question& question_;
    Outlook base_;
};

std::string key_of(const LeverRow& row, const Scenario& scenario)
{
    return row.option.front() == '.' ? scenario.task + std::string(row.option) : std::string(row.option);
}

/// The changes of a row that the scenario's task and engine read, other than what it has.
std::vector<LeverChange> changes_of(const LeverRow& row, const Estimate& base)
{
    const Scenario& used = base.scenario;
    if (row.option.front() == '.' && used.training() == nullptr)
        return {};
    const std::string key = key_of(row, used);
    const ScenarioField* field = field_named(key);
    if (field == nullptr || !is_read(used, *field) || !concerns_task(used, *field) ||
        (used.training() != nullptr && !suits_framework(field->name(), *used.training())))
        return {};
    std::vector<LeverChange> changes =
        row.changes != nullptr ? row.changes(base) : std::vector<LeverChange>{{{key, std::string(row.value)}}};
    std::erase_if(changes,
                  [&](const LeverChange& change) { return field_text(used, *field) == change.front().second; });
    return changes;
}

void sort_levers(std::vector<Lever>& list)
{
    std::stable_sort(list.begin(), list.end(), [](const Lever& a, const Lever& b) {
        if (a.makes_it_fit != b.makes_it_fit)
            return a.makes_it_fit;
        if (a.makes_it_fit && a.cost != b.cost)
            return a.cost < b.cost;
        return a.saved > b.saved;
    });
}

/// Of values of one option that come to the same only the first is worth telling: "optimizer,parameters" where the
/// optimizer is small.
bool is_told(const std::vector<Lever>& list, const Lever& lever)
{
    return std::any_of(list.begin(), list.end(), [&](const Lever& told) {
        return told.keys == lever.keys && told.cost == lever.cost && told.total == lever.total;
    });
}

/// Of the same option only one can be set.
bool go_together(const Lever& a, const Lever& b)
{
    return std::none_of(a.keys.begin(), a.keys.end(), [&](const std::string& key) {
        return std::find(b.keys.begin(), b.keys.end(), key) != b.keys.end();
    });
}

/// The largest saving of every option, so that pairs are not two values of one.
std::vector<const Lever*> best_of_each(const std::vector<Lever>& list)
{
    std::map<std::string, const Lever*> best;
    for (const Lever& lever : list) {
        const Lever*& known = best[lever.keys.front()];
        if (known == nullptr || lever.saved > known->saved)
            known = &lever;
    }
    std::vector<const Lever*> chosen;
    chosen.reserve(best.size());
    for (const auto& [key, lever] : best)
        chosen.push_back(lever);
    std::sort(chosen.begin(), chosen.end(), [](const Lever* a, const Lever* b) { return a->saved > b->saved; });
    if (chosen.size() > paired)
        chosen.resize(paired);
    return chosen;
}

LeverChange both(const Lever& a, const Lever& b)
{
    LeverChange change;
    for (const Lever* lever : {&a, &b})
        for (const std::string& key : lever->keys)
            change.emplace_back(key, field_text(lever->scenario, *field_named(key)));
    return change;
}

/// Pairs that make it fit where no single lever does.
void add_pairs(const Search& search, std::vector<Lever>& list)
{
    const std::vector<const Lever*> best = best_of_each(list);
    std::vector<Lever> pairs;
    for (std::size_t i = 0; i < best.size(); ++i)
        for (std::size_t j = i + 1; j < best.size(); ++j) {
            const Lever& a = *best[i];
            const Lever& b = *best[j];
            if (!go_together(a, b))
                continue;
            auto pair = search.tried(both(a, b), std::max(a.cost, b.cost), a.cost_text + "; " + b.cost_text);
            if (!pair || !pair->makes_it_fit)
                continue;
            pair->id = a.id + "," + b.id;
            pair->label = a.label + " and " + b.label;
            pair->pair = {a.id, b.id};
            pairs.push_back(std::move(*pair));
        }
    sort_levers(pairs);
    if (pairs.size() > told_pairs)
        pairs.resize(told_pairs);
    list.insert(list.begin(), std::move_iterator(pairs.begin()), std::move_iterator(pairs.end()));
}

} // namespace

std::string_view cost_name(LeverCost cost)
{
    return cost_names[static_cast<std::size_t>(cost)];
}

Result<LeversPointer> levers(const Question& question, const LeversProgress& progress)
{
    auto base = outlook_of(question);
    if (!base)
        return base.error();
    const Search search(question, std::move(*base));
    std::vector<std::pair<const LeverRow*, LeverChange>> all;
    for (const LeverRow& row : lever_rows())
        for (LeverChange& change : changes_of(row, search.base()))
            all.emplace_back(&row, std::move(change));
    auto result = std::make_shared<Levers>();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (progress && !progress(i, all.size()))
            return Error{{}, "stopped"};
        const auto& [row, change] = all[i];
        if (auto lever = search.tried(change, row->cost, cost_of(*row, change, *search.base().model));
            lever && !is_told(result->list, *lever))
            result->list.push_back(std::move(*lever));
    }
    sort_levers(result->list);
    const bool one_will_do =
        std::any_of(result->list.begin(), result->list.end(), [](const Lever& lever) { return lever.makes_it_fit; });
    if (!search.fits_already() && !one_will_do)
        add_pairs(search, result->list);
    return LeversPointer(std::move(result));
}

} // namespace weighbridge
