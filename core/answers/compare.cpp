#include "core/answers/compare.h"

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "core/speed/speed.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace weighbridge {

namespace {

bool is_used(const Estimate& estimate, const ScenarioField& field)
{
    return is_written(estimate.asked, field) || is_filled_in(estimate.asked, estimate.scenario, field);
}

std::string used_text(const Setup& setup, const ScenarioField& field)
{
    if (!setup.estimate || !is_used(*setup.estimate, field))
        return {};
    return field_text(is_chosen(setup.estimate->asked, field) ? setup.estimate->asked : setup.estimate->scenario,
                      field);
}

std::vector<ComparedKey> compared_keys(const std::vector<Setup>& setups)
{
    std::vector<ComparedKey> keys;
    for (const ScenarioField& field : scenario_fields()) {
        ComparedKey key{field.key, {}, {}};
        for (const Setup& setup : setups) {
            key.values.push_back(used_text(setup, field));
            key.chosen.push_back(setup.estimate && is_chosen(setup.estimate->asked, field));
        }
        const bool differs = std::any_of(setups.begin() + 1, setups.end(), [&](const Setup& setup) {
            return setup.estimate && used_text(setup, field) != key.values.front();
        });
        if (differs)
            keys.push_back(std::move(key));
    }
    return keys;
}

using TermLists = std::vector<const std::vector<Term>*>; ///< by setup; null where it has none

const Term* term_in(const std::vector<Term>* list, std::string_view id)
{
    if (list == nullptr)
        return nullptr;
    const auto found = std::find_if(list->begin(), list->end(), [&](const Term& term) { return term.id == id; });
    return found != list->end() ? &*found : nullptr;
}

std::vector<std::string> words_of(std::string_view text)
{
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

/// The symbols whose numbers differ, where both lines have the same shape.
std::vector<std::size_t> other_numbers(const std::vector<std::string>& symbols, const std::vector<std::string>& a,
                                       const std::vector<std::string>& b)
{
    std::vector<std::size_t> places;
    if (symbols.size() != a.size() || a.size() != b.size())
        return places;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] != b[i])
            places.push_back(i);
    return places;
}

std::string without_parentheses(std::string text)
{
    text.erase(std::remove_if(text.begin(), text.end(), [](char letter) { return letter == '(' || letter == ')'; }),
               text.end());
    return text;
}

Reason reason_for(const Term* first, const Term* other)
{
    if (first == nullptr || other == nullptr)
        return {.kind = "absent", .text = first == nullptr ? "the first has no such term" : "it has no such term"};
    const Formula& a = first->formula;
    const Formula& b = other->formula;
    if (first->source != other->source && a.symbols != b.symbols)
        return {.kind = "rule", .values = {first->source, other->source}, .text = "another rule: " + other->source};
    if (a.symbols != b.symbols)
        return {.kind = "formula", .values = {a.symbols, b.symbols}, .text = b.symbols + " in place of " + a.symbols};
    Reason reason{.kind = "number", .values = {a.numbers, b.numbers}};
    const std::vector<std::string> symbols = words_of(a.symbols);
    const std::vector<std::string> before = words_of(a.numbers);
    const std::vector<std::string> after = words_of(b.numbers);
    const std::vector<std::size_t> places = other_numbers(symbols, before, after);
    if (!places.empty()) {
        const std::size_t place = places.front();
        reason.symbol = without_parentheses(symbols[place]);
        reason.values = {without_parentheses(before[place]), without_parentheses(after[place])};
    }
    for (const std::size_t place : places)
        reason.text += (reason.text.empty() ? "" : "; ") + without_parentheses(symbols[place]) + " is " +
                       without_parentheses(after[place]) + " in place of " + without_parentheses(before[place]);
    if (reason.text.empty())
        reason.text =
            a.symbols.empty() ? "its parts differ" : a.symbols + ": " + b.numbers + " in place of " + a.numbers;
    return reason;
}

