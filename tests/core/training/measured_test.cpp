// Measured runs (resources/measured/training.jsonl) against what core/training predicts for their scenarios.

#include "core/accuracy/training_figures.h"
#include "tests/core/engines/measured.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <sstream>

namespace weighbridge::testing {
namespace {

std::string gib_text(double gib)
{
    std::ostringstream text;
    text.precision(2);
    text << std::fixed << gib;
    return text.str();
}

/// With WEIGHBRIDGE_PRINT in the environment: every run with the terms of its peak.
void print(const FigureAccuracy& figure)
{
    for (const AccuracyPoint& point : figure.points) {
        const MeasuredRun& run = measured("training").runs[point.run];
        const auto answer = estimate(run.question, Detail::figures);
        if (!answer)
            continue;
        std::cout << run.id << ' ' << run.model << " [" << run.setup << "] measured "
                  << gib_text(point.comparison.measured) << " predicted " << gib_text(point.comparison.predicted) << ' '
                  << std::lround(100 * point.error) << " % at " << (*answer)->training->peak().id;
        for (const Term& term : (*answer)->training->peak().terms)
            std::cout << ' ' << term.id << ' ' << gib_text(static_cast<double>(term.bytes.count) / bytes_per_gib);
        std::cout << '\n';
    }
}

/// Runs within 15 %, whatever the figure's bar.
TEST(MeasuredTraining, PeaksMeetTheirBar)
{
    if (std::getenv("WEIGHBRIDGE_PRINT") != nullptr)
        print(figure_of("training", "training_peak"));
    EXPECT_EQ(measured("training").left_out.size(), 0U);
    expect_bar({"training", "training_peak", 161, 0.15, 0.8, 0.06});
}

/// Runs that peak in the optimizer's step: weights, gradients and states, and nothing of the batch.
TEST(MeasuredTraining, StaticMemoryMeetsItsBar)
{
    expect_bar({"training", "training_static", 19, 0.02, 0.5, 0.02});
}

/// The bar is half within 8 %; docs/training.md says what misses it and why.
TEST(MeasuredTraining, GrowthIsAsNearAsTheDocumentSays)
{
    const FigureAccuracy& figure = figure_of("training-slopes", "training_slope");
    EXPECT_EQ(figure.figure->bar.tolerance, 0.08);
    EXPECT_EQ(figure.figure->bar.share, 0.5);
    EXPECT_EQ(figure.summary.count, 16U);
    EXPECT_LE(figure.summary.median, 0.16) << worst("training-slopes", figure);
}

/// Two rows of one series and one that differs in its optimizer: one series of two.
TEST(TrainingSeries, AreRunsThatDifferInBatchOrLengthAlone)
{
    const auto row = [](const char* id, int length, const char* optimizer) {
        return Record(
            {{"id", id},
             {"model_id", "m"},
             {"source", "s"},
             {"locator", "l"},
             {"metric", "allocated"},
             {"bytes", 1},
             {"scenario",
              {{"task", "fine_tune"}, {"fine_tune", {{"sequence_length", length}, {"optimizer", optimizer}}}}}});
    };
    const auto series = training_series({row("a", 512, "adamw"), row("b", 512, "sgd"), row("c", 1024, "adamw")});
    ASSERT_EQ(series.size(), 1U);
    EXPECT_EQ(series.front().text("id"), "a to c");
    EXPECT_EQ(series.front().value("runs").size(), 2U);
    EXPECT_TRUE(training_series({row("a", 512, "adamw"), row("b", 512, "adamw")}).empty()); // nothing varies
}

} // namespace
} // namespace weighbridge::testing
