#include "ui/accuracy/accuracy_sheet.h"

#include "ui/charts/scatter_layout.h"

#include <QClipboard>
#include <QFontMetrics>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

bool isFigure(const QModelIndex& index)
{
    return (Qt::Alignment(index.data(Qt::TextAlignmentRole).toInt()) & Qt::AlignRight) != 0;
}

class AccuracyDelegate : public QStyledItemDelegate
{
public:
    explicit AccuracyDelegate(AccuracySheet* view) : QStyledItemDelegate(view), view_(*view) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {1, QFontMetrics(view_.typography().body).height() + 2 * view_.spacing().m - view_.spacing().s};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        painter->save();
        // What is chosen stays visible while the keyboard is elsewhere: the scatter shows the same.
        if (index.row() == view_.currentIndex().row())
            painter->fillRect(option.rect, view_.theme().accentTint);
        const QRect cell = option.rect.adjusted(view_.spacing().m, 0, -view_.spacing().m, 0);
        if (const QVariant mark = index.data(markRole); mark.isValid()) {
            painter->setRenderHint(QPainter::Antialiasing);
            drawMark(*painter, static_cast<ScatterMark>(mark.toInt()), QRectF(cell).center(),
                     QFontMetricsF(view_.typography().body).height() * 0.24, view_.theme());
        } else {
            painter->setFont(isFigure(index) ? view_.typography().number : view_.typography().body);
            painter->setPen(color(index));
            painter->drawText(cell, index.data(Qt::TextAlignmentRole).toInt(),
                              painter->fontMetrics().elidedText(
                                  index.data().toString(), view_.columnAt(index.column()).elide, cell.width() + 1));
        }
        painter->restore();
    }

private:
    QColor color(const QModelIndex& index) const
    {
        const Theme& theme = view_.theme();
        switch (static_cast<AccuracyTone>(index.data(toneRole).toInt())) {
        case AccuracyTone::muted:
            return theme.mutedText;
        case AccuracyTone::good:
            return theme.fits.text;
        case AccuracyTone::bad:
            return theme.exceeds.text;
        case AccuracyTone::plain:
            break;
        }
        return theme.text;
    }

    AccuracySheet& view_;
};

} // namespace

AccuracySheet::AccuracySheet(QWidget* parent) : SheetView(parent)
{
    setRootIsDecorated(false);
    setIndentation(0);
    setUniformRowHeights(true);
    setItemDelegate(new AccuracyDelegate(this));
    header()->setSectionResizeMode(QHeaderView::Fixed);
    connect(this, &SheetView::appearanceChanged, this, &AccuracySheet::layOutColumns);
}

void AccuracySheet::setColumns(std::vector<SheetColumn> columns)
{
    columns_ = std::move(columns);
    layOutColumns();
}

int AccuracySheet::naturalWidth(int column) const
{
    int widest = 0;
    for (int row = 0; row < model()->rowCount(); ++row) {
        const QModelIndex index = model()->index(row, column);
        if (index.data(markRole).isValid())
            return 2 * spacing().m + QFontMetrics(typography().body).height();
        const QFontMetrics metrics(isFigure(index) ? typography().number : typography().body);
        widest = std::max(widest, metrics.horizontalAdvance(index.data().toString()));
    }
    return std::max(widest + 2 * spacing().m + 1, header()->sectionSizeHint(column));
}

int AccuracySheet::leastWidth(int column) const
{
    return std::max(7 * spacing().l, header()->sectionSizeHint(column));
}

int AccuracySheet::leastOf(const std::vector<int>& natural) const
{
    int least = 0;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
        const int index = static_cast<int>(column);
        if (isColumnHidden(index))
            continue;
        least += columns_[column].elastic ? std::min(natural[column], leastWidth(index)) : natural[column];
    }
    return least;
}

void AccuracySheet::dropColumns(const std::vector<int>& natural, int room)
{
    std::vector<std::size_t> droppable;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
        setColumnHidden(static_cast<int>(column), false);
        if (columns_[column].dropped > 0)
            droppable.push_back(column);
    }
    std::sort(droppable.begin(), droppable.end(),
              [&](std::size_t a, std::size_t b) { return columns_[a].dropped > columns_[b].dropped; });
    for (const std::size_t column : droppable) {
        if (leastOf(natural) <= room)
            return;
        setColumnHidden(static_cast<int>(column), true);
    }
}

/// Texts get their least; what is left goes to the first of them until it is whole, then to the next.
void AccuracySheet::shareRoom(const std::vector<int>& natural, int room)
{
    int rest = std::max(0, room - leastOf(natural));
    int last = 0;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
        const int index = static_cast<int>(column);
        if (isColumnHidden(index))
            continue;
        int width = natural[column];
        if (columns_[column].elastic) {
            const int least = std::min(natural[column], leastWidth(index));
            const int more = std::min(rest, natural[column] - least);
            width = least + more;
            rest -= more;
            last = index;
        }
        header()->resizeSection(index, width);
    }
    header()->resizeSection(last, header()->sectionSize(last) + rest);
}

void AccuracySheet::layOutColumns()
{
    if (model() == nullptr || columns_.size() != static_cast<std::size_t>(model()->columnCount()))
        return;
    std::vector<int> natural;
    natural.reserve(columns_.size());
    for (int column = 0; column < model()->columnCount(); ++column)
        natural.push_back(naturalWidth(column));
    dropColumns(natural, 0);
    const int least = leastOf(natural);
    dropColumns(natural, viewport()->width());
    shareRoom(natural, viewport()->width());
    executeDelayedItemsLayout();
    fitHeight();
    if (least == least_)
        return;
    least_ = least;
    updateGeometry();
}

void AccuracySheet::setScrolls(bool scrolls)
{
    setScrollsItself(scrolls);
    setVerticalScrollBarPolicy(scrolls ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, scrolls ? QSizePolicy::Expanding : QSizePolicy::Fixed);
    updateGeometry();
}

QSize AccuracySheet::sizeHint() const
{
    return scrollsItself() ? minimumSizeHint() : SheetView::sizeHint();
}

QSize AccuracySheet::minimumSizeHint() const
{
    return scrollsItself() ? QSize(10 * spacing().l, 8 * spacing().l)
                           : QSize(least_, SheetView::minimumSizeHint().height());
}

void AccuracySheet::resizeEvent(QResizeEvent* event)
{
    SheetView::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        layOutColumns();
}

/// All rows with their titles, as tab-separated text.
void AccuracySheet::copyRows() const
{
    QString text;
    for (int row = -1; row < model()->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < model()->columnCount(); ++column)
            cells << (row < 0 ? model()->headerData(column, Qt::Horizontal).toString()
                              : model()->index(row, column).data().toString());
        text += cells.join(u'\t') + u'\n';
    }
    QGuiApplication::clipboard()->setText(text);
}

void AccuracySheet::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        copyRows();
    else
        SheetView::keyPressEvent(event);
}

void AccuracySheet::currentChanged(const QModelIndex& current, const QModelIndex& previous)
{
    SheetView::currentChanged(current, previous);
    if (current.isValid() && current.row() != previous.row())
        Q_EMIT currentRowChanged(current.row());
}

} // namespace weighbridge
