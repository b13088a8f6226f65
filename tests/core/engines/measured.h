#pragma once

#include "core/scenario/scenario_json.h"
#include "tests/core/support/scenarios.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace weighbridge::testing {

/// A logged run: its facts, and the scenario that it was.
struct MeasuredRun
{
    nlohmann::json facts;
    Question question;

    std::string id() const { return facts.at("id"); }
    std::optional<double> number(const char* key) const
    {
        return facts.contains(key) ? std::optional(facts.at(key).get<double>()) : std::nullopt;
    }
    double version() const
    {
        const std::string text = facts.value("engine_version", "");
        return text.starts_with("0.") ? std::stod(text.substr(2)) : 0;
    }
};

inline std::vector<nlohmann::json> json_lines(const std::string& name)
{
    std::vector<nlohmann::json> lines;
    std::istringstream text(read_test_data(name));
    for (std::string line; std::getline(text, line);)
        lines.push_back(nlohmann::json::parse(line));
    return lines;
}

/// The runs of one engine whose model is known. A model that can't be imported yet is counted in `skipped`.
inline std::vector<MeasuredRun> measured_runs(const std::string& engine, std::vector<std::string>& skipped)
{
    std::map<std::string, ModelPointer> models;
    for (const nlohmann::json& line : json_lines("measured/models.jsonl")) {
        auto model = line.contains("preset") ? preset_model(line.at("preset").get<std::string>())
                                             : import_config(line.at("config"), line.at("model_id"));
        models[line.at("model_id")] = model ? *model : nullptr;
    }
    std::vector<MeasuredRun> runs;
    for (const nlohmann::json& line : json_lines("measured/" + engine + ".jsonl")) {
        const ModelPointer model = models[line.at("model_id")];
        if (!model) {
            skipped.push_back(line.at("id"));
            continue;
        }
        const auto scenario = read_scenario(line.at("scenario"));
        EXPECT_TRUE(scenario) << line.at("id") << (scenario ? "" : scenario.error().message);
        MeasuredRun run{line, question_about(model)};
        run.question.scenario = *scenario;
        run.question.accelerator = *Catalogue().find(scenario->hardware.accelerator);
        runs.push_back(std::move(run));
    }
    return runs;
}

inline double print_of(const Estimate& estimate, std::string_view id)
{
    for (const EnginePrint& print : estimate.engine_prints)
        if (print.id == id)
            return print.value;
    ADD_FAILURE() << "nothing printed for " << id;
    return 0;
}

/// Errors of one figure over the runs.
class Errors
{
public:
    void add(const std::string& id, double error) { errors_.emplace_back(std::abs(error), id); }
    std::size_t count() const { return errors_.size(); }
    double median() { return at(0.5); }
    /// Share of the runs within the bound.
    double share_within(double bound) const
    {
        const auto inside =
            std::count_if(errors_.begin(), errors_.end(), [&](const auto& error) { return error.first <= bound; });
        return static_cast<double>(inside) / static_cast<double>(std::max<std::size_t>(1, errors_.size()));
    }
    std::string worst()
    {
        std::sort(errors_.rbegin(), errors_.rend());
        std::string text;
        for (std::size_t i = 0; i < std::min<std::size_t>(6, errors_.size()); ++i)
            text += errors_[i].second + " " + std::to_string(errors_[i].first) + "\n";
        return text;
    }

private:
    double at(double share)
    {
        std::sort(errors_.begin(), errors_.end());
        return errors_.empty() ? 0
                               : errors_[static_cast<std::size_t>(share * static_cast<double>(errors_.size()))].first;
    }

    std::vector<std::pair<double, std::string>> errors_;
};

} // namespace weighbridge::testing
