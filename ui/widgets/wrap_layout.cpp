#include "ui/widgets/wrap_layout.h"

#include <QStyle>
#include <QWidget>

#include <algorithm>

namespace weighbridge {

WrapLayout::WrapLayout(QWidget* parent) : QLayout(parent)
{
    setContentsMargins(0, 0, 0, 0);
}

WrapLayout::~WrapLayout() = default;

void WrapLayout::addItem(QLayoutItem* item)
{
    items_.emplace_back(item);
}

QLayoutItem* WrapLayout::itemAt(int index) const
{
    return index >= 0 && index < count() ? items_[static_cast<std::size_t>(index)].get() : nullptr;
}

QLayoutItem* WrapLayout::takeAt(int index)
{
    if (index < 0 || index >= count())
        return nullptr;
    QLayoutItem* taken = items_[static_cast<std::size_t>(index)].release();
    items_.erase(items_.begin() + index);
    return taken;
}

int WrapLayout::heightForWidth(int width) const
{
    return arrange(QRect(0, 0, width, 0), false);
}

QSize WrapLayout::sizeHint() const
{
    QSize size;
    for (const auto& item : items_)
        if (!item->isEmpty())
            size = QSize(size.width() + item->sizeHint().width() + spacing(),
                         std::max(size.height(), item->sizeHint().height()));
    return size;
}

QSize WrapLayout::minimumSize() const
{
    QSize size;
    for (const auto& item : items_)
        size = size.expandedTo(item->minimumSize());
    return size;
}

void WrapLayout::setGeometry(const QRect& rect)
{
    QLayout::setGeometry(rect);
    arrange(rect, true);
}

int WrapLayout::arrange(const QRect& rect, bool place) const
{
    const Qt::LayoutDirection direction =
        parentWidget() != nullptr ? parentWidget()->layoutDirection() : Qt::LeftToRight;
    int left = rect.left();
    int top = rect.top();
    int line = 0;
    std::vector<QLayoutItem*> inLine;
    const auto endLine = [&] {
        int at = rect.left();
        for (QLayoutItem* item : inLine) {
            const QSize size(std::min(item->sizeHint().width(), rect.width()), item->sizeHint().height());
            const QRect own(QPoint(at, top + (line - size.height()) / 2), size);
            if (place)
                item->setGeometry(QStyle::visualRect(direction, rect, own));
            at += size.width() + spacing();
        }
        inLine.clear();
    };
    for (const auto& item : items_) {
        if (item->isEmpty())
            continue;
        const QSize size = item->sizeHint();
        if (left + size.width() > rect.right() + 1 && line > 0) {
            endLine();
            top += line + spacing();
            left = rect.left();
            line = 0;
        }
        inLine.push_back(item.get());
        left += size.width() + spacing();
        line = std::max(line, size.height());
    }
    endLine();
    return top + line - rect.top();
}

} // namespace weighbridge