/// What each differing key does by itself to the first setup.
class Causes
{
public:
    Causes(const Setup& first, const Setup& other, const std::vector<ComparedKey>& keys, std::size_t index)
    {
        if (other.estimate->model != first.estimate->model)
            add("model", *first.question, [&](Question& question) { question.model = other.question->model; });
        for (const ComparedKey& key : keys) {
            if (!key.chosen.front() && !key.chosen[index])
                continue; // filled in on both sides: what is chosen brings it about
            add(key.key, *first.question, [&](Question& question) {
                if (key.key == "hardware.accelerator")
                    question.accelerator = other.question->accelerator;
                if (key.chosen[index])
                    set_field(question.scenario, key.key, key.values[index]);
                else
                    unset_field(question.scenario, *field_named(key.key));
            });
        }
    }

    std::vector<std::string> of(std::string_view id, std::optional<Bytes> before) const
    {
        std::vector<std::string> keys;
        for (const auto& [key, estimate] : alone_) {
            const Term* term = find_term(estimate->terms, id);
            if ((term != nullptr ? std::optional(term->bytes) : std::nullopt) != before)
                keys.push_back(key);
        }
        return keys;
    }

private:
    void add(const std::string& key, Question question, const std::function<void(Question&)>& change)
    {
        change(question);
        if (auto found = estimate(question, Detail::memory))
            alone_.emplace_back(key, std::move(*found));
    }

    std::vector<std::pair<std::string, EstimatePointer>> alone_;
};

void add_terms(SetupComparison& comparison, const TermLists& lists, const std::vector<std::optional<Causes>>& causes,
               int depth)
{
    std::vector<std::string_view> ids;
    for (const auto* list : lists)
        if (list != nullptr)
            for (const Term& term : *list)
                if (std::find(ids.begin(), ids.end(), term.id) == ids.end())
                    ids.push_back(term.id);
    for (const std::string_view id : ids) {
        ComparedTerm row{.id = std::string(id), .label = {}, .depth = depth};
        TermLists children;
        const Term* first = term_in(lists.front(), id);
        for (std::size_t i = 0; i < lists.size(); ++i) {
            const Term* term = term_in(lists[i], id);
            if (row.label.empty() && term != nullptr)
                row.label = term->label;
            const std::optional<Bytes> bytes = term != nullptr ? std::optional(term->bytes) : std::nullopt;
            const std::int64_t difference = bytes.value_or(Bytes{}).count - (first != nullptr ? first->bytes.count : 0);
            row.bytes.push_back(bytes);
            row.differences.push_back(difference);
            row.reasons.emplace_back();
            if (difference != 0 && causes[i]) {
                row.reasons.back() = reason_for(first, term);
                row.reasons.back()->keys =
                    causes[i]->of(id, first != nullptr ? std::optional(first->bytes) : std::nullopt);
            }
            children.push_back(term != nullptr ? &term->children : nullptr);
        }
        comparison.terms.push_back(std::move(row));
        add_terms(comparison, children, causes, depth + 1);
    }
}

void add_figure(SetupComparison& comparison, std::string id, std::string label, std::string_view unit,
                const std::function<std::optional<double>(const Estimate&)>& value)
{
    ComparedFigure figure{std::move(id), std::move(label), unit};
    for (const Setup& setup : comparison.setups)
        figure.values.push_back(setup.estimate ? value(*setup.estimate) : std::nullopt);
    const bool known = std::any_of(figure.values.begin(), figure.values.end(),
                                   [](const std::optional<double>& found) { return found.has_value(); });
    if (known)
        comparison.figures.push_back(std::move(figure));
}

std::optional<double> if_any(std::optional<std::int64_t> count)
{
    return count ? std::optional(static_cast<double>(*count)) : std::nullopt;
}

