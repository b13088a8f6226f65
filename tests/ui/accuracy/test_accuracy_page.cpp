// The page on made-up figures: real keys and clicks.

#include "tests/ui/accuracy/sample_accuracy.h"
#include "ui/accuracy/accuracy_page.h"
#include "ui/charts/accuracy_scatter.h"
#include "ui/theme/theme.h"
#include "ui/widgets/table_sheet.h"

#include <gmock/gmock.h>

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QTabBar>
#include <QTest>

namespace weighbridge {

using testing::HasSubstr;
using testing::Not;

namespace {

using namespace Qt::StringLiterals;

constexpr int verdict = 4; // of the figures

namespace RunColumn {
enum
{
    run,
    model,
    setup,
    predicted,
    measured,
    error,
    source,
    bar,
};
} // namespace RunColumn

class AccuracyPageTest : public ::testing::Test
{
protected:
    AccuracyPageTest() { open({1300, 800}); }

    void open(QSize size)
    {
        page.resize(size);
        page.display(sample::accuracy());
        page.show();
        QApplication::processEvents();
    }

    template<class T>
    T& find(const char* name)
    {
        T* found = page.findChild<T*>(QString::fromLatin1(name));
        EXPECT_TRUE(found) << name;
        return *found;
    }

    std::string text(const char* label) { return find<QLabel>(label).text().toStdString(); }
    AccuracyScatter& scatter() { return find<AccuracyScatter>("accuracy.scatter"); }
    TableSheet& figures() { return find<TableSheet>("accuracy.figures"); }
    TableSheet& runs() { return find<TableSheet>("accuracy.runs"); }
    std::string runInRow(int row) { return runs().model()->index(row, RunColumn::run).data().toString().toStdString(); }

    AccuracyPage page;
};

} // namespace

TEST_F(AccuracyPageTest, ShowsTheFarthestRunFirstAndWhatIsSetAsideLast)
{
    EXPECT_EQ(runInRow(0), "run-3");
    EXPECT_EQ(runInRow(3), "run-4");
    EXPECT_EQ(runs().currentIndex().row(), 0);
    EXPECT_THAT(text("accuracy.run"), HasSubstr("run-3"));
    EXPECT_THAT(text("accuracy.run"), HasSubstr("Nobody told how."));
    EXPECT_THAT(text("accuracy.run"), HasSubstr("a log in the open"));
}

TEST_F(AccuracyPageTest, SaysPlainlyWhetherTheBarIsMet)
{
    EXPECT_THAT(text("accuracy.sentence"), HasSubstr("2 of 3 runs"));
    EXPECT_THAT(text("accuracy.sentence"), HasSubstr("is missed."));
    EXPECT_THAT(text("accuracy.details"), HasSubstr("holds 1 of 2"));
    EXPECT_THAT(text("accuracy.leftOut"), HasSubstr("run-5: it has no end"));
    EXPECT_EQ(figures().model()->index(0, verdict).data().toString(), u"missed"_s);
    EXPECT_EQ(figures().model()->index(1, verdict).data().toString(), u"met"_s);
}

TEST_F(AccuracyPageTest, ArrowKeysChooseTheFigure)
{
    figures().setFocus();
    QTest::keyClick(&figures(), Qt::Key_Down);
    EXPECT_EQ(page.chosenFigure(), 1U);
    EXPECT_EQ(scatter().partCount(), 2U);
    EXPECT_EQ(runs().model()->rowCount(), 2);
    QTest::keyClick(&figures(), Qt::Key_Down);
    EXPECT_EQ(runs().model()->index(0, RunColumn::error).data().toString(), u"equal"_s);
    EXPECT_THAT(text("accuracy.sentence"), HasSubstr("equal to the printed digit"));
}

TEST_F(AccuracyPageTest, ArrowKeysInTheScatterMoveTheTable)
{
    scatter().setFocus();
    QTest::keyClick(&scatter(), Qt::Key_Home);
    EXPECT_EQ(runInRow(runs().currentIndex().row()), "run-4"); // 5 GiB, the smallest
    QTest::keyClick(&scatter(), Qt::Key_Right);
    EXPECT_EQ(runInRow(runs().currentIndex().row()), "run-1");
    QTest::keyClick(&scatter(), Qt::Key_Up);
    EXPECT_EQ(runInRow(runs().currentIndex().row()), "run-2");
    QTest::keyClick(&scatter(), Qt::Key_Down);
    EXPECT_EQ(runInRow(runs().currentIndex().row()), "run-1");
    EXPECT_THAT(text("accuracy.run"), HasSubstr("run-1"));
}

TEST_F(AccuracyPageTest, ArrowKeysInTheTableMoveTheScatter)
{
    runs().setFocus();
    QTest::keyClick(&runs(), Qt::Key_Down);
    const std::string name = runInRow(1);
    ASSERT_TRUE(scatter().currentPart());
    EXPECT_THAT(scatter().partName(*scatter().currentPart()).toStdString(), HasSubstr(name));
    EXPECT_THAT(text("accuracy.run"), HasSubstr(name));
}

TEST_F(AccuracyPageTest, AClickOnAPointChoosesItsRun)
{
    for (std::size_t part = 0; part < scatter().partCount(); ++part) {
        QTest::mouseClick(&scatter(), Qt::LeftButton, {}, scatter().partRect(part).center().toPoint());
        EXPECT_EQ(scatter().currentPart(), part);
        EXPECT_THAT(scatter().partName(part).toStdString(), HasSubstr(runInRow(runs().currentIndex().row())));
    }
}

TEST_F(AccuracyPageTest, AClickOnARowChoosesItsPoint)
{
    const QRect row = runs().visualRect(runs().model()->index(2, RunColumn::model));
    QTest::mouseClick(runs().viewport(), Qt::LeftButton, {}, row.center());
    EXPECT_THAT(scatter().partName(*scatter().currentPart()).toStdString(), HasSubstr(runInRow(2)));
}

TEST_F(AccuracyPageTest, AnotherEngineHasFiguresOfItsOwn)
{
    auto& tabs = find<QTabBar>("accuracy.engines");
    ASSERT_EQ(tabs.count(), 2);
    EXPECT_GE(tabs.height(), tabs.fontMetrics().height());
    EXPECT_TRUE(tabs.visibleRegion().contains(tabs.tabRect(1).center()));
    tabs.setFocus();
    QTest::keyClick(&tabs, Qt::Key_Right);
    EXPECT_EQ(page.chosenSet(), 1U);
    EXPECT_EQ(figures().model()->rowCount(), 1);
    EXPECT_EQ(runs().model()->rowCount(), 0);
    EXPECT_THAT(text("accuracy.about"), HasSubstr("second"));
    EXPECT_THAT(text("accuracy.sentence"), HasSubstr("No run"));
    EXPECT_EQ(text("accuracy.run"), "");
    QTest::keyClick(&tabs, Qt::Key_Left);
    EXPECT_EQ(runInRow(0), "run-3");
}

TEST_F(AccuracyPageTest, CopiesItsRows)
{
    runs().setFocus();
    QTest::keySequence(&runs(), QKeySequence::Copy);
    const std::string copied = QApplication::clipboard()->text().toStdString();
    EXPECT_THAT(copied, HasSubstr("Predicted, GiB\tMeasured"));
    EXPECT_THAT(copied, HasSubstr("run-3\tLarge"));
}

TEST_F(AccuracyPageTest, EverythingHasANameForScreenReaders)
{
    for (const char* name : {"accuracy.engines", "accuracy.figures", "accuracy.scatter", "accuracy.runs"})
        EXPECT_FALSE(find<QWidget>(name).accessibleName().isEmpty()) << name;
    for (std::size_t part = 0; part < scatter().partCount(); ++part)
        EXPECT_FALSE(scatter().partName(part).isEmpty());
    // the mark of a row is a word, too
    EXPECT_EQ(runs().model()->index(0, RunColumn::bar).data().toString(), u"beyond"_s);
}

TEST_F(AccuracyPageTest, TheTabKeyReachesEveryPart)
{
    find<QTabBar>("accuracy.engines").setFocus();
    QStringList reached;
    for (int i = 0; i < 6; ++i) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        if (QApplication::focusWidget() != nullptr)
            reached << QApplication::focusWidget()->objectName();
    }
    for (const char* name : {"accuracy.figures", "accuracy.scatter", "accuracy.runs"})
        EXPECT_TRUE(reached.contains(QString::fromLatin1(name))) << name;
}

