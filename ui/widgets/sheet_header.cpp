#include "ui/widgets/sheet_header.h"

#include "ui/widgets/sheet_view.h"
#include "ui/widgets/table_model.h"

#include <QPainter>

#include <algorithm>

namespace weighbridge {

SheetHeader::SheetHeader(SheetView* view) : QHeaderView(Qt::Horizontal, view), sheet_(*view)
{
    setSectionsClickable(false);
    setSectionsMovable(false);
    setHighlightSections(false);
    setStretchLastSection(false);
    setMinimumSectionSize(1);
    viewport()->setBackgroundRole(QPalette::Window);
}

QSize SheetHeader::sizeHint() const
{
    const int line = QFontMetrics(sheet_.typography().small).height();
    return {QHeaderView::sizeHint().width(), line + sheet_.spacing().m};
}

QSize SheetHeader::sectionSizeFromContents(int logicalIndex) const
{
    return {widthOf(title(logicalIndex)), sizeHint().height()};
}

QString SheetHeader::title(int section) const
{
    return model()->headerData(section, Qt::Horizontal).toString();
}

QString SheetHeader::narrowTitle(int section) const
{
    const QString narrow = model()->headerData(section, Qt::Horizontal, TableModel::narrowHeadingRole).toString();
    return narrow.isEmpty() ? title(section) : narrow;
}

int SheetHeader::widthOf(const QString& title) const
{
    // Eliding counts fractions of a pixel.
    return QFontMetrics(sheet_.typography().small).horizontalAdvance(title) + 1 + 2 * sheet_.spacing().m;
}

int SheetHeader::narrowTitleWidth(int section) const
{
    return widthOf(narrowTitle(section));
}

void SheetHeader::paintSection(QPainter* painter, const QRect& rect, int logicalIndex) const
{
    const auto alignment =
        Qt::Alignment(model()->headerData(logicalIndex, Qt::Horizontal, Qt::TextAlignmentRole).toInt());
    const QString whole = title(logicalIndex);
    const QString fitting = widthOf(whole) <= rect.width() ? whole : narrowTitle(logicalIndex);
    const QRect inner = rect.adjusted(sheet_.spacing().m, 0, -sheet_.spacing().m, 0);
    painter->setFont(sheet_.typography().small);
    painter->setPen(sheet_.theme().mutedText);
    const QString shown = painter->fontMetrics().elidedText(fitting, Qt::ElideRight, inner.width());
    painter->drawText(inner, static_cast<int>(alignment | Qt::AlignVCenter), shown);
    if (logicalIndex != sorted_)
        return;
    // In the margin, so that sorting moves no title.
    const qreal side = sheet_.spacing().m * 0.6;
    const bool right = alignment.testFlag(Qt::AlignRight);
    const qreal end = inner.left() + painter->fontMetrics().horizontalAdvance(shown);
    const qreal left = (right ? inner.right() : std::min<qreal>(end, inner.right())) + sheet_.spacing().m * 0.2;
    paintArrow(*painter, QRectF(left, rect.center().y() - side / 2, side, side));
}

void SheetHeader::showSorted(int section, Qt::SortOrder order)
{
    sorted_ = section;
    order_ = order;
    viewport()->update();
}

void SheetHeader::paintArrow(QPainter& painter, const QRectF& box) const
{
    const bool up = order_ == Qt::AscendingOrder;
    const qreal tip = up ? box.top() : box.bottom();
    const qreal base = up ? box.bottom() : box.top();
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(sheet_.theme().text);
    painter.drawPolygon(QPolygonF({{box.left(), base}, {box.right(), base}, {box.center().x(), tip}}));
    painter.restore();
}

void SheetHeader::paintEvent(QPaintEvent* event)
{
    QHeaderView::paintEvent(event);
    QPainter painter(viewport());
    painter.fillRect(QRect(0, viewport()->height() - 1, viewport()->width(), 1), sheet_.theme().border);
}

} // namespace weighbridge
