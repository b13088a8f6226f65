// One training step of the real libraries with torch's allocator counting (torch 2.15.0, transformers 5.24.0,
// accelerate 1.15.0, peft 0.21.2, trl 1.16.0, bitsandbytes 0.50.2, liger-kernel 0.8.5):
// tests/data/training/steps.jsonl. The first setting of each method, recomputation, optimizer and trainer along every
// axis.

#include "core/fields/scenario_json.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace weighbridge::testing {
namespace {

using nlohmann::json;

struct CountedStep
{
    std::string id;
    double peak = 0; ///< relative errors
    double optimizer = 0;
};

double error_of(std::int64_t bytes, const json& counted)
{
    return static_cast<double>(bytes) / counted.get<double>() - 1;
}

std::vector<CountedStep> steps()
{
    std::istringstream lines(read_test_data("training/steps.jsonl"));
    std::vector<CountedStep> list;
    for (std::string line; std::getline(lines, line);) {
        const json record = json::parse(line);
        const auto scenario = read_scenario(record.at("scenario"));
        EXPECT_TRUE(scenario) << record.at("id") << ": " << (scenario ? "" : scenario.error().message);
        if (!scenario)
            continue;
        Question question = scenario->model.config ? question_about_config(*scenario->model.config)
                                                   : question_about_preset(scenario->model.text);
        question.scenario = *scenario;
        question.accelerator = *Catalogue().find(scenario->hardware.accelerator);
        const EstimatePointer estimate = estimate_of(question);
        const TrainingMemory& memory = *estimate->training;
        CountedStep step{.id = record.at("id"), .peak = error_of(memory.allocated.count, record.at("after_load"))};
        for (const Moment& moment : memory.stage().moments)
            if (moment.id == "optimizer_step")
                step.optimizer = error_of(moment.total.count, record.at("optimizer_step"));
        list.push_back(step);
    }
    return list;
}

double median(std::vector<double> errors)
{
    for (double& error : errors)
        error = std::abs(error);
    std::sort(errors.begin(), errors.end());
    return errors[errors.size() / 2];
}

TEST(TrainingSteps, PeaksAreThoseOfTheRealLibraries)
{
    std::vector<double> peaks;
    for (const CountedStep& step : steps()) {
        EXPECT_LT(std::abs(step.peak), 0.07) << step.id << ' ' << step.peak;
        peaks.push_back(step.peak);
    }
    ASSERT_GE(peaks.size(), 30U);
    EXPECT_LT(median(peaks), 0.01);
}

TEST(TrainingSteps, OptimizerStepsToHalfAPercent)
{
    std::vector<double> errors;
    for (const CountedStep& step : steps()) {
        EXPECT_LT(std::abs(step.optimizer), 0.03) << step.id << ' ' << step.optimizer;
        errors.push_back(step.optimizer);
    }
    EXPECT_LT(median(errors), 0.005);
}

} // namespace
} // namespace weighbridge::testing
