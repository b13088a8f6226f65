#include "core/accuracy/training_figures.h"
#include "core/accuracy/training_runs.h"
#include "core/fields/scenario_json.h"
#include "core/quantity/display.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace weighbridge {

namespace {

using nlohmann::json;

/// Bytes against tokens of the micro batch.
struct Point
{
    double tokens = 0;
    double bytes = 0;
};

double slope(const std::vector<Point>& points)
{
    const auto count = static_cast<double>(points.size());
    Point mean;
    for (const Point& point : points) {
        mean.tokens += point.tokens / count;
        mean.bytes += point.bytes / count;
    }
    double above = 0;
    double below = 0;
    for (const Point& point : points) {
        above += (point.tokens - mean.tokens) * (point.bytes - mean.bytes);
        below += (point.tokens - mean.tokens) * (point.tokens - mean.tokens);
    }
    return above / below;
}

double tokens_of(const TrainingChoice& choice)
{
    return static_cast<double>(choice.micro_batch_size) * static_cast<double>(choice.sequence_length);
}

std::optional<Scenario> training_scenario(const Record& row)
{
    auto scenario = read_scenario(row.value("scenario"));
    if (!scenario || scenario->training() == nullptr)
        return std::nullopt;
    return std::move(*scenario);
}

/// What runs of one series have in common; empty where the row is no run.
std::string company_of(const Record& row)
{
    json scenario = row.value("scenario");
    const std::string task = scenario.is_object() ? scenario.value("task", std::string()) : std::string();
    if (!training_scenario(row) || !scenario.contains(task))
        return {};
    scenario[task].erase("sequence_length");
    scenario[task].erase("average_length");
    scenario[task].erase("micro_batch_size");
    return row.text("model_id") + '\n' + row.text("source") + '\n' + row.text("locator") + '\n' + row.text("metric") +
           '\n' + scenario.dump();
}

json row_of(const Record& row)
{
    json copy;
    for (const char* key : {"id", "model_id", "source", "locator", "metric", "bytes", "scenario"})
        copy[key] = row.value(key);
    return copy;
}

json series_of(const std::vector<const Record*>& company)
{
    const Record& first = *company.front();
    json series = row_of(first);
    series["id"] = first.text("id") + " to " + company.back()->text("id");
    series["runs"] = json::array();
    for (const Record* row : company)
        series["runs"].push_back(row_of(*row));
    return series;
}

FigureOutcome slope_per_token(const MeasuredRun& series, const Estimate&)
{
    std::vector<Point> measured;
    std::vector<Point> predicted;
    for (const json& entry : series.record.value("runs")) {
        const Record row(entry);
        auto scenario = training_scenario(row);
        const auto bytes = row.number("bytes");
        if (!scenario || !bytes)
            return FigureOutcome::without("one of its runs can't be read");
        const double tokens = tokens_of(*scenario->training());
        Question question = series.question;
        question.scenario = std::move(*scenario);
        const auto answer = estimate(question, Detail::figures);
        if (!answer)
            return FigureOutcome::without(answer.error().message);
        measured.push_back({tokens, *bytes});
        predicted.push_back({tokens, shown_training_bytes(**answer, row.text("metric"))});
    }
    constexpr double bytes_per_mb = 1e6;
    const double growth = slope(measured);
    if (growth <= 0)
        return FigureOutcome::without("what was measured does not grow with the tokens");
    return {Comparison{growth / bytes_per_mb, slope(predicted) / bytes_per_mb, {}, {}, false, {}}, {}};
}

} // namespace

std::vector<Record> training_series(const std::vector<Record>& rows)
{
    std::map<std::string, std::vector<const Record*>> companies;
    std::vector<std::string> order;
    for (const Record& row : rows) {
        const std::string name = company_of(row);
        if (name.empty())
            continue;
        std::vector<const Record*>& company = companies[name];
        if (company.empty())
            order.push_back(name);
        company.push_back(&row);
    }
    std::vector<Record> series;
    for (const std::string& name : order) {
        const std::vector<const Record*>& company = companies[name];
        const auto tokens = [](const Record* row) { return tokens_of(*training_scenario(*row)->training()); };
        const double first = tokens(company.front());
        if (std::any_of(company.begin(), company.end(), [&](const Record* row) { return tokens(row) != first; }))
            series.emplace_back(series_of(company));
    }
    return series;
}

Result<MeasuredRun> read_training_series(const Record& record, MeasuredModels& models)
{
    auto run = read_training_run(record, models);
    if (!run)
        return run;
    const TrainingChoice& choice = *run->question.scenario.training();
    run->setup = joined_setup({choice.framework, choice.method, record.text("metric"),
                               grouped(static_cast<std::int64_t>(record.value("runs").size())) + " runs"});
    return run;
}

std::span<const AccuracyFigure> training_slope_figures()
{
    static constexpr AccuracyFigure figures[] = {
        {"training_slope", "Growth per token", "MB", 3, {BarKind::relative, 0.08, 0.5, {}}, slope_per_token},
    };
    return figures;
}

} // namespace weighbridge
