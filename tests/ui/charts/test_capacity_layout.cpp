#include "ui/charts/capacity_layout.h"

#include <gmock/gmock.h>

#include <QGuiApplication>
#include <QImage>
#include <QPainter>

#include <algorithm>

namespace weighbridge {

namespace {

constexpr std::int64_t gibibyte = std::int64_t{1} << 30;

/// 40 GiB of weights, and one more GiB with each thousand tokens; figures typed in.
ServingCapacity measuredServing()
{
    ServingCapacity serving;
    for (std::int64_t at = 0; at <= 100; ++at) {
        const auto bytes = static_cast<double>((40 + at) * gibibyte);
        serving.over_context.push_back({1 + at * 1000, bytes});
        serving.over_concurrency.push_back({1 + at, bytes});
    }
    serving.lines = {{"a", "H100 SXM 80 GB", {80 * gibibyte}, true},
                     {"b", "L40S 48 GB", {45 * gibibyte}, false},
                     {"c", "H200 SXM 141 GB", {140 * gibibyte}, false}};
    return serving;
}

CapacityLayout layoutOf(const ServingCapacity& serving, QSizeF size = {600, 300},
                        CapacityAxis axis = CapacityAxis::context)
{
    return CapacityLayout::of(serving, axis, {50'001, {90 * gibibyte}}, ByteUnit::gib, {QPointF(0, 0), size},
                              Typography::from(QGuiApplication::font()));
}

} // namespace

TEST(CapacityLayout, ThePointsRiseFromLeftToRightInsideThePlot)
{
    const CapacityLayout layout = layoutOf(measuredServing());
    ASSERT_EQ(layout.points.size(), 101u);
    for (std::size_t i = 1; i < layout.points.size(); ++i) {
        EXPECT_GT(layout.points[i].position.x(), layout.points[i - 1].position.x());
        EXPECT_LT(layout.points[i].position.y(), layout.points[i - 1].position.y());
    }
    const QRectF around = layout.plot.adjusted(-1, -1, 1, 1);
    EXPECT_TRUE(around.contains(layout.points.front().position));
    EXPECT_TRUE(around.contains(layout.points.back().position));
    EXPECT_EQ(layout.pointName(50), QStringLiteral("50,001 tokens: 90.00\u00A0GiB"));
}

// Heights are in proportion from nothing on: 140 GiB stand as high above the axis as 2 x 70 would.
TEST(CapacityLayout, HeightsAreInProportion)
{
    const CapacityLayout layout = layoutOf(measuredServing());
    const qreal foot = layout.plot.bottom();
    const qreal forty = foot - layout.points[0].position.y();
    const qreal eighty = foot - layout.points[40].position.y();
    EXPECT_NEAR(eighty, 2 * forty, 0.01);
    const auto chosen = std::find_if(layout.lines.begin(), layout.lines.end(),
                                     [](const CapacityLineShape& line) { return line.chosen; });
    ASSERT_NE(chosen, layout.lines.end());
    EXPECT_NEAR(foot - chosen->line.y1(), eighty, 0.01); // 80 GiB
}

TEST(CapacityLayout, EveryLineIsNamedAndNoNameLiesOnAnother)
{
    for (const QSizeF size : {QSizeF(600, 300), QSizeF(300, 260), QSizeF(1200, 500)}) {
        const CapacityLayout layout = layoutOf(measuredServing(), size);
        ASSERT_EQ(layout.lines.size(), 3u);
        for (std::size_t i = 0; i < layout.lines.size(); ++i) {
            EXPECT_TRUE(layout.lines[i].label.shown());
            for (std::size_t j = 0; j < i; ++j)
                EXPECT_FALSE(layout.lines[i].label.rect.intersects(layout.lines[j].label.rect)) << i << " " << j;
            EXPECT_LE(layout.lines[i].label.rect.right(), layout.plot.right() + 1);
        }
        EXPECT_GE(layout.lines[1].line.y1(), layout.lines[0].line.y1()) << "the higher lines come first";
    }
}

// Weights may take most of a card: then the curve is high from the left on, and so is the line.
TEST(CapacityLayout, NamesOfLinesCoverNeitherTheCurveNorALine)
{
    ServingCapacity serving = measuredServing();
    serving.lines.push_back({"d", "H100 NVL 94 GB", {92 * gibibyte}, false});
    for (const QSizeF size : {QSizeF(600, 300), QSizeF(300, 260), QSizeF(1200, 500)}) {
        const CapacityLayout layout = layoutOf(serving, size);
        int named = 0;
        for (const CapacityLineShape& shape : layout.lines) {
            if (!shape.label.shown())
                continue;
            ++named;
            EXPECT_TRUE(layout.mark && !shape.label.rect.contains(*layout.mark));
            for (const CapacityLineShape& other : layout.lines)
                EXPECT_FALSE(other.line.y1() > shape.label.rect.top() && other.line.y1() < shape.label.rect.bottom());
            for (std::size_t i = 1; i < layout.points.size(); ++i)
                for (double along = 0; along <= 1; along += 0.1) {
                    const QPointF on = layout.points[i - 1].position * (1 - along) + layout.points[i].position * along;
                    EXPECT_FALSE(shape.label.rect.contains(on)) << shape.label.text.toStdString();
                }
        }
        EXPECT_GE(named, 3) << size.width();
        EXPECT_TRUE(std::all_of(layout.lines.begin(), layout.lines.end(),
                                [](const CapacityLineShape& line) { return !line.chosen || line.label.shown(); }));
    }
}

TEST(CapacityLayout, NamesWithoutRoomAreLeftOut)
{
    ServingCapacity crowded = measuredServing();
    crowded.lines.clear();
    for (int i = 0; i < 12; ++i)
        crowded.lines.push_back({"x", "Accelerator", {(80 + i) * gibibyte}, i == 0});
    const CapacityLayout layout = layoutOf(crowded, {400, 220});
    std::vector<QRectF> shown;
    for (const CapacityLineShape& line : layout.lines)
        if (line.label.shown())
            shown.push_back(line.label.rect);
    EXPECT_LT(shown.size(), 12u);
    for (std::size_t i = 0; i < shown.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            EXPECT_FALSE(shown[i].intersects(shown[j]));
}

TEST(CapacityLayout, TheScenariosOwnPointIsOnTheCurve)
{
    const CapacityLayout layout = layoutOf(measuredServing());
    ASSERT_TRUE(layout.mark);
    EXPECT_NEAR(layout.mark->x(), layout.points[50].position.x(), 0.01);
    EXPECT_NEAR(layout.mark->y(), layout.points[50].position.y(), 0.01);
    EXPECT_EQ(layout.pointAt(layout.points[70].position + QPointF(0.5, 30)), std::optional<std::size_t>(70));
    EXPECT_EQ(layout.pointAt(QPointF(1, 1)), std::nullopt);
}

TEST(CapacityLayout, TicksStayInTheRectangleAndApart)
{
    for (const QSizeF size : {QSizeF(260, 220), QSizeF(600, 300), QSizeF(1600, 700)}) {
        const CapacityLayout layout = layoutOf(measuredServing(), size);
        ASSERT_GE(layout.xTicks.size(), 2u);
        ASSERT_GE(layout.yTicks.size(), 2u);
        for (std::size_t i = 0; i < layout.xTicks.size(); ++i) {
            EXPECT_LE(layout.xTicks[i].label.rect.right(), size.width());
            EXPECT_TRUE(i == 0 || layout.xTicks[i].label.rect.left() > layout.xTicks[i - 1].label.rect.right());
        }
        for (const ChartTick& tick : layout.yTicks)
            EXPECT_GE(tick.label.rect.left(), -0.5);
    }
}

TEST(CapacityLayout, NothingToShowPaintsNothing)
{
    const CapacityLayout layout = layoutOf({});
    EXPECT_TRUE(layout.points.empty());
    QImage image(100, 100, QImage::Format_RGB32);
    QPainter painter(&image);
    layout.paint(painter, Theme::from(applicationPalette(ColorMode::light)), Typography::from(QGuiApplication::font()));
    EXPECT_EQ(layout.pointAt({5, 5}), std::nullopt);
}

TEST(CapacityLayout, OverConcurrencyCountsSequences)
{
    const CapacityLayout layout = layoutOf(measuredServing(), {600, 300}, CapacityAxis::concurrency);
    EXPECT_EQ(layout.pointName(1), QStringLiteral("2 sequences: 41.00\u00A0GiB"));
}

} // namespace weighbridge
