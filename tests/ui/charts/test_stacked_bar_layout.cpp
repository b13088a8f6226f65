#include "tests/ui/support/sample_estimate.h"
#include "ui/charts/stacked_bar_layout.h"

#include <gmock/gmock.h>

#include <QFontMetricsF>
#include <QGuiApplication>

namespace weighbridge {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

StackedBarLayout barLayout(const Estimate& estimate, qreal width = 1000, double zoom = 1, ByteUnit unit = ByteUnit::gib)
{
    const Typography type = Typography::from(scaled(QGuiApplication::font(), zoom));
    return StackedBarLayout::of(estimate, unit, {0, 0, width, StackedBarLayout::heightFor(type)}, type);
}

struct Case
{
    const char* name;
    Estimate (*make)();
};

class EveryEstimate : public testing::TestWithParam<Case>
{
};

} // namespace

INSTANTIATE_TEST_SUITE_P(StackedBarLayout, EveryEstimate,
                         testing::Values(Case{"llama", sample::llama70b},
                                         Case{"latent", sample::mixtureWithLatentCache},
                                         Case{"exceeding", sample::exceeding}, Case{"huge", sample::huge},
                                         Case{"nothing", sample::nothing}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(EveryEstimate, SegmentsFollowOneAnotherAndStayInTheBar)
{
    for (const qreal width : {60.0, 400.0, 1000.0, 2500.0}) {
        const StackedBarLayout layout = barLayout(GetParam().make(), width);
        qreal at = layout.bar.left();
        for (const BarSegment& segment : layout.segments) {
            EXPECT_NEAR(segment.rect.left(), at, 1e-6);
            EXPECT_GE(segment.rect.width(), 0);
            at = segment.rect.right();
        }
        EXPECT_LE(at, layout.bar.right() + 1e-6);
    }
}

TEST_P(EveryEstimate, WidthsAreInProportionToBytes)
{
    const Estimate estimate = GetParam().make();
    const StackedBarLayout layout = barLayout(estimate);
    const auto whole = static_cast<double>(std::max(estimate.total, estimate.fit.capacity).count);
    qreal sum = 0;
    for (const BarSegment& segment : layout.segments)
        sum += segment.rect.width();
    EXPECT_NEAR(sum, layout.bar.width() * static_cast<double>(estimate.total.count) / whole, 1e-3);
}

TEST_P(EveryEstimate, LabelsAreWholeAndInsideTheirSegment)
{
    for (const double zoom : {1.0, 1.5, 2.0}) {
        const Estimate estimate = GetParam().make();
        for (const BarSegment& segment : barLayout(estimate, 500, zoom).segments) {
            if (!segment.label.shown())
                continue;
            EXPECT_TRUE(segment.rect.contains(segment.label.rect)) << segment.id.toStdString();
            EXPECT_TRUE(segment.rect.contains(segment.value.rect)) << segment.id.toStdString();
            EXPECT_THAT(segment.label.text.toStdString(), testing::Not(HasSubstr("…")));
        }
    }
}

TEST_P(EveryEstimate, ScaleLabelsDoNotOverlap)
{
    for (const qreal width : {120.0, 400.0, 1000.0}) {
        const StackedBarLayout layout = barLayout(GetParam().make(), width, 1.5);
        std::vector<QRectF> rects = {layout.endTick.rect};
        for (const ChartTick& tick : layout.ticks)
            if (tick.label.shown())
                rects.push_back(tick.label.rect);
        for (std::size_t i = 0; i < rects.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                EXPECT_FALSE(rects[i].intersects(rects[j])) << width;
    }
}

TEST(StackedBarLayout, FreePartEndsAtTheCapacity)
{
    const StackedBarLayout layout = barLayout(sample::llama70b());
    EXPECT_FALSE(layout.exceeds);
    EXPECT_NEAR(layout.capacityX, layout.bar.right(), 1e-6);
    EXPECT_NEAR(layout.free.left(), layout.segments.back().rect.right(), 1e-6);
    EXPECT_NEAR(layout.free.right(), layout.bar.right(), 1e-6);
    EXPECT_EQ(layout.endTick.text, QStringLiteral("79.6\u00A0GiB"));
}

TEST(StackedBarLayout, WhatMayNotBeUsedIsSetApart)
{
    Estimate estimate = sample::llama70b();
    estimate.fit.usable.count = estimate.fit.capacity.count / 10 * 9;
    const StackedBarLayout layout = barLayout(estimate);
    EXPECT_NEAR(layout.free.right(), layout.reserved.left(), 1e-6);
    EXPECT_NEAR(layout.reserved.width(), layout.bar.width() * 0.1, 0.1);
}

// What exceeds what may be used exceeds, though the card is larger: the line and the colour stand at the limit.
TEST(StackedBarLayout, TheLimitIsWhatMayBeUsed)
{
    Estimate estimate = sample::llama70b();
    const double total = static_cast<double>(estimate.total.count);
    estimate.fit.usable.count = estimate.total.count / 10 * 9;
    const StackedBarLayout layout = barLayout(estimate);
    EXPECT_TRUE(layout.exceeds);
    EXPECT_TRUE(layout.isLimited());
    EXPECT_NEAR(layout.capacityX, layout.bar.right(), 1e-6);
    const double share = static_cast<double>(estimate.fit.usable.count) / total;
    const double filled = layout.segments.back().rect.right() - layout.bar.left();
    EXPECT_NEAR(layout.limitX - layout.bar.left(), share * filled, 0.1);
    EXPECT_THAT(layout.limit.text.toStdString(), HasSubstr("limit"));
    EXPECT_FALSE(layout.endTick.shown() && layout.endTick.rect.intersects(layout.limit.rect));
    EXPECT_TRUE(layout.free.isEmpty());
}

TEST(StackedBarLayout, ExceedingRunsPastTheCapacityLine)
{
    const StackedBarLayout layout = barLayout(sample::exceeding());
    EXPECT_TRUE(layout.exceeds);
    EXPECT_LT(layout.capacityX, layout.bar.right());
    EXPECT_TRUE(layout.free.isEmpty());
    EXPECT_NEAR(layout.segments.back().rect.right(), layout.bar.right(), 1e-6);
    EXPECT_THAT(layout.endTick.text.toStdString(), HasSubstr("capacity"));
}

TEST(StackedBarLayout, TheCapacityLineRunsThroughNoWords)
{
    int shown = 0;
    for (int percent = 1; percent < 100; ++percent) {
        Estimate estimate = sample::exceeding();
        estimate.fit.capacity = estimate.fit.usable = {estimate.total.count / 100 * percent};
        const StackedBarLayout layout = barLayout(estimate);
        for (const BarSegment& segment : layout.segments) {
            for (const ChartText* text : {&segment.label, &segment.value}) {
                if (!text->shown())
                    continue;
                ++shown;
                EXPECT_FALSE(text->rect.left() < layout.capacityX && layout.capacityX < text->rect.right())
                    << percent << " %, " << text->text.toStdString();
                EXPECT_LE(text->rect.right(), segment.rect.right());
            }
        }
    }
    EXPECT_GT(shown, 200) << "most have room on one side of the line";
}

TEST(StackedBarLayout, TermsOfNothingHaveNoSegment)
{
    EXPECT_THAT(barLayout(sample::nothing()).segments, IsEmpty());
    Estimate estimate = sample::llama70b();
    estimate.terms[1].bytes = {};
    EXPECT_THAT(barLayout(estimate).segments, SizeIs(3));
}

TEST(StackedBarLayout, NamesCarryTheValue)
{
    const StackedBarLayout layout = barLayout(sample::llama70b());
    EXPECT_EQ(layout.segments[0].name, QStringLiteral("Weights, 32.86\u00A0GiB, 50.0\u00A0%"));
    EXPECT_EQ(layout.name, QStringLiteral("Memory per GPU, 65.7 of 79.6\u00A0GiB used, Fits"));
}

TEST(StackedBarLayout, ToolTipNamesBothUnitsRangeAndBasis)
{
    const QString toolTip = barLayout(sample::llama70b()).segments[2].toolTip;
    for (const char* part : {"GiB", "GB", "derived", "0.63", "0.77"})
        EXPECT_THAT(toolTip.toStdString(), HasSubstr(part));
}

TEST(StackedBarLayout, HitsTheSegmentUnderThePoint)
{
    const StackedBarLayout layout = barLayout(sample::llama70b());
    for (std::size_t i = 0; i < layout.segments.size(); ++i)
        EXPECT_EQ(layout.segmentAt(layout.segments[i].rect.center()), i);
    EXPECT_EQ(layout.segmentAt(layout.free.center()), std::nullopt);
    EXPECT_EQ(layout.segmentAt(layout.bar.bottomLeft() + QPointF(2, 8)), std::nullopt);
}

TEST(StackedBarLayout, ThinSegmentsStayWithinReach)
{
    Estimate estimate = sample::llama70b();
    estimate.terms[2].bytes.count = 1000;
    const StackedBarLayout layout = barLayout(estimate);
    EXPECT_LT(layout.segments[2].rect.width(), 0.01);
    estimate.terms = {estimate.terms[2]};
    const StackedBarLayout alone = barLayout(estimate);
    EXPECT_EQ(alone.segmentAt(alone.segments[0].rect.center() + QPointF(2, 0)), 0U);
}

TEST(StackedBarLayout, SameInputSameLayout)
{
    const Estimate estimate = sample::llama70b();
    EXPECT_EQ(barLayout(estimate).segments[1].rect, barLayout(estimate).segments[1].rect);
}

} // namespace weighbridge
