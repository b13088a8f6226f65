// Errors, bars and ranges on comparisons made up for the purpose; expected values are worked by hand.

#include "core/accuracy/statistics.h"
#include "core/accuracy/wording.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weighbridge::testing {
namespace {

AccuracyFigure figure_with(AccuracyBar bar)
{
    return {"figure", "Figure", "GiB", 2, bar, nullptr};
}

constexpr AccuracyBar ten_percent = {BarKind::relative, 0.1, 0.9, {}};

/// Measured 100 and predicted so many.
std::vector<Comparison> predictions(std::initializer_list<double> values)
{
    std::vector<Comparison> comparisons;
    comparisons.reserve(values.size());
    for (const double value : values)
        comparisons.push_back({100, value, {}, {}, value == 100, {}});
    return comparisons;
}

ErrorSummary summary_of(const AccuracyFigure& figure, const std::vector<Comparison>& comparisons)
{
    std::vector<const Comparison*> pointers;
    pointers.reserve(comparisons.size());
    for (const Comparison& comparison : comparisons)
        pointers.push_back(&comparison);
    return summarize(figure, pointers);
}

TEST(AccuracyErrors, AreFractionsOrInTheFiguresUnit)
{
    const Comparison comparison{4, 5, {}, {}, false, {}};
    EXPECT_DOUBLE_EQ(comparison_error({BarKind::relative, 0.1, 0.9, {}}, comparison), 0.25);
    EXPECT_DOUBLE_EQ(comparison_error({BarKind::absolute, 0.1, 0.9, {}}, comparison), 1);
    EXPECT_DOUBLE_EQ(comparison_error({BarKind::printed, 0, 1, {}}, comparison), 0.25);
}

TEST(AccuracyErrors, OfNothingMeasuredAreInfiniteUnlessNothingWasPredicted)
{
    EXPECT_EQ(comparison_error(ten_percent, {0, 0, {}, {}, false, {}}), 0);
    EXPECT_TRUE(std::isinf(comparison_error(ten_percent, {0, 1, {}, {}, false, {}})));
    EXPECT_FALSE(within_bar(ten_percent, {0, 1, {}, {}, false, {}}));
}

TEST(AccuracySummary, CountsWithoutSigns)
{
    // errors 0, 1, 2, 5, 8, 9, 10, 11, 20 and 30 %: nine of ten are at most 20 %
    const auto comparisons = predictions({100, 101, 98, 105, 92, 109, 90, 111, 80, 130});
    const ErrorSummary summary = summary_of(figure_with(ten_percent), comparisons);
    EXPECT_EQ(summary.count, 10U);
    EXPECT_EQ(summary.within, 7U);
    EXPECT_NEAR(summary.median, 0.09, 1e-12); // the larger of the two in the middle
    EXPECT_NEAR(summary.nine_of_ten, 0.2, 1e-12);
    EXPECT_NEAR(summary.largest, 0.3, 1e-12);
    EXPECT_FALSE(meets(ten_percent, summary));
}

TEST(AccuracySummary, LeavesAsideWhatIsSetAside)
{
    auto comparisons = predictions({100, 200, 200});
    comparisons[1].aside = comparisons[2].aside = "the log does not tell";
    const ErrorSummary summary = summary_of(figure_with(ten_percent), comparisons);
    EXPECT_EQ(summary.count, 1U);
    EXPECT_EQ(summary.aside, 2U);
    EXPECT_EQ(summary.largest, 0);
    EXPECT_TRUE(meets(ten_percent, summary));
}

TEST(AccuracySummary, OfNoRunsMeetsNothing)
{
    const ErrorSummary summary = summary_of(figure_with(ten_percent), {});
    EXPECT_EQ(summary.count, 0U);
    EXPECT_EQ(summary.share(), 0);
    EXPECT_FALSE(meets(ten_percent, summary));
    EXPECT_TRUE(ranges_hold(summary));
}

TEST(AccuracyBars, AreMetByExactlyNineOfTen)
{
    const auto nine = predictions({100, 100, 100, 100, 100, 100, 100, 100, 100, 150});
    EXPECT_TRUE(meets(ten_percent, summary_of(figure_with(ten_percent), nine)));
    const auto eight = predictions({100, 100, 100, 100, 100, 100, 100, 100, 150, 150});
    EXPECT_FALSE(meets(ten_percent, summary_of(figure_with(ten_percent), eight)));
}

TEST(AccuracyBars, MayAskForTheMedianToo)
{
    const AccuracyBar bar = {BarKind::relative, 0.1, 0.9, 0.01};
    EXPECT_TRUE(meets(bar, summary_of(figure_with(bar), predictions({100, 100.5, 108}))));
    EXPECT_FALSE(meets(bar, summary_of(figure_with(bar), predictions({100, 105, 108}))));
}

TEST(AccuracyBars, OnPrintedDigitsAskForEquality)
{
    const AccuracyBar bar = {BarKind::printed, 0, 1, {}};
    EXPECT_TRUE(within_bar(bar, {100, 100.001, {}, {}, true, {}}));
    EXPECT_FALSE(within_bar(bar, {100, 100.001, {}, {}, false, {}}));
    EXPECT_TRUE(equal_as_printed(12.344, 12.34, 2));
    EXPECT_FALSE(equal_as_printed(12.346, 12.34, 2));
}

TEST(AccuracyRanges, HoldWhatIsMeasuredUpToTheLastDigit)
{
    const Comparison comparison{2.00, 1.5, 1.4, 1.996, false, {}};
    EXPECT_TRUE(range_holds(comparison, 2)); // 1.996 prints as 2.00
    EXPECT_FALSE(range_holds(comparison, 3));
    EXPECT_FALSE(range_holds({2, 2, {}, {}, false, {}}, 2));
}

TEST(AccuracyRanges, OfNineInTenAreEnough)
{
    ErrorSummary summary;
    summary.ranged = 10;
    summary.held = 9;
    EXPECT_TRUE(ranges_hold(summary));
    summary.held = 8;
    EXPECT_FALSE(ranges_hold(summary));
}

TEST(AccuracyWording, ShowsTwoDigitsOfErrors)
{
    const AccuracyFigure relative = figure_with(ten_percent);
    EXPECT_EQ(error_size_text(relative, 0.0276), "2.8\u00A0%");
    EXPECT_EQ(error_size_text(relative, -0.5091), "51\u00A0%");
    EXPECT_EQ(error_size_text(relative, 0.000123), "0.012\u00A0%");
    EXPECT_EQ(error_size_text(relative, 0.000002), "<0.001\u00A0%");
    EXPECT_EQ(error_size_text(relative, 0), "0\u00A0%");
    EXPECT_EQ(signed_error_text(relative, -0.0276), "−2.8\u00A0%");
    EXPECT_EQ(signed_error_text(relative, 0.0276), "+2.8\u00A0%");
    EXPECT_EQ(signed_error_text(relative, 0), "0\u00A0%");
    const AccuracyFigure absolute = figure_with({BarKind::absolute, 0.25, 0.9, {}});
    EXPECT_EQ(error_size_text(absolute, 0.1293), "0.13\u00A0GiB");
    EXPECT_EQ(bar_text(absolute), "9 of 10 within 0.25\u00A0GiB");
    EXPECT_EQ(bar_text(figure_with({BarKind::relative, 0.01, 0.9, 0.001})),
              "9 of 10 within 1\u00A0%, half within 0.1\u00A0%");
    EXPECT_EQ(bar_text(figure_with({BarKind::printed, 0, 0.98, {}})), "98\u00A0% equal to the printed digit");
}

} // namespace
} // namespace weighbridge::testing
