// The window on the bundled runs: computes beside the window, can be stopped, writes what it shows.

#include "ui/accuracy/accuracy_page.h"
#include "ui/accuracy/accuracy_picture.h"
#include "ui/accuracy/accuracy_task.h"
#include "ui/accuracy/accuracy_window.h"
#include "ui/widgets/table_sheet.h"

#include "core/accuracy/reports.h"
#include "core/report/table_writers.h"

#include <gmock/gmock.h>

#include <QApplication>
#include <QFile>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace weighbridge {

using testing::HasSubstr;

namespace {

using namespace Qt::StringLiterals;

constexpr int longest = 30'000; // milliseconds, on a busy machine

class AccuracyWindowTest : public ::testing::Test
{
protected:
    AccuracyWindowTest()
    {
        window = std::make_unique<AccuracyWindow>(
            [this](QWidget*, const QString&, const QString& suggested, const auto& answer) {
                asked << suggested;
                if (!path.isEmpty())
                    answer(path);
            });
        window->resize(1200, 800);
    }

    void wait()
    {
        window->present();
        ASSERT_TRUE(QTest::qWaitFor([this] { return window->page().isVisible(); }, longest));
    }

    QPushButton& button(const char* name) { return *window->findChild<QPushButton*>(QString::fromLatin1(name)); }
    void press(const char* name)
    {
        button(name).setFocus();
        QTest::keyClick(&button(name), Qt::Key_Space);
    }
    QByteArray written() const
    {
        QFile file(path);
        EXPECT_TRUE(file.open(QIODevice::ReadOnly));
        return file.readAll();
    }

    QTemporaryDir folder;
    QString path;
    QStringList asked;
    std::unique_ptr<AccuracyWindow> window;
};

} // namespace

TEST_F(AccuracyWindowTest, ComputesBesideAndThenShowsEveryEngine)
{
    window->present();
    EXPECT_FALSE(window->page().isVisible()); // at once, with the bar in place of the page
    EXPECT_TRUE(window->findChild<QProgressBar*>(u"accuracy.progress"_s)->isVisible());
    wait();
    EXPECT_EQ(window->findChild<QTabBar*>(u"accuracy.engines"_s)->count(), static_cast<int>(measured_sets().size()));
    EXPECT_GE(window->findChild<TableSheet*>(u"accuracy.runs"_s)->model()->rowCount(), 50);
    EXPECT_TRUE(button("accuracy.csv").isVisible());
    QApplication::processEvents();
    const auto* tabs = window->findChild<QTabBar*>(u"accuracy.engines"_s);
    EXPECT_GE(tabs->height(), tabs->fontMetrics().height());
}

TEST_F(AccuracyWindowTest, CanBeStoppedAndBegunAgain)
{
    window->present();
    press("accuracy.stop");
    ASSERT_TRUE(QTest::qWaitFor([this] { return button("accuracy.again").isVisible(); }, longest));
    EXPECT_EQ(window->page().accuracy(), nullptr);
    press("accuracy.again");
    ASSERT_TRUE(QTest::qWaitFor([this] { return window->page().isVisible(); }, longest));
    EXPECT_NE(window->page().accuracy(), nullptr);
}

TEST_F(AccuracyWindowTest, MayBeClosedAtAnyTime)
{
    window->present();
    window.reset(); // while it computes: stops and waits
    AccuracyTask task;
    const QSignalSpy progress(&task, &AccuracyTask::progressed);
    const QSignalSpy finished(&task, &AccuracyTask::finished);
    task.start();
    task.start(); // twice is once
    ASSERT_TRUE(QTest::qWaitFor([&] { return !finished.isEmpty(); }, longest));
    EXPECT_EQ(finished.size(), 1);
    EXPECT_GT(progress.size(), 5);
    EXPECT_FALSE(task.isRunning());
}

TEST_F(AccuracyWindowTest, TheTabKeyGoesThroughItAsItIsRead)
{
    wait();
    QStringList reached;
    for (int i = 0; i < 7; ++i) {
        reached << QApplication::focusWidget()->objectName();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    }
    EXPECT_EQ(reached, (QStringList{u"accuracy.figures"_s, u"accuracy.scatter"_s, u"accuracy.runs"_s, u"accuracy.png"_s,
                                    u"accuracy.csv"_s, u"accuracy.md"_s, u"accuracy.engines"_s}));
}

TEST_F(AccuracyWindowTest, EscapeClosesIt)
{
    wait();
    QTest::keyClick(window.get(), Qt::Key_Escape);
    EXPECT_FALSE(window->isVisible());
}

TEST_F(AccuracyWindowTest, WritesTheTablesAndTheReport)
{
    wait();
    path = folder.filePath(u"a.csv"_s);
    press("accuracy.csv");
    EXPECT_EQ(written().toStdString(), tables_csv(accuracy_tables(*window->page().accuracy())));
    path = folder.filePath(u"a.md"_s);
    press("accuracy.md");
    EXPECT_EQ(written().toStdString(), accuracy_markdown(*window->page().accuracy()));
    EXPECT_EQ(asked, (QStringList{u"accuracy.csv"_s, u"accuracy.md"_s}));
}

TEST_F(AccuracyWindowTest, WritesThePictureOfTheChosenFigure)
{
    wait();
    auto* figures = window->findChild<TableSheet*>(u"accuracy.figures"_s);
    figures->setFocus();
    QTest::keyClick(figures, Qt::Key_Down);
    path = folder.filePath(u"a.png"_s);
    press("accuracy.png");
    EXPECT_EQ(asked, QStringList{u"vllm-kv_bytes_per_token.png"_s});
    const QImage image = QImage::fromData(written(), "PNG");
    const SetAccuracy& set = window->page().accuracy()->sets.front();
    EXPECT_EQ(image.size(), accuracyImage(set, set.figures[1]).size());
    EXPECT_EQ(image.convertToFormat(QImage::Format_RGB32).pixel(0, 0), qRgb(255, 255, 255));
}

TEST_F(AccuracyWindowTest, SaysWhyAFileWasNotWritten)
{
    wait();
    path = folder.filePath(u"no such folder/a.csv"_s);
    press("accuracy.csv");
    const QString message = window->findChild<QLabel*>(u"accuracy.message"_s)->toolTip() +
                            window->findChild<QLabel*>(u"accuracy.message"_s)->text();
    EXPECT_THAT(message.toStdString(), HasSubstr("can't be written"));
}

TEST_F(AccuracyWindowTest, NothingIsCutOffWithATwiceAsLargeFont)
{
    window->setFont(scaled(window->font(), 2));
    window->resize(1024, 700);
    wait();
    QApplication::processEvents();
    EXPECT_LE(window->width(), 1024);
    EXPECT_LE(window->height(), 700);
    EXPECT_LE(window->minimumSizeHint().width(), 700); // nothing forces it wider: on desktops fonts are larger still
    for (const char* name : {"accuracy.png", "accuracy.csv", "accuracy.md"})
        EXPECT_GE(button(name).width(), button(name).sizeHint().width()) << name;
}

} // namespace weighbridge
