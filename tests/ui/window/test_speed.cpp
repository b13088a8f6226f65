// The pages Speed and Quantizations in the real window.

#include "tests/ui/window/window_fixture.h"

#include "ui/charts/compare_bars.h"
#include "ui/charts/figure_tiles.h"
#include "ui/charts/speed_chart.h"
#include "ui/charts/time_bar.h"
#include "ui/views/compare_page.h"
#include "ui/views/quantizations_page.h"
#include "ui/views/speed_page.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/table_sheet.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QPushButton>
#include <QTabBar>

namespace weighbridge::test {

namespace {

class SpeedTest : public WindowTest
{
protected:
    void openServing()
    {
        open();
        session().setField(u"inference.engine"_s, u"vllm"_s);
        session().setField(u"inference.concurrent_sequences"_s, u"12"_s);
        settle();
    }

    /// Ctrl and a digit, as a person would.
    void goTo(int key) { press(key, Qt::ControlModifier); }

    FigureTile headline(const QString& title) const
    {
        for (const FigureTile& tile : find<FigureTiles>(u"headlines"_s)->tiles())
            if (tile.title == title)
                return tile;
        ADD_FAILURE() << "no headline " << title.toStdString();
        return {};
    }

    bool waitForCurve() const
    {
        const auto* page = find<SpeedPage>(u"speedPage"_s);
        return QTest::qWaitFor([&] { return page->curve() != nullptr; });
    }

