#include "ui/widgets/sheet_view.h"

#include "ui/theme/focus_ring.h"
#include "ui/widgets/sheet_header.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QWheelEvent>

namespace weighbridge {

namespace {

QScrollArea* pageOf(const QWidget* widget)
{
    for (QWidget* parent = widget->parentWidget(); parent; parent = parent->parentWidget())
        if (auto* page = qobject_cast<QScrollArea*>(parent))
            return page;
    return nullptr;
}

} // namespace

SheetView::SheetView(QWidget* parent) : QTreeView(parent)
{
    typography_ = Typography::from(font());
    spacing_ = Spacing::from(font());
    setHeader(new SheetHeader(this));
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setAnimated(false);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    viewport()->setBackgroundRole(QPalette::Window);
    followPalette();
    connect(this, &QTreeView::expanded, this, &SheetView::fitHeight);
    connect(this, &QTreeView::collapsed, this, &SheetView::fitHeight);
}

void SheetView::setStale(bool stale)
{
    if (stale_ == stale)
        return;
    stale_ = stale;
    followPalette();
    Q_EMIT appearanceChanged();
    viewport()->update();
}

void SheetView::followPalette()
{
    const QPalette outer = parentWidget() ? parentWidget()->palette() : QPalette();
    theme_ = Theme::from(outer);
    focusInk_ = theme_.accent;
    if (stale_)
        theme_ = theme_.greyed();
    // The style paints the current row itself; a tint in place of the full highlight keeps the text readable as it is.
    // Only these two roles are its own: all others go on following the window.
    QPalette tinted;
    for (const auto group : {QPalette::Active, QPalette::Inactive}) {
        tinted.setColor(group, QPalette::Highlight, group == QPalette::Active ? theme_.accentTint : theme_.surface);
        tinted.setColor(group, QPalette::HighlightedText, theme_.text);
    }
    settingPalette_ = true;
    setPalette(tinted);
    settingPalette_ = false;
    viewport()->update();
    header()->viewport()->update();
}

void SheetView::changeEvent(QEvent* event)
{
    QTreeView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !settingPalette_) {
        followPalette();
        Q_EMIT appearanceChanged();
    } else if (event->type() == QEvent::FontChange) {
        typography_ = Typography::from(font());
        spacing_ = Spacing::from(font());
        Q_EMIT appearanceChanged();
        scheduleDelayedItemsLayout();
    }
}

int SheetView::contentHeight() const
{
    int rows = 0;
    QModelIndex index = model() ? model()->index(0, 0) : QModelIndex();
    while (index.isValid()) {
        rows += rowHeight(index);
        index = indexBelow(index);
    }
    return rows + header()->sizeHint().height();
}

void SheetView::fitHeight()
{
    const int height = contentHeight();
    if (height == height_)
        return;
    height_ = height;
    updateGeometry();
}

void SheetView::updateGeometries()
{
    QTreeView::updateGeometries();
    fitHeight();
}

QSize SheetView::sizeHint() const
{
    return {40 * spacing_.l, height_};
}

QSize SheetView::minimumSizeHint() const
{
    return {10 * spacing_.l, height_};
}

void SheetView::drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const QRect row(0, option.rect.top(), viewport()->width(), option.rect.height());
    const bool focused = hasFocus() && index.row() == currentIndex().row() && index.parent() == currentIndex().parent();
    if (focused)
        painter->fillRect(row, theme_.accentTint);
    QTreeView::drawRow(painter, option, index);
    painter->fillRect(QRect(0, option.rect.bottom(), viewport()->width(), 1), theme_.border);
    if (focused)
        paintFocusRing(*painter, QRectF(row), focusInk_, theme_.accentTint);
}

void SheetView::currentChanged(const QModelIndex& current, const QModelIndex& previous)
{
    QTreeView::currentChanged(current, previous);
    if (!hasFocus())
        return;
    viewport()->update(); // the ring is of whole rows, of which the view paints single cells anew
    showInPage(current);
}

void SheetView::showInPage(const QModelIndex& index)
{
    QScrollArea* page = pageOf(this);
    if (!page || !page->widget() || !index.isValid())
        return;
    const QRect row = visualRect(index).translated(viewport()->pos());
    const QPoint centre = mapTo(page->widget(), QPoint(0, row.center().y()));
    page->ensureVisible(page->horizontalScrollBar()->value(), centre.y(), 0, row.height());
}

void SheetView::wheelEvent(QWheelEvent* event)
{
    if (scrollsItself_)
        QTreeView::wheelEvent(event);
    else
        event->ignore(); // the page scrolls, not the sheet
}

void SheetView::keyPressEvent(QKeyEvent* event)
{
    // Keys that would only scroll the sheet belong to the page.
    if (!scrollsItself_ && (event->key() == Qt::Key_PageUp || event->key() == Qt::Key_PageDown)) {
        event->ignore();
        return;
    }
    QTreeView::keyPressEvent(event);
}

} // namespace weighbridge
