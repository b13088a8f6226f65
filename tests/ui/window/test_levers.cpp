// What would make it fit, below the verdict and on its page, in the real window.

#include "tests/ui/window/window_fixture.h"

#include "ui/views/levers_line.h"
#include "ui/views/levers_page.h"
#include "ui/widgets/table_sheet.h"

#include <QCheckBox>
#include <QPushButton>
#include <QTabBar>

namespace weighbridge::test {

namespace {

class LeversTest : public WindowTest
{
protected:
    void openTooLarge()
    {
        open();
        EXPECT_FALSE(find<LeversLine>(u"leversLine"_s)->isVisible());
        session().setField(u"inference.engine"_s, u"vllm"_s);
        session().setField(u"hardware.accelerator"_s, u"rtx_3060_12"_s);
        settle();
        ASSERT_FALSE(does_fit(session().state().estimate->fit.verdict));
    }

    const LeversPage* openPage()
    {
        trigger(u"view.levers"_s);
        settle();
        const auto* page = find<LeversPage>(u"leversPage"_s);
        EXPECT_TRUE(QTest::qWaitFor([&] { return page->levers() != nullptr; }, 60'000));
        return page;
    }
};

TEST_F(LeversTest, StandBelowAVerdictThatDoesNotFit)
{
    openTooLarge();
    const auto* line = find<LeversLine>(u"leversLine"_s);
    auto* first = find<QPushButton>(u"leversLine.0"_s);
    ASSERT_TRUE(QTest::qWaitFor([&] { return first->isVisible() && first->isEnabled(); }, 60'000));
    EXPECT_FALSE(first->text().isEmpty());
    const int steps = session().undoStack().index();
    first->click();
    settle();
    EXPECT_EQ(session().undoStack().index(), steps + 1);
    EXPECT_TRUE(does_fit(session().state().estimate->fit.verdict));
    EXPECT_FALSE(line->isVisible());
    session().undoStack().undo();
    settle();
    EXPECT_FALSE(does_fit(session().state().estimate->fit.verdict));
}

TEST_F(LeversTest, AllOfThemAreAPageWhoseRowsAreApplied)
{
    openTooLarge();
    auto* all = find<QPushButton>(u"leversLine.all"_s);
    ASSERT_TRUE(QTest::qWaitFor([&] { return all->isVisible(); }, 60'000));
    all->click();
    settle();
    const auto* page = find<LeversPage>(u"leversPage"_s);
    EXPECT_TRUE(page->isVisible());
    ASSERT_TRUE(QTest::qWaitFor([&] { return page->levers() != nullptr; }, 60'000));
    auto* table = find<TableSheet>(u"levers.table"_s);
    const int count = table->model()->rowCount();
    EXPECT_EQ(count, static_cast<int>(page->levers()->list.size()));
    auto* sufficing = find<QCheckBox>(u"levers.sufficing"_s);
    EXPECT_TRUE(sufficing->isVisible());
    sufficing->setChecked(true);
    EXPECT_LT(table->model()->rowCount(), count);
    ASSERT_GT(table->model()->rowCount(), 0);
    EXPECT_FALSE(find(u"levers.apply"_s)->isEnabled());
    table->setFocus();
    table->setCurrentIndex(table->model()->index(table->model()->rowCount() - 1, 1));
    EXPECT_TRUE(find(u"levers.apply"_s)->isEnabled());
    press(Qt::Key_Return);
    settle();
    EXPECT_TRUE(does_fit(session().state().estimate->fit.verdict));
}

TEST_F(LeversTest, AreOfTrainingToo)
{
    open();
    session().setField(u"task"_s, u"fine_tune"_s);
    settle();
    const LeversPage* page = openPage();
    EXPECT_FALSE(page->levers()->list.empty());
    EXPECT_FALSE(page->tables().empty());
    EXPECT_FALSE(find(u"levers.sufficing"_s)->isVisible()); // it fits
}

} // namespace

} // namespace weighbridge::test