    QByteArray written() const
    {
        QFile file(nextPath);
        EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << nextPath.toStdString();
        return file.readAll();
    }
};

} // namespace

TEST_F(SpeedTest, IsTheSecondPageAndSaysTheFiguresWithTheirRanges)
{
    openServing();
    goTo(Qt::Key_2);
    const auto* tiles = find<FigureTiles>(u"speed.tiles"_s);
    ASSERT_EQ(tiles->tiles().size(), 7u);
    for (const FigureTile& tile : tiles->tiles())
        EXPECT_TRUE(tile.range.contains(u'–')) << tile.title.toStdString();
    EXPECT_GT(find<TimeBar>(u"speed.bar"_s)->partCount(), 2u);
    ASSERT_TRUE(waitForCurve());
    const auto* chart = find<SpeedChart>(u"speed.chart"_s);
    EXPECT_GT(chart->partCount(), 10u);
    EXPECT_TRUE(chart->chartLayout().own);
}

/// Where the time goes has two answers, and the roofline follows.
TEST_F(SpeedTest, FirstTokenAndNextTokensAreTwoSteps)
{
    openServing();
    goTo(Qt::Key_2);
    const QString next = find<TimeBar>(u"speed.bar"_s)->barLayout().name;
    auto* phase = find<SegmentedControl>(u"speed.phase"_s);
    phase->setFocus();
    press(Qt::Key_Right);
    EXPECT_EQ(phase->currentIndex(), 1);
    EXPECT_NE(find<TimeBar>(u"speed.bar"_s)->barLayout().name, next);
    EXPECT_EQ(find<SegmentedControl>(u"rooflinePhase"_s)->currentIndex(), 1);
    EXPECT_FALSE(find(u"rooflinePhase"_s)->isVisible());
}

TEST_F(SpeedTest, SaysWhyNothingIsKnown)
{
    open();
    session().setField(u"inference.engine"_s, u"generic"_s);
    session().setField(u"hardware.accelerator"_s, u"m4_max"_s); // no run of a server on it was measured
    settle();
    EXPECT_EQ(headline(u"First token"_s).value, u"not known"_s);
    EXPECT_TRUE(headline(u"First token"_s).toolTip.startsWith(u"Speed not known"_s));
    goTo(Qt::Key_2);
    EXPECT_FALSE(find(u"speed.tiles"_s)->isVisible());
    EXPECT_TRUE(find<QLabel>(u"speed.unknown"_s)->text().contains(u"The memory figures don’t depend on it"_s));
    EXPECT_TRUE(find(u"roofline"_s)->isVisible());
}

/// On every page, each leading to the page that says more.
TEST_F(SpeedTest, HeadlinesStandBelowTheVerdict)
{
    openServing();
    EXPECT_TRUE(headline(u"First token"_s).range.contains(u'–'));
    EXPECT_TRUE(headline(u"Each request, tok/s"_s).range.contains(u'–'));
    EXPECT_EQ(headline(u"Longest context"_s).range, u"at 12"_s);
    EXPECT_EQ(headline(u"Most requests"_s).page, u"capacity"_s);
    auto* tiles = find<FigureTiles>(u"headlines"_s);
    tiles->setFocus();
    press(Qt::Key_End);
    press(Qt::Key_Return);
    EXPECT_TRUE(find<SpeedPage>(u"speedPage"_s)->isVisible());
    session().setField(u"task"_s, u"train"_s);
    settle();
    EXPECT_FALSE(headline(u"One step"_s).value.isEmpty());
    EXPECT_FALSE(headline(u"Largest micro batch"_s).value.isEmpty());
}

TEST_F(SpeedTest, TheFormAsksForTrafficAndTargets)
{
    openServing();
    type(u"workload.answer_tokens"_s, u"256"_s);
    EXPECT_EQ(session().scenario().workload.answer_tokens, 256);
    type(u"wanted.time_to_first_token_seconds"_s, u"0.000001"_s);
    goTo(Qt::Key_2);
    const FigureTile& first = find<FigureTiles>(u"speed.tiles"_s)->tiles().front();
    EXPECT_TRUE(first.miss);
    EXPECT_TRUE(first.toolTip.contains(u"Wanted"_s)) << first.toolTip.toStdString();
}

TEST_F(SpeedTest, ExportWritesThePageInSight)
{
    openServing();
    goTo(Qt::Key_2);
    ASSERT_TRUE(waitForCurve());
    nextPath = folder.filePath(u"speed.csv"_s);
    find<QPushButton>(u"speed.csv"_s)->click();
    const QByteArray csv = written();
    EXPECT_TRUE(csv.contains("time_to_first_token_seconds"));
    EXPECT_TRUE(csv.contains("concurrent_requests"));
    nextPath = folder.filePath(u"speed.png"_s);
    press(Qt::Key_E, Qt::ControlModifier);
    EXPECT_TRUE(written().startsWith("\x89PNG"));
}

TEST_F(SpeedTest, ALadderRowIsTakenInOneStep)
{
    open();
    session().setField(u"inference.engine"_s, u"llama.cpp"_s);
    session().setField(u"hardware.accelerator"_s, u"rtx_3060_12"_s);
    settle();
    goTo(Qt::Key_5);
    const auto* page = find<QuantizationsPage>(u"quantizationsPage"_s);
    ASSERT_TRUE(QTest::qWaitFor([&] { return page->ladder() != nullptr; }, 60'000));
    auto* table = find<TableSheet>(u"quantizations.table"_s);
    const int all = table->model()->rowCount();
    ASSERT_GT(all, 10);
    EXPECT_FALSE(find(u"quantizations.use"_s)->isEnabled());
    find<QCheckBox>(u"quantizations.fitting"_s)->setChecked(true);
    const int fitting = table->model()->rowCount();
    ASSERT_GT(fitting, 1);
    EXPECT_LT(fitting, all);
    table->setFocus();
    table->setCurrentIndex(table->model()->index(1, 0));
    EXPECT_TRUE(find(u"quantizations.use"_s)->isEnabled());
    const int steps = session().undoStack().index();
    press(Qt::Key_Return);
    EXPECT_EQ(session().undoStack().index(), steps + 1);
    ASSERT_TRUE(session().scenario().precision.weights);
    EXPECT_TRUE(session().scenario().precision.weights->starts_with("gguf:"));
    EXPECT_TRUE(does_fit(session().state().estimate->fit.verdict));
    session().undoStack().undo();
    settle();
    EXPECT_FALSE(session().scenario().precision.weights);
}

TEST_F(SpeedTest, TheLadderIsOfInference)
{
    open();
    trigger(u"view.quantizations"_s);
    const auto* tabs = find<QTabBar>(u"tabs"_s);
    EXPECT_EQ(tabs->currentIndex(), 4);
    session().setField(u"task"_s, u"train"_s);
    settle();
    EXPECT_FALSE(tabs->isTabVisible(4));
    EXPECT_EQ(tabs->currentIndex(), 0);
    EXPECT_FALSE(find<QAction>(u"view.quantizations"_s)->isEnabled());
    session().setField(u"task"_s, u"inference"_s);
    settle();
    EXPECT_TRUE(tabs->isTabVisible(4));
    EXPECT_TRUE(find<QAction>(u"view.quantizations"_s)->isEnabled());
}

TEST_F(SpeedTest, WhatWasKeptIsHeldAgainstTheForm)
{
    openServing();
    press(Qt::Key_D, Qt::ControlModifier);
    press(Qt::Key_D, Qt::ControlModifier); // the same once more is no other setup
    goTo(Qt::Key_6);
    auto* page = find<ComparePage>(u"comparePage"_s);
    EXPECT_EQ(page->keptCount(), 1u);
    EXPECT_TRUE(page->tables().empty()); // of one setup there is nothing to compare
    type(u"inference.concurrent_sequences"_s, u"24"_s);
    ASSERT_FALSE(page->tables().empty());
    EXPECT_EQ(find<CompareBars>(u"compare.bars"_s)->partCount(), 2u);
    const auto* keys = find<TableSheet>(u"compare.keys"_s);
    EXPECT_GT(keys->model()->rowCount(), 0);
    EXPECT_FALSE(find<QLabel>(u"compare.reasons"_s)->text().isEmpty());
    nextPath = folder.filePath(u"compare.csv"_s);
    find<QPushButton>(u"compare.csv"_s)->click();
    EXPECT_TRUE(written().contains("inference.concurrent_sequences"));
    find<QPushButton>(u"compare.forget"_s)->click();
    EXPECT_TRUE(page->tables().empty());
}

} // namespace weighbridge::test
