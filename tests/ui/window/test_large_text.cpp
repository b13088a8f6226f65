// Text in twice the size, in the windows that people have: nothing is cut off, nothing scrolls across.

#include "tests/ui/window/window_fixture.h"

#include "ui/window/result_pane.h"

#include <QApplication>
#include <QScrollArea>
#include <QScrollBar>
#include <QTabBar>

namespace weighbridge::test {

namespace {

class LargeText : public WindowTest
{
protected:
    void settleLayout()
    {
        settle();
        for (int i = 0; i < 6; ++i)
            QApplication::processEvents();
    }

    /// The deepest widgets that ask for more than a page has: whom to blame.
    static QStringList tooWide(const QWidget* widget, int room)
    {
        QStringList names;
        for (const QWidget* child : widget->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly))
            if (child->isVisible() && !child->isWindow() && child->minimumSizeHint().width() > room)
                names += tooWide(child, room);
        if (names.isEmpty())
            names << QString::fromLatin1(widget->metaObject()->className()) + u" "_s + widget->objectName() + u' ' +
                         QString::number(widget->minimumSizeHint().width());
        return names;
    }

    void expectNothingScrollsAcross(const QString& where)
    {
        auto* pane = window->findChild<ResultPane*>();
        ASSERT_NE(pane, nullptr);
        for (int page = 0; page < pane->pageCount(); ++page) {
            pane->setPage(page);
            settleLayout();
            for (QScrollArea* area : pane->findChildren<QScrollArea*>()) {
                if (!area->isVisible() || area->widget() == nullptr)
                    continue;
                const int room = area->viewport()->width();
                EXPECT_LE(area->widget()->width(), room) << where.toStdString() << ", page " << page << ": "
                                                         << tooWide(area->widget(), room).join(u", "_s).toStdString();
            }
        }
        for (QScrollArea* area : window->findChildren<QScrollArea*>(u"form.area"_s))
            EXPECT_LE(area->widget()->width(), area->viewport()->width()) << where.toStdString();
        EXPECT_LE(pane->geometry().right(), window->width()) << where.toStdString();
    }
};

} // namespace

TEST_F(LargeText, NoPageScrollsAcross)
{
    for (const QSize size : {QSize(1024, 700), QSize(1500, 950), QSize(1920, 1080)}) {
        open(size);
        session().setField(u"inference.engine"_s, u"vllm"_s);
        for (const int step : {0, 5, 10}) {
            window->setFontStep(step);
            for (const char* task : {"inference", "train"}) {
                session().setField(u"task"_s, QString::fromLatin1(task));
                settleLayout();
                EXPECT_EQ(window->size(), size) << step;
                expectNothingScrollsAcross(QString::number(size.width()) + u" x "_s + QString::number(step) + u' ' +
                                           QString::fromLatin1(task));
            }
        }
        window->setFontStep(0);
        close();
    }
}

} // namespace weighbridge::test
