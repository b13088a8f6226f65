#include "tests/ui/accuracy/sample_accuracy.h"
#include "ui/charts/scatter_layout.h"

#include <gmock/gmock.h>

#include <QGuiApplication>
#include <QImage>
#include <QPainter>

namespace weighbridge {

using testing::HasSubstr;
using testing::SizeIs;

namespace {

constexpr std::size_t weightsFigure = 0;
constexpr std::size_t graphsFigure = 1;
constexpr std::size_t cacheFigure = 2;

ScatterLayout layOut(std::size_t figure, QSizeF size = {480, 520}, double zoom = 1, std::size_t set = 0)
{
    const AccuracyPointer accuracy = sample::accuracy();
    const Typography type = Typography::from(scaled(QGuiApplication::font(), zoom));
    return ScatterLayout::of(accuracy->sets[set], accuracy->sets[set].figures[figure], QRectF(QPointF(0, 0), size),
                             type);
}

const ScatterPoint& pointOf(const ScatterLayout& layout, std::size_t point)
{
    for (const ScatterPoint& shown : layout.points)
        if (shown.point == point)
            return shown;
    ADD_FAILURE() << point;
    return layout.points.front();
}

qreal aboveDiagonal(const ScatterLayout& layout, QPointF position)
{
    const qreal x = position.x() - layout.plot.left();
    const qreal y = layout.plot.bottom() - position.y();
    return y - x;
}

} // namespace

TEST(ScatterLayout, EqualValuesLieOnTheDiagonal)
{
    const ScatterLayout layout = layOut(weightsFigure);
    EXPECT_NEAR(layout.plot.width(), layout.plot.height(), 1e-9);
    EXPECT_NEAR(aboveDiagonal(layout, pointOf(layout, 0).position), 0, 0.01); // 10 for 10
    EXPECT_GT(aboveDiagonal(layout, pointOf(layout, 2).position), 5);         // 1,300 for 1,000
    for (const ScatterPoint& point : layOut(cacheFigure).points)
        EXPECT_NEAR(aboveDiagonal(layOut(cacheFigure), point.position), 0, 0.01);
}

TEST(ScatterLayout, IsLogarithmicWhereValuesSpanMuchAndArePositive)
{
    EXPECT_TRUE(layOut(weightsFigure).logarithmic);
    EXPECT_FALSE(layOut(graphsFigure).logarithmic); // one is below zero
    EXPECT_FALSE(layOut(cacheFigure).logarithmic);  // 64 and 128
    // a decade is as long anywhere: 10 to 100 as 100 to 1,000
    const ScatterLayout layout = layOut(weightsFigure);
    const qreal ten = pointOf(layout, 0).position.x();
    const qreal hundred = pointOf(layout, 1).position.x();
    const qreal thousand = pointOf(layout, 2).position.x();
    EXPECT_NEAR(hundred - ten, thousand - hundred, 0.01);
}

TEST(ScatterLayout, MarksSayWhichSideOfTheBar)
{
    const ScatterLayout layout = layOut(weightsFigure);
    EXPECT_EQ(pointOf(layout, 1).mark, ScatterMark::within);
    EXPECT_EQ(pointOf(layout, 2).mark, ScatterMark::beyond);
    EXPECT_EQ(pointOf(layout, 3).mark, ScatterMark::aside);
    EXPECT_THAT(layout.keys, SizeIs(3));
    EXPECT_THAT(layOut(cacheFigure).keys, SizeIs(1)); // only marks that occur
}

TEST(ScatterLayout, TheBandHoldsExactlyWhatTheBarAllows)
{
    const ScatterLayout layout = layOut(weightsFigure);
    EXPECT_TRUE(layout.band.containsPoint(pointOf(layout, 1).position, Qt::OddEvenFill));
    EXPECT_FALSE(layout.band.containsPoint(pointOf(layout, 2).position, Qt::OddEvenFill));
    EXPECT_TRUE(layOut(cacheFigure).band.isEmpty());
    const ScatterLayout absolute = layOut(graphsFigure);
    for (const ScatterPoint& point : absolute.points)
        EXPECT_TRUE(absolute.band.containsPoint(point.position, Qt::OddEvenFill));
}

TEST(ScatterLayout, PointsGoFromTheSmallestToTheLargest)
{
    const ScatterLayout layout = layOut(weightsFigure);
    for (std::size_t i = 1; i < layout.points.size(); ++i)
        EXPECT_LE(layout.points[i - 1].position.x(), layout.points[i].position.x());
    EXPECT_EQ(layout.points.front().point, 3U); // 5 GiB
}

TEST(ScatterLayout, EverythingStaysInsideAtAnySizeAndFont)
{
    for (const double zoom : {1.0, 1.5, 2.0})
        for (const QSizeF size : {QSizeF(480, 520), QSizeF(300, 320), QSizeF(700, 380), QSizeF(340, 700)})
            for (const std::size_t figure : {weightsFigure, graphsFigure, cacheFigure}) {
                const QSizeF room = size * zoom;
                const ScatterLayout layout = layOut(figure, room, zoom);
                const QRectF all(QPointF(-0.5, -0.5), room + QSizeF(1, 1));
                const Typography type = Typography::from(scaled(QGuiApplication::font(), zoom));
                EXPECT_TRUE(all.contains(layout.plot));
                for (const ChartText& text : {layout.xTitle, layout.yTitle})
                    EXPECT_TRUE(all.contains(text.rect)) << text.text.toStdString();
                for (const auto& ticks : {layout.xTicks, layout.yTicks})
                    for (const ChartTick& tick : ticks)
                        EXPECT_TRUE(!tick.label.shown() || all.contains(tick.label.rect))
                            << tick.label.text.toStdString();
                for (const ScatterKey& key : layout.keys)
                    EXPECT_TRUE(all.contains(key.label.rect)) << key.label.text.toStdString();
                for (std::size_t i = 0; i < layout.points.size(); ++i) {
                    EXPECT_TRUE(layout.plot.contains(layout.points[i].position));
                    EXPECT_TRUE(layout.plot.contains(layout.labelOf(i, type).rect));
                }
            }
}

TEST(ScatterLayout, TickLabelsDoNotOverlap)
{
    for (const double zoom : {1.0, 2.0})
        for (const std::size_t figure : {weightsFigure, graphsFigure, cacheFigure}) {
            const ScatterLayout layout = layOut(figure, {320, 360}, zoom);
            for (const auto& ticks : {layout.xTicks, layout.yTicks})
                for (std::size_t a = 0; a < ticks.size(); ++a)
                    for (std::size_t b = a + 1; b < ticks.size(); ++b)
                        if (ticks[a].label.shown() && ticks[b].label.shown()) {
                            EXPECT_FALSE(ticks[a].label.rect.intersects(ticks[b].label.rect));
                        }
        }
}

TEST(ScatterLayout, FindsTheNearestPoint)
{
    const ScatterLayout layout = layOut(weightsFigure);
    for (std::size_t i = 0; i < layout.points.size(); ++i)
        EXPECT_EQ(layout.pointAt(layout.points[i].position + QPointF(1, 1)), i);
    EXPECT_EQ(layout.pointAt(layout.plot.topLeft()), std::nullopt);
}

TEST(ScatterLayout, ReadsAPointAloud)
{
    const ScatterLayout layout = layOut(weightsFigure);
    const std::string name = pointOf(layout, 2).name.toStdString();
    for (const char* part : {"run-3", "Large", "1,300.00", "1,000.00", "+30", "beyond the bar"})
        EXPECT_THAT(name, HasSubstr(part));
    EXPECT_THAT(layout.name.toStdString(), HasSubstr("4 runs"));
}

TEST(ScatterLayout, SaysWhereThereAreNoRuns)
{
    const ScatterLayout layout = layOut(0, {480, 520}, 1, 1);
    EXPECT_TRUE(layout.nothing.shown());
    EXPECT_THAT(layout.points, SizeIs(0));
    QImage image(480, 520, QImage::Format_RGB32);
    QPainter painter(&image);
    layout.paint(painter, Theme::from(QGuiApplication::palette()), Typography::from(QGuiApplication::font()));
}

} // namespace weighbridge
