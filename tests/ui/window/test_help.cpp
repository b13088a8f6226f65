// What stands under Help.

#include "tests/ui/window/window_fixture.h"

#include "ui/accuracy/accuracy_page.h"
#include "ui/accuracy/accuracy_window.h"

#include <QFile>
#include <QPushButton>

namespace weighbridge::test {

namespace {

class HelpTest : public WindowTest
{
protected:
    AccuracyWindow* accuracy() const { return window->findChild<AccuracyWindow*>(u"accuracy"_s); }
};

} // namespace

TEST_F(HelpTest, PredictedAgainstMeasuredIsAWindowBeside)
{
    open();
    trigger(u"help.accuracy"_s);
    ASSERT_NE(accuracy(), nullptr);
    EXPECT_TRUE(accuracy()->isWindow());
    EXPECT_FALSE(accuracy()->isModal());
    ASSERT_TRUE(QTest::qWaitFor([this] { return accuracy()->page().isVisible(); }, 30'000));
    trigger(u"help.accuracy"_s); // again: the same one
    EXPECT_EQ(window->findChildren<AccuracyWindow*>().size(), 1);
    // the window's own way of asking for paths
    nextPath = folder.filePath(u"accuracy.md"_s);
    QTest::mouseClick(find<QPushButton>(u"accuracy.md"_s), Qt::LeftButton);
    EXPECT_TRUE(QFile::exists(nextPath));
}

TEST_F(HelpTest, ClosesWithTheMainWindow)
{
    open();
    trigger(u"help.accuracy"_s);
    window->close();
    EXPECT_TRUE(accuracy() == nullptr || !accuracy()->isVisible());
}

} // namespace weighbridge::test