TEST_F(AccuracyPageTest, NumbersAreNeverCutOff)
{
    for (const QSize size : {QSize(1440, 900), QSize(1024, 700), QSize(700, 600)}) {
        page.resize(size);
        QApplication::processEvents();
        for (const int column : {RunColumn::predicted, RunColumn::measured, RunColumn::error, RunColumn::run}) {
            const QFontMetrics metrics(runs().typography().number);
            for (int row = 0; row < runs().model()->rowCount(); ++row) {
                const QModelIndex index = runs().model()->index(row, column);
                EXPECT_LE(metrics.horizontalAdvance(index.data().toString()), runs().visualRect(index).width())
                    << size.width() << " " << column;
            }
        }
    }
}

TEST_F(AccuracyPageTest, NarrowWindowsPutTheRunsBelow)
{
    const auto top = [&](QWidget& widget) { return widget.mapTo(&page, QPoint(0, 0)).y(); };
    EXPECT_LT(top(runs()), top(scatter()));
    EXPECT_LE(page.minimumSizeHint().width(), 560); // or nobody could make it that narrow
    page.resize(560, 700);
    QApplication::processEvents();
    EXPECT_GT(top(runs()), top(scatter()));
    page.resize(1300, 800);
    QApplication::processEvents();
    EXPECT_LT(top(runs()), top(scatter()));
}

TEST_F(AccuracyPageTest, FollowsThePaletteAndTheFont)
{
    page.setPalette(applicationPalette(ColorMode::dark));
    QApplication::processEvents();
    EXPECT_TRUE(runs().theme().dark);
    const qreal before = scatter().chartLayout().pointRadius;
    page.setFont(scaled(page.font(), 2));
    QApplication::processEvents();
    EXPECT_NEAR(scatter().chartLayout().pointRadius, 2 * before, 0.6);
}

} // namespace weighbridge
