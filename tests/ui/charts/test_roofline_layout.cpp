#include "tests/ui/support/sample_estimate.h"
#include "ui/charts/roofline_layout.h"

#include <gmock/gmock.h>

#include <QGuiApplication>

namespace weighbridge {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

RooflineLayout roofLayout(const Roofline& roofline, QSizeF size = {600, 380}, double zoom = 1)
{
    const Typography type = Typography::from(scaled(QGuiApplication::font(), zoom));
    return RooflineLayout::of(roofline, QStringLiteral("H100 SXM 80 GB"), QRectF(QPointF(0, 0), size), type);
}

} // namespace

TEST(RooflineLayout, PointsLieOnTheRoof)
{
    const Estimate estimate = sample::llama70b();
    for (const Roofline& roofline : estimate.rooflines) {
        const RooflineLayout layout = roofLayout(roofline);
        ASSERT_THAT(layout.points, SizeIs(6));
        const QLineF slope(layout.roof[0], layout.roof[1]);
        for (const RooflinePoint& point : layout.points) {
            EXPECT_TRUE(layout.plot.contains(point.position));
            const qreal x = std::min(point.position.x(), layout.roof[1].x());
            const qreal roofY = slope.pointAt((x - slope.x1()) / slope.dx()).y();
            EXPECT_NEAR(point.position.y(), roofY, 0.5) << point.name.toStdString();
        }
    }
}

TEST(RooflineLayout, BoundAgreesWithTheSideOfTheRidge)
{
    const Estimate estimate = sample::llama70b();
    for (const Roofline& roofline : estimate.rooflines) {
        const RooflineLayout layout = roofLayout(roofline);
        for (const RooflinePoint& point : layout.points) {
            const bool memory = roofline.rows[point.row].bound == Bound::memory;
            EXPECT_EQ(memory, point.position.x() < layout.ridge.x1()) << point.name.toStdString();
        }
    }
}

// FP8 products under 1,979 TFLOP/s, attention under the 989 of BF16, norms under the 67 of FP32: each is held against
// the ceiling and the ridge of its own type, and all three are drawn.
TEST(RooflineLayout, EveryCeilingInUseIsDrawn)
{
    Roofline roofline = sample::llama70b().rooflines[1]; // prefill
    roofline.peak = PeakRate{1979e12, ComputeType::fp8};
    roofline.ridge = 1979e12 / roofline.bandwidth;
    for (RooflineRow& row : roofline.rows) {
        const bool attention = row.operation.id.starts_with("attention");
        row.peak = row.operation.id == "norms" ? PeakRate{67e12, ComputeType::fp32}
                   : attention                 ? PeakRate{989e12, ComputeType::bf16}
                                               : *roofline.peak;
        row.ridge = row.peak->flops_per_second / roofline.bandwidth;
        row.bound = row.operation.intensity() < row.ridge ? Bound::memory : Bound::compute;
        row.attainable_flops = std::min(row.peak->flops_per_second, row.operation.intensity() * roofline.bandwidth);
    }
    const RooflineLayout layout = roofLayout(roofline);
    ASSERT_THAT(layout.ceilings, SizeIs(2));
    EXPECT_THAT(layout.ceilings[0].label.text.toStdString(), HasSubstr("BF16"));
    EXPECT_THAT(layout.ceilings[1].label.text.toStdString(), HasSubstr("FP32"));
    for (const RooflinePoint& point : layout.points) {
        const RooflineRow& row = roofline.rows[point.row];
        const bool own = row.peak->type == ComputeType::fp8;
        const RooflineCeiling& ceiling = layout.ceilings[row.peak->type == ComputeType::bf16 ? 0 : 1];
        const QLineF ridge = own ? layout.ridge : ceiling.ridge;
        EXPECT_EQ(row.bound == Bound::memory, point.position.x() < ridge.x1()) << point.name.toStdString();
        if (row.bound == Bound::compute) {
            EXPECT_NEAR(point.position.y(), ridge.y1(), 0.5) << point.name.toStdString();
        }
    }
    for (const RooflineCeiling& ceiling : layout.ceilings) {
        EXPECT_TRUE(layout.plot.contains(ceiling.label.rect));
        EXPECT_GT(ceiling.ridge.y1(), layout.roof[1].y()) << "lower than the roof";
    }
}

