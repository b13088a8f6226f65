// Measured runs (resources/measured/training.jsonl) against what core/training predicts for their scenarios.

#include "core/scenario/scenario_json.h"
#include "core/training/training.h"
#include "resources/resources.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>

namespace weighbridge::testing {
namespace {

using nlohmann::json;

struct TrainingRun
{
    json facts;
    EstimatePointer estimate;

    std::string id() const { return facts.at("id"); }
    std::string metric() const { return facts.at("metric"); }
    double measured() const { return facts.at("bytes"); }
    const json& options() const
    {
        const json& scenario = facts.at("scenario");
        return scenario.at(scenario.at("task").get<std::string>());
    }
    /// What the tool that measured would have shown.
    double predicted() const
    {
        const TrainingMemory& memory = *estimate->training;
        const auto outside = static_cast<double>(memory.overhead.bytes.count);
        if (metric() == "allocated")
            return static_cast<double>(memory.allocated.count);
        if (metric() == "reserved")
            return static_cast<double>(memory.reserved.count);
        return static_cast<double>(memory.reserved.count) + outside;
    }
    double error() const { return predicted() / measured() - 1; }
};

std::vector<json> lines_of(const std::string& name)
{
    std::vector<json> lines;
    const resources::Entry* file = resources::find(resources::measured(), name);
    EXPECT_NE(file, nullptr) << name;
    std::istringstream text(std::string(file == nullptr ? "" : file->json));
    for (std::string line; std::getline(text, line);)
        lines.push_back(json::parse(line));
    return lines;
}

const std::vector<TrainingRun>& runs()
{
    static const std::vector<TrainingRun> list = [] {
        std::map<std::string, ModelPointer> models;
        for (const json& line : lines_of("training_models.jsonl")) {
            auto model = line.contains("preset") ? preset_model(line.at("preset").get<std::string>())
                                                 : import_config(line.at("config"), line.at("model_id"));
            EXPECT_TRUE(model) << line.at("model_id") << (model ? "" : model.error().message);
            models[line.at("model_id")] = model ? *model : nullptr;
        }
        std::vector<TrainingRun> made;
        for (json& line : lines_of("training.jsonl")) {
            const auto scenario = read_scenario(line.at("scenario"));
            EXPECT_TRUE(scenario) << line.at("id") << (scenario ? "" : scenario.error().message);
            Question question = question_about(models[line.at("model_id")]);
            question.scenario = *scenario;
            made.push_back({std::move(line), estimate_of(question)});
        }
        return made;
    }();
    return list;
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

std::string gib_of(double bytes)
{
    std::ostringstream text;
    text.precision(2);
    text << std::fixed << bytes / 1073741824.0;
    return text.str();
}

void print(const TrainingRun& run)
{
    std::cout << run.id() << ' ' << run.options().at("framework").get<std::string>() << ' '
              << run.facts.at("model_id").get<std::string>() << ' ' << run.options().at("method").get<std::string>()
              << " b" << run.options().at("micro_batch_size") << " s" << run.options().at("sequence_length") << ' '
              << run.metric() << ' ' << gib_of(run.measured()) << " predicted " << gib_of(run.predicted()) << ' '
              << std::lround(100 * run.error()) << "% at " << run.estimate->training->peak().id;
    for (const Term& term : run.estimate->training->peak().terms)
        std::cout << ' ' << term.id << ' ' << gib_of(static_cast<double>(term.bytes.count));
    std::cout << '\n';
}

TEST(MeasuredTraining, Peaks)
{
    std::vector<double> errors;
    for (const TrainingRun& run : runs()) {
        if (std::getenv("WEIGHBRIDGE_PRINT") != nullptr)
            print(run);
        errors.push_back(std::abs(run.error()));
    }
    const auto within = std::count_if(errors.begin(), errors.end(), [](double error) { return error <= 0.15; });
    std::cout << errors.size() << " peaks: median " << 100 * median(errors) << " %, within 15 %: " << within << '\n';
}

} // namespace
} // namespace weighbridge::testing