void add_figures(SetupComparison& comparison)
{
    const auto room = [](auto member) {
        return [member](const Estimate& estimate) -> std::optional<double> {
            return estimate.capacity.searched ? if_any(estimate.capacity.*member) : std::nullopt;
        };
    };
    const auto step = [](auto member) {
        return [member](const Estimate& estimate) -> std::optional<double> {
            return estimate.capacity.step ? if_any((*estimate.capacity.step).*member) : std::nullopt;
        };
    };
    add_figure(comparison, "capacity.max_sequence_length", "Longest sequence", "tokens",
               room(&Capacity::max_sequence_length));
    add_figure(comparison, "capacity.max_concurrent_sequences", "Most sequences", "sequences",
               room(&Capacity::max_concurrent_sequences));
    add_figure(comparison, "capacity.kv_tokens", "Tokens of the cache", "tokens", room(&Capacity::kv_tokens));
    add_figure(comparison, "capacity.step.max_sequence_length", "Longest sequence", "tokens",
               step(&TrainingRoom::max_sequence_length));
    add_figure(comparison, "capacity.step.max_micro_batch_size", "Largest micro batch", "sequences",
               step(&TrainingRoom::max_micro_batch_size));
    const auto pace = [](std::optional<SpeedFigure> Speed::*figure) {
        return [figure](const Estimate& estimate) -> std::optional<double> {
            if (!estimate.speed || !((*estimate.speed).*figure))
                return std::nullopt;
            return ((*estimate.speed).*figure)->value;
        };
    };
    add_figure(comparison, "speed.time_to_first_token_seconds", "Time to first token", "seconds",
               pace(&Speed::time_to_first_token_seconds));
    add_figure(comparison, "speed.time_per_output_token_seconds", "Time per output token", "seconds",
               pace(&Speed::time_per_output_token_seconds));
    add_figure(comparison, "speed.output_tokens_per_second", "Output tokens per second", "tokens per second",
               pace(&Speed::output_tokens_per_second));
    add_figure(comparison, "speed.train_tokens_per_second", "Tokens per second", "tokens per second",
               pace(&Speed::train_tokens_per_second));
    std::vector<std::string_view> prints;
    for (const Setup& setup : comparison.setups)
        if (setup.estimate)
            for (const EnginePrint& print : setup.estimate->engine_prints)
                if (print.text.empty() && std::find(prints.begin(), prints.end(), print.id) == prints.end()) {
                    prints.push_back(print.id);
                    add_figure(comparison, "engine_prints." + std::string(print.id), print.label, "",
                               [&](const Estimate& estimate) -> std::optional<double> {
                                   for (const EnginePrint& other : estimate.engine_prints)
                                       if (other.id == print.id)
                                           return other.value;
                                   return std::nullopt;
                               });
                }
}

} // namespace

Result<SetupComparison> compare(std::vector<Setup> setups)
{
    if (setups.size() < fewest_setups || setups.size() > most_setups)
        return Error{"", "--compare has " + std::to_string(setups.size()) + " setups; it takes two to eight"};
    for (Setup& setup : setups) {
        if (!setup.question)
            continue;
        if (setups.front().question && setup.question->scenario.task != setups.front().question->scenario.task)
            return Error{"task", setup.name + ": task is \"" + setup.question->scenario.task + "\", that of " +
                                     setups.front().name + " is \"" + setups.front().question->scenario.task +
                                     "\"; setups of one task can be compared"};
        auto found = estimate(*setup.question);
        if (found)
            setup.estimate = std::move(*found);
        else
            setup.error = found.error().message;
    }
    if (!setups.front().estimate)
        return Error{"", setups.front().name + ": " + setups.front().error};
    SetupComparison comparison;
    comparison.setups = std::move(setups);
    comparison.keys = compared_keys(comparison.setups);
    TermLists lists;
    std::vector<std::optional<Causes>> causes;
    for (std::size_t i = 0; i < comparison.setups.size(); ++i) {
        const Setup& setup = comparison.setups[i];
        lists.push_back(setup.estimate ? &setup.estimate->terms : nullptr);
        causes.emplace_back();
        if (i > 0 && setup.estimate)
            causes.back().emplace(comparison.setups.front(), setup, comparison.keys, i);
    }
    add_terms(comparison, lists, causes, 0);
    add_figures(comparison);
    return comparison;
}

} // namespace weighbridge
