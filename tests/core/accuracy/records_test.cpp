// Every bundled row is accounted for, and what is said of misses is true of runs that miss.

#include "core/accuracy/causes.h"
#include "core/accuracy/left_out_groups.h"
#include "core/accuracy/reports.h"
#include "resources/resources.h"
#include "tests/core/accuracy/bundled_accuracy.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace weighbridge::testing {
namespace {

std::size_t lines_of(std::string_view file)
{
    const resources::Entry* entry = resources::find(resources::measured(), file);
    EXPECT_NE(entry, nullptr) << file;
    return entry == nullptr ? 0
                            : static_cast<std::size_t>(std::count(entry->json.begin(), entry->json.end(), '\n')) +
                                  (entry->json.ends_with('\n') ? 0 : 1);
}

TEST(AccuracyRecords, AreAllThere)
{
    ASSERT_EQ(accuracy().sets.size(), measured_sets().size());
    for (const SetAccuracy& set : accuracy().sets) {
        const std::size_t rows = set.set->gather == nullptr ? lines_of(set.set->file) : set.set->records().size();
        EXPECT_EQ(set.runs.size() + set.left_out.size(), rows) << set.set->id;
        for (const LeftOut& run : set.left_out)
            EXPECT_FALSE(run.reason.empty()) << run.run;
    }
}

TEST(AccuracyRecords, HaveNamesOfTheirOwn)
{
    std::set<std::string> names;
    for (const SetAccuracy& set : accuracy().sets)
        for (const MeasuredRun& run : set.runs) {
            EXPECT_TRUE(names.insert(run.id).second) << run.id;
            EXPECT_FALSE(run.model.empty()) << run.id;
            EXPECT_FALSE(run.source.empty()) << run.id;
        }
}

/// Each row of each figure is compared, set aside with a reason, left out with a reason, or has no such figure.
TEST(AccuracyRecords, GiveAReasonForWhatIsNotCompared)
{
    for (const SetAccuracy& set : accuracy().sets)
        for (const FigureAccuracy& figure : set.figures) {
            EXPECT_GT(figure.points.size(), 0U) << set.set->id << " " << figure.figure->id;
            for (const LeftOut& run : figure.left_out)
                EXPECT_FALSE(run.reason.empty()) << run.run;
            std::size_t grouped_runs = 0;
            for (const SetAside& group : set_aside(set, figure))
                grouped_runs += group.runs.size();
            EXPECT_EQ(grouped_runs, figure.left_out.size() + figure.summary.aside) << figure.figure->id;
            EXPECT_EQ(figure.points.size(), figure.summary.count + figure.summary.aside) << figure.figure->id;
        }
}

/// Facts that a person can read in the file, compared with what became of them.
TEST(AccuracyRecords, BecomeTheScenariosThatTheyWere)
{
    const auto run_of = [](std::string_view id) {
        for (const SetAccuracy& set : accuracy().sets)
            for (const MeasuredRun& run : set.runs)
                if (run.id == id)
                    return run;
        ADD_FAILURE() << id;
        return accuracy().sets.front().runs.front();
    };
    const MeasuredRun served = run_of("vllm-0004");
    EXPECT_EQ(served.question.scenario.hardware.tensor_parallel, 4);
    EXPECT_EQ(served.question.scenario.precision.weights, "fp8_per_channel");
    EXPECT_EQ(served.question.model->name, "Llama-3.1-70B");
    EXPECT_NE(served.setup.find("TP 4"), std::string::npos) << served.setup;
    const MeasuredRun logged = run_of("llama.cpp-0293");
    EXPECT_EQ(logged.question.scenario.precision.weights, "gguf:IQ4_XS");
    EXPECT_EQ(logged.question.scenario.inference.engine, "llama.cpp");
    EXPECT_EQ(logged.record.number("model_gpu_mib"), 16303.48);
    const MeasuredRun table = run_of("transformers-0309");
    EXPECT_EQ(table.question.scenario.inference.call.input_tokens, 6144);
    EXPECT_EQ(table.question.scenario.inference.call.output_tokens, 2048);
}

TEST(AccuracyCauses, AreOfRunsThatMiss)
{
    std::set<std::pair<std::string, std::string>> misses;
    for (const SetAccuracy& set : accuracy().sets)
        for (const FigureAccuracy& figure : set.figures)
            for (const AccuracyPoint& point : figure.points)
                if (point.misses())
                    misses.emplace(set.runs[point.run].id, figure.figure->id);
    const MissCauses causes;
    EXPECT_GE(causes.all().size(), 15U);
    for (const auto& [key, cause] : causes.all()) {
        EXPECT_TRUE(misses.contains(key)) << key.first << " " << key.second << " meets its bar; the cause is stale";
        EXPECT_FALSE(cause.empty()) << key.first;
    }
}

TEST(AccuracyProgressTold, CountsEveryRunAndStops)
{
    std::size_t calls = 0;
    std::size_t all = 0;
    EXPECT_NE(measure_accuracy([&](std::size_t done, std::size_t runs) {
                  EXPECT_EQ(done, calls++);
                  all = runs;
                  return true;
              }),
              nullptr);
    EXPECT_EQ(calls, all);
    calls = 0;
    EXPECT_EQ(measure_accuracy([&](std::size_t, std::size_t) { return ++calls < 5; }), nullptr);
    EXPECT_EQ(calls, 5U);
}

TEST(Records, ReadNothingWhereThereIsNothing)
{
    const Record record(
        nlohmann::json{{"text", "a"}, {"number", 1.5}, {"whole", 2}, {"null", nullptr}, {"flag", true}});
    EXPECT_EQ(record.text("text"), "a");
    EXPECT_EQ(record.text("number"), "");
    EXPECT_EQ(record.number("number"), 1.5);
    EXPECT_EQ(record.number("whole"), 2);
    EXPECT_EQ(record.number("text"), std::nullopt);
    EXPECT_EQ(record.whole("number"), std::nullopt);
    EXPECT_EQ(record.whole("null"), std::nullopt);
    EXPECT_EQ(record.flag("flag"), true);
    EXPECT_EQ(record.flag("missing"), std::nullopt);
    EXPECT_TRUE(measured_records("no such file").empty());
    EXPECT_TRUE(measured_file("no such file").is_null());
}

} // namespace
} // namespace weighbridge::testing