TEST(RooflineLayout, LabelsNeitherOverlapNorLeaveThePlot)
{
    const Estimate estimate = sample::mixtureWithLatentCache();
    for (const Roofline& roofline : estimate.rooflines) {
        for (const double zoom : {1.0, 1.5, 2.0}) {
            const RooflineLayout layout = roofLayout(roofline, {600, 400}, zoom);
            std::vector<QRectF> rects = {layout.peakLabel.rect, layout.ridgeLabel.rect};
            for (const RooflineLabel& label : layout.labels) {
                EXPECT_TRUE(layout.plot.contains(label.text.rect)) << label.text.text.toStdString();
                for (const QRectF& other : rects)
                    EXPECT_FALSE(label.text.rect.intersects(other)) << label.text.text.toStdString();
                rects.push_back(label.text.rect);
            }
        }
    }
}

TEST(RooflineLayout, NeighboursShareALabel)
{
    const RooflineLayout layout = roofLayout(sample::llama70b().rooflines[0]);
    const auto scores = std::ranges::find_if(layout.labels, [](const RooflineLabel& label) {
        return label.text.text.contains(QStringLiteral("Attention"));
    });
    ASSERT_NE(scores, layout.labels.end());
    EXPECT_EQ(scores->text.text, QStringLiteral("Attention scores, values"));
    EXPECT_THAT(scores->points, SizeIs(2));
}

TEST(RooflineLayout, EveryPointIsNamedInAUsualWindow)
{
    for (const auto make : {sample::llama70b, sample::mixtureWithLatentCache}) {
        const Estimate estimate = make();
        for (const Roofline& roofline : estimate.rooflines) {
            const RooflineLayout layout = roofLayout(roofline, {540, 340});
            std::size_t named = 0;
            for (const RooflineLabel& label : layout.labels)
                named += label.points.size();
            EXPECT_EQ(named, layout.points.size()) << roofline.layer_label;
        }
    }
}

TEST(RooflineLayout, TicksAreDecades)
{
    const RooflineLayout layout = roofLayout(sample::llama70b().rooflines[0]);
    QStringList x;
    for (const ChartTick& tick : layout.xTicks)
        x << tick.label.text;
    EXPECT_EQ(x, (QStringList{QStringLiteral("0.1"), QStringLiteral("1"), QStringLiteral("10"), QStringLiteral("100"),
                              QStringLiteral("1,000")}));
    EXPECT_EQ(layout.yTicks.back().label.text, QStringLiteral("1\u00A0P"));
    for (const ChartTick& tick : layout.xTicks)
        EXPECT_LE(tick.label.rect.right(), 600);
}

TEST(RooflineLayout, SaysWhenThereAreNoFigures)
{
    Roofline roofline = sample::llama70b().rooflines[0];
    roofline.peak.reset();
    roofline.ridge = 0;
    const RooflineLayout layout = roofLayout(roofline);
    EXPECT_TRUE(layout.noFigures.shown());
    EXPECT_THAT(layout.points, IsEmpty());
    EXPECT_THAT(layout.name.toStdString(), HasSubstr("no known figure"));
}

TEST(RooflineLayout, NamesSayIntensityAndBound)
{
    const RooflineLayout layout = roofLayout(sample::llama70b().rooflines[0]);
    EXPECT_THAT(layout.points[0].name.toStdString(), HasSubstr("QKV projection, 11.9 FLOP/B, bound by memory"));
    EXPECT_THAT(layout.name.toStdString(), HasSubstr("ridge at 295 FLOP/B"));
}

TEST(RooflineLayout, HitsTheNearestPoint)
{
    const RooflineLayout layout = roofLayout(sample::llama70b().rooflines[0]);
    EXPECT_EQ(layout.pointAt(layout.points[5].position + QPointF(1, 1)), 5U);
    EXPECT_EQ(layout.pointAt(layout.plot.topLeft()), std::nullopt);
}

TEST(RooflineLayout, SurvivesTinyRectanglesAndOddFigures)
{
    Roofline roofline = sample::llama70b().rooflines[0];
    roofLayout(roofline, {1, 1});
    roofLayout(roofline, {0, 0}, 2);
    roofline.rows[0].operation.flops = 1e30;
    roofline.rows[1].operation.flops = 0;
    roofline.rows[2].operation.weight_bytes = roofline.rows[2].operation.activation_bytes = 0;
    EXPECT_THAT(roofLayout(roofline).points, SizeIs(4));
}

} // namespace weighbridge
