#include "ui/widgets/tab_steps.h"

#include <QShortcut>
#include <QTabBar>

namespace weighbridge {

namespace {

void stepTab(QTabBar* tabs, int step)
{
    const int count = tabs->count();
    for (int i = 1; i <= count; ++i) {
        const int next = ((tabs->currentIndex() + i * step) % count + count) % count;
        if (tabs->isTabVisible(next) && tabs->isTabEnabled(next)) {
            tabs->setCurrentIndex(next);
            return;
        }
    }
}

} // namespace

void stepTabsByKeys(QTabBar* tabs, QWidget* window)
{
    auto* next = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Tab), window);
    auto* previous = new QShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Tab), window);
    QObject::connect(next, &QShortcut::activated, tabs, [tabs] { stepTab(tabs, 1); });
    QObject::connect(previous, &QShortcut::activated, tabs, [tabs] { stepTab(tabs, -1); });
}

} // namespace weighbridge
