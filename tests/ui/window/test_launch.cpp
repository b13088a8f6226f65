// The page Launch in the real window.

#include "tests/ui/window/window_fixture.h"

#include "ui/views/launch_page.h"
#include "ui/widgets/table_sheet.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabBar>

namespace weighbridge::test {

namespace {

class LaunchTest : public WindowTest
{
protected:
    void goToLaunch()
    {
        auto* tabs = find<QTabBar>(u"tabs"_s);
        for (int page = 0; page < tabs->count(); ++page)
            if (tabs->tabText(page) == u"Launch"_s)
                press(Qt::Key_1 + page, Qt::ControlModifier);
        ASSERT_TRUE(find(u"launchPage"_s)->isVisible());
    }

    QString command() const { return find<QPlainTextEdit>(u"launch.text"_s)->toPlainText(); }
};

} // namespace

TEST_F(LaunchTest, WritesWhatWasChosenAndFollowsTheForm)
{
    open();
    session().setField(u"inference.engine"_s, u"vllm"_s);
    session().setField(u"hardware.tensor_parallel"_s, u"4"_s);
    settle();
    goToLaunch();
    EXPECT_TRUE(command().startsWith(u"vllm serve "_s)) << command().toStdString();
    EXPECT_TRUE(command().contains(u"--tensor-parallel-size 4"_s)) << command().toStdString();
    EXPECT_FALSE(command().contains(u"--pipeline-parallel-size"_s)) << command().toStdString();
    type(u"inference.gpu_memory_utilization"_s, u"0.8"_s);
    EXPECT_TRUE(command().contains(u"--gpu-memory-utilization 0.8"_s)) << command().toStdString();
    find<QPushButton>(u"launch.copy"_s)->click();
    EXPECT_EQ(QGuiApplication::clipboard()->text().trimmed(), command().trimmed());
}

TEST_F(LaunchTest, AContainerIsAnotherWayToStartTheSame)
{
    open();
    session().setField(u"inference.engine"_s, u"vllm"_s);
    settle();
    goToLaunch();
    auto* way = find<QComboBox>(u"launch.way"_s);
    ASSERT_GT(way->count(), 1);
    way->setCurrentIndex(1);
    EXPECT_TRUE(command().startsWith(u"docker run"_s)) << command().toStdString();
    session().setField(u"task"_s, u"fine_tune"_s);
    session().setField(u"fine_tune.framework"_s, u"trl"_s);
    settle();
    EXPECT_EQ(way->currentIndex(), 0);
    EXPECT_TRUE(command().startsWith(u"trl sft"_s)) << command().toStdString();
}

TEST_F(LaunchTest, FormulasAloneHaveNoCommand)
{
    open();
    session().setField(u"inference.engine"_s, u"generic"_s);
    settle();
    goToLaunch();
    EXPECT_FALSE(find(u"launch.text"_s)->isVisible());
    EXPECT_FALSE(find(u"launch.copy"_s)->isVisible());
    EXPECT_TRUE(find<QLabel>(u"launch.words"_s)->text().contains(u"Choose an engine"_s));
}

} // namespace weighbridge::test
