#include "ui/charts/timeline_layout.h"

#include "tests/ui/support/sample_estimate.h"
#include "ui/export/timeline_picture.h"
#include "ui/views/timeline_view.h"

#include "ui/charts/timeline_chart.h"

#include <gmock/gmock.h>

#include <QComboBox>
#include <QGuiApplication>
#include <QImage>
#include <QLabel>
#include <QPainter>
#include <QTest>

namespace weighbridge {

namespace {

constexpr std::int64_t timelineGib = std::int64_t{1} << 30;

TimelinePoint pointOf(std::int64_t stage, std::string_view operation, std::string label, std::int64_t weights,
                      std::int64_t activations)
{
    TimelinePoint point;
    point.moment = "forward_end";
    point.stage = stage;
    point.operation = operation;
    point.label = std::move(label);
    point.bytes[static_cast<std::size_t>(TimelineKind::weights)] = {weights * timelineGib};
    point.bytes[static_cast<std::size_t>(TimelineKind::activations)] = {activations * timelineGib};
    point.total = {(weights + activations) * timelineGib};
    return point;
}

/// Two stages; figures typed in.
std::shared_ptr<Timeline> typedTimeline()
{
    auto timeline = std::make_shared<Timeline>();
    timeline->points = {pointOf(0, "forward", "Layer 0 forward", 20, 10),
                        pointOf(0, "optimizer_step", "Optimizer step", 20, 0),
                        pointOf(1, "forward", "Layer 1 forward", 20, 20),
                        pointOf(1, "loss", "Loss", 20, 40),
                        pointOf(1, "backward_attention", "Layer 1 back, attention", 20, 30),
                        pointOf(1, "optimizer_step", "Optimizer step", 20, 0)};
    timeline->points[3].peak = true;
    timeline->fullest = 1;
    return timeline;
}

EstimatePointer withTimeline()
{
    Estimate estimate = sample::training();
    estimate.timeline = typedTimeline();
    return sample::shared(std::move(estimate));
}

TimelineLayout timelineLayout(std::int64_t stage, QSizeF size = {700, 300})
{
    const EstimatePointer estimate = withTimeline();
    return TimelineLayout::of(*estimate, *estimate->timeline, stage, ByteUnit::gib, {QPointF(0, 0), size},
                              Typography::from(QGuiApplication::font()));
}

} // namespace

TEST(TimelineLayout, ColumnsFillThePlotAndAreAsHighAsTheirBytes)
{
    const TimelineLayout layout = timelineLayout(1);
    ASSERT_EQ(layout.columns.size(), 4U);
    EXPECT_NEAR(layout.columns.front().rect.left(), layout.plot.left(), 0.01);
    EXPECT_NEAR(layout.columns.back().rect.right(), layout.plot.right(), 0.01);
    const auto height = [&](std::size_t column) {
        qreal sum = 0;
        for (const TimelineSegment& segment : layout.columns[column].segments)
            sum += segment.rect.height();
        return sum;
    };
    EXPECT_NEAR(height(1) / height(3), 60.0 / 20, 0.01);
    EXPECT_NEAR(height(0) / height(3), 40.0 / 20, 0.01);
    EXPECT_NEAR(layout.columns[1].segments[1].rect.height(), 2 * layout.columns[1].segments[0].rect.height(), 0.01);
    EXPECT_LE(layout.columns[1].segments.back().rect.bottom(), layout.columns[1].segments.front().rect.top() + 0.01)
        << "one on top of the other";
    ASSERT_EQ(layout.legend.size(), 2U) << "of what is there alone";
    EXPECT_EQ(layout.legend[0].label.text, QStringLiteral("Weights"));
}

TEST(TimelineLayout, ThePeakIsMarkedOnItsStageAlone)
{
    const TimelineLayout fullest = timelineLayout(1);
    EXPECT_EQ(fullest.peakLabel.text, QStringLiteral("60.00\u00A0GiB peak"));
    EXPECT_TRUE(fullest.columns[1].peak);
    EXPECT_EQ(fullest.columns[1].name, QStringLiteral("Loss: 60.00\u00A0GiB, peak"));
    EXPECT_THAT(fullest.columns[1].toolTip.toStdString(), ::testing::HasSubstr("Activations: 40.00"));
    EXPECT_GE(fullest.peakLabel.rect.left(), fullest.plot.left() - 0.01);
    EXPECT_LE(fullest.peakLabel.rect.right(), fullest.plot.right() + 0.01);
    EXPECT_FALSE(timelineLayout(0).peakLabel.shown());
}

TEST(TimelineLayout, PhasesStandBelowTheirPoints)
{
    const TimelineLayout layout = timelineLayout(1);
    QStringList names;
    for (const TimelinePhase& phase : layout.phases)
        names << phase.label.text;
    EXPECT_EQ(names, QStringList({QStringLiteral("Forward"), QStringLiteral("Loss"), QStringLiteral("Backward"),
                                  QStringLiteral("Optimizer step")}));
    for (std::size_t i = 0; i < layout.phases.size(); ++i)
        EXPECT_NEAR(layout.phases[i].label.rect.center().x(), layout.columns[i].rect.center().x(), 1);
}

TEST(TimelineLayout, TheMouseFindsItsColumn)
{
    const TimelineLayout layout = timelineLayout(1);
    for (std::size_t i = 0; i < layout.columns.size(); ++i)
        EXPECT_EQ(layout.columnAt(layout.columns[i].rect.center()), i);
    EXPECT_FALSE(layout.columnAt({0, 0}));
}

TEST(TimelineLayout, SmallAndEmptyOnesAreDrawnWithoutHarm)
{
    for (const QSizeF size : {QSizeF(1, 1), QSizeF(120, 80), QSizeF(3000, 900)}) {
        const TimelineLayout layout = timelineLayout(1, size);
        QImage image(size.toSize(), QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        layout.paint(painter, Theme::from(applicationPalette(ColorMode::dark)),
                     Typography::from(QGuiApplication::font()), 1);
    }
    EXPECT_TRUE(timelineLayout(7).columns.empty());
}

TEST(TimelineView, TheKeyboardGoesFromPointToPointAndTellsThem)
{
    TimelineView view;
    view.resize(700, 500);
    const EstimatePointer estimate = withTimeline();
    view.display({estimate, false, ByteUnit::gib});
    EXPECT_FALSE(view.isVisibleTo(nullptr));
    view.showAnswers(estimate, estimate);
    view.show();
    auto* chart = view.findChild<TimelineChart*>(QStringLiteral("timelineChart"));
    auto* told = view.findChild<QLabel*>(QStringLiteral("timelinePoint"));
    EXPECT_EQ(view.findChild<QComboBox*>(QStringLiteral("timelineStage"))->currentIndex(), 1) << "the fullest";
    EXPECT_EQ(chart->currentPart(), 1U) << "the peak";
    EXPECT_TRUE(told->text().startsWith(QStringLiteral("Loss: 60.00")));
    QTest::keyClick(chart, Qt::Key_Right);
    EXPECT_TRUE(told->text().startsWith(QStringLiteral("Layer 1 back, attention: 50.00")));
    view.findChild<QComboBox*>(QStringLiteral("timelineStage"))->setCurrentIndex(0);
    EXPECT_EQ(chart->partCount(), 2U);
}

TEST(TimelineView, ExportsPictureAndTable)
{
    TimelineView view;
    const EstimatePointer estimate = withTimeline();
    view.display({estimate, false, ByteUnit::gib});
    view.showAnswers(estimate, estimate);
    std::vector<WantedFile> wanted;
    QObject::connect(&view, &TimelineView::exportWanted, [&](const WantedFile& one) { wanted.push_back(one); });
    for (const char* button : {"timeline.png", "timeline.csv"})
        QMetaObject::invokeMethod(view.findChild<QWidget*>(QString::fromLatin1(button)), "click");
    ASSERT_EQ(wanted.size(), 2U);
    const auto png = wanted[0].bytes();
    ASSERT_TRUE(png);
    EXPECT_TRUE(png->startsWith("\x89PNG"));
    const auto csv = wanted[1].bytes();
    ASSERT_TRUE(csv);
    EXPECT_TRUE(csv->startsWith("timeline_moment,") || csv->startsWith("moment,"));
    EXPECT_EQ(csv->count('\n'), 1 + 6);
}

TEST(TimelineView, AnswersAboutAnotherEstimateAreNotShown)
{
    TimelineView view;
    view.display({withTimeline(), false, ByteUnit::gib});
    const EstimatePointer other = withTimeline();
    view.showAnswers(other, other);
    EXPECT_TRUE(view.isHidden());
}

} // namespace weighbridge
