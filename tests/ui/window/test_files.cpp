#include "tests/ui/window/window_fixture.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFile>
#include <QMimeData>
#include <QTextBrowser>
#include <QUrl>

namespace weighbridge::test {

namespace {

class Files : public WindowTest
{
protected:
    void drop(const QList<QUrl>& urls)
    {
        QMimeData data;
        data.setUrls(urls);
        QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(window.get(), &enter);
        EXPECT_TRUE(enter.isAccepted());
        QDropEvent event(QPointF(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(window.get(), &event);
        settle();
    }

    QString title() const { return window->windowTitle(); }
};

TEST_F(Files, AConfigIsDroppedAndTakenInOneUndoStep)
{
    open();
    drop({QUrl::fromLocalFile(write(u"tiny.json"_s, smallLlama))});
    EXPECT_TRUE(title().startsWith(u"tiny on"_s)) << title().toStdString();
    EXPECT_EQ(session().undoStack().count(), 1);
    press(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(title().startsWith(u"Llama-3.1-8B on"_s));
}

TEST_F(Files, AModelFolderIsDropped)
{
    open();
    QDir(folder.path()).mkpath(u"my-model"_s);
    write(u"my-model/config.json"_s, smallLlama);
    drop({QUrl::fromLocalFile(folder.filePath(u"my-model"_s))});
    EXPECT_TRUE(title().startsWith(u"my-model on"_s)) << title().toStdString();
}

TEST_F(Files, WhatIsNoModelIsSaidAndChangesNothing)
{
    open();
    const Scenario before = session().scenario();
    QDir(folder.path()).mkpath(u"empty"_s);
    const QList<QUrl> bad{QUrl::fromLocalFile(write(u"a.json"_s, "garbage")),
                          QUrl::fromLocalFile(write(u"b.json"_s, "[]")),
                          QUrl::fromLocalFile(write(u"e.json"_s, QByteArray(100'000, '['))),
                          QUrl::fromLocalFile(write(u"f.json"_s, QByteArray(qsizetype{20} * 1024 * 1024, ' '))),
                          QUrl::fromLocalFile(folder.filePath(u"empty"_s)),
                          QUrl::fromLocalFile(folder.filePath(u"not-there"_s)),
                          QUrl(u"https://example.org/x"_s)};
    for (const QUrl& url : bad) {
        drop({url});
        const auto* status = find<QLabel>(u"hub.status"_s);
        EXPECT_TRUE(!messageText().isEmpty() || status->text().contains(u"config.json"_s))
            << url.toString().toStdString();
        EXPECT_EQ(session().scenario(), before) << url.toString().toStdString();
        find<QWidget>(u"message"_s)->hide();
    }
}

TEST_F(Files, FilesDroppedOnAFieldAreForTheWindow)
{
    open();
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(folder.path())});
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    enter.ignore();
    QCoreApplication::sendEvent(find(u"hub.id"_s), &enter);
    EXPECT_EQ(find<QLineEdit>(u"hub.id"_s)->text(), QString());
}

TEST_F(Files, AScenarioIsSavedAndOpenedAgain)
{
    open();
    type(u"inference.sequence_length"_s, u"32k"_s);
    type(u"model.num_layers"_s, u"40"_s);
    const Scenario saved = session().scenario();
    nextPath = folder.filePath(u"mine.json"_s);
    trigger(u"file.save"_s);
    EXPECT_TRUE(messageText().contains(u"mine.json"_s));
    session().setField(u"inference.sequence_length"_s, u"100"_s);
    settle();
    trigger(u"file.open"_s);
    EXPECT_EQ(session().scenario().inference, saved.inference);
    EXPECT_EQ(session().model()->architecture.layers(), 40);
}

TEST_F(Files, ReportsAndPicturesAreWritten)
{
    open();
    for (const QString& ending : {u"png"_s, u"svg"_s, u"pdf"_s, u"csv"_s, u"json"_s, u"md"_s}) {
        nextPath = folder.filePath(u"out."_s + ending);
        trigger(u"export."_s + ending);
        QFile file(nextPath);
        ASSERT_TRUE(file.open(QIODevice::ReadOnly)) << ending.toStdString();
        EXPECT_GT(file.size(), 300) << ending.toStdString();
        EXPECT_TRUE(messageText().contains(nextPath));
    }
}

TEST_F(Files, AFailedExportNamesPathAndReason)
{
    open();
    nextPath = folder.filePath(u"no-such-folder/out.csv"_s);
    trigger(u"export.csv"_s);
    EXPECT_TRUE(messageText().contains(nextPath)) << messageText().toStdString();
}

TEST_F(Files, PictureAndTableGoToTheClipboard)
{
    open();
    trigger(u"edit.copyPicture"_s);
    EXPECT_FALSE(QApplication::clipboard()->image().isNull());
    trigger(u"edit.copyTable"_s);
    EXPECT_TRUE(QApplication::clipboard()->text().contains(u"Weights"_s));
}

TEST_F(Files, HelpQuotesTheCitationOfTheWebForm)
{
    open();
    trigger(u"help.citation"_s);
    const auto* text = window->findChild<QTextBrowser*>(u"help.text"_s);
    ASSERT_NE(text, nullptr);
    EXPECT_TRUE(text->toPlainText().contains(u"eprint={2411.06465}"_s));
    EXPECT_FALSE(text->window()->isModal());
    trigger(u"help.notes"_s);
    EXPECT_TRUE(text->toPlainText().contains(u"SSM-based models (Mamba, RWKV, etc.)"_s));
    trigger(u"help.references"_s);
    EXPECT_TRUE(text->toPlainText().contains(u"kipply"_s));
}

} // namespace

} // namespace weighbridge::test
