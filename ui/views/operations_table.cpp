#include "ui/views/operations_table.h"

#include "ui/widgets/pill.h"

#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>

#include <array>
#include <numeric>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

class OperationsDelegate : public QStyledItemDelegate
{
public:
    explicit OperationsDelegate(SheetView* view) : QStyledItemDelegate(view), view_(*view) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {1, QFontMetrics(view_.typography().body).height() + 2 * view_.spacing().m - view_.spacing().s};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const Typography& type = view_.typography();
        const Theme& theme = view_.theme();
        const bool total = index.data(OperationsModel::totalRole).toBool();
        QRect cell = option.rect.adjusted(view_.spacing().m, 0, -view_.spacing().m, 0);
        const QString text = index.data().toString();
        if (index.column() == OperationsModel::bound && !total) {
            paintBound(*painter, cell, index, text);
        } else {
            if (index.column() == OperationsModel::operation)
                cell.setLeft(paintSwatch(*painter, cell, index.data(OperationsModel::seriesRole).toInt()));
            const bool number = index.column() != OperationsModel::operation;
            painter->setFont(number ? (total ? type.strongNumber : type.number) : (total ? type.strong : type.body));
            painter->setPen(theme.text);
            const auto alignment = Qt::Alignment(index.data(Qt::TextAlignmentRole).toInt());
            painter->drawText(cell, static_cast<int>(alignment),
                              painter->fontMetrics().elidedText(text, Qt::ElideRight, cell.width() + 1));
        }
        painter->restore();
    }

private:
    int paintSwatch(QPainter& painter, const QRect& cell, int series) const
    {
        if (series < 0)
            return cell.left();
        const QFontMetrics metrics(view_.typography().body);
        const int side = metrics.ascent() - metrics.descent() + 1;
        const QRect swatch(cell.left(), cell.center().y() - side / 2, side, side);
        painter.setPen(Qt::NoPen);
        painter.setBrush(view_.theme().seriesColor(static_cast<std::size_t>(series)));
        painter.drawRoundedRect(swatch, side / 5.0, side / 5.0);
        return swatch.right() + view_.spacing().m;
    }

    void paintBound(QPainter& painter, const QRect& cell, const QModelIndex& index, const QString& text) const
    {
        const Theme& theme = view_.theme();
        const QFont& font = view_.typography().small;
        const QFontMetrics metrics(font);
        const qreal height = metrics.height() + view_.spacing().xs;
        const QRectF pill(cell.left(), cell.center().y() + 0.5 - height / 2, metrics.horizontalAdvance(text) + height,
                          height);
        const bool compute = index.data(OperationsModel::boundRole).toInt() == static_cast<int>(Bound::compute);
        drawPill(painter, pill, text, font, theme.text, compute ? theme.accentTint : theme.track);
    }

    SheetView& view_;
};

} // namespace

OperationsTable::OperationsTable(QWidget* parent) : SheetView(parent), model_(new OperationsModel(this))
{
    setObjectName(u"operationsTable"_s);
    setAccessibleName(tr("Operations of one layer"));
    setRootIsDecorated(false);
    setIndentation(0);
    setUniformRowHeights(true);
    setModel(model_);
    setItemDelegate(new OperationsDelegate(this));
    header()->setSectionResizeMode(QHeaderView::Fixed);
    connect(this, &SheetView::appearanceChanged, this, &OperationsTable::layOutColumns);
}

void OperationsTable::display(const ViewState& state, std::size_t index)
{
    setStale(state.stale);
    model_->display(state, index);
    layOutColumns();
}

int OperationsTable::widthFor(int column) const
{
    const Typography& type = typography();
    const bool number = column != OperationsModel::operation && column != OperationsModel::bound;
    const QFontMetrics metrics(number ? type.strongNumber : type.body);
    int widest = 0;
    for (int row = 0; row < model_->rowCount(); ++row)
        widest = std::max(widest, metrics.horizontalAdvance(model_->index(row, column).data().toString()));
    const int extra = column == OperationsModel::operation ? metrics.height() + spacing().s
                      : column == OperationsModel::bound   ? metrics.height()
                                                           : 0;
    return std::max(widest + extra + 2 * spacing().m, header()->sectionSizeHint(column));
}

void OperationsTable::layOutColumns()
{
    int rest = viewport()->width();
    for (int column = OperationsModel::flops; column < OperationsModel::columns; ++column) {
        const int width = widthFor(column);
        rest -= width;
        if (header()->sectionSize(column) != width)
            header()->resizeSection(column, width);
    }
    const int first = std::max(rest, 6 * spacing().l);
    if (header()->sectionSize(OperationsModel::operation) != first)
        header()->resizeSection(OperationsModel::operation, first);
    executeDelayedItemsLayout();
    fitHeight();
}

QSize OperationsTable::sizeHint() const
{
    int width = 0;
    for (int column = 0; column < OperationsModel::columns; ++column)
        width += widthFor(column);
    return {width, SheetView::sizeHint().height()};
}

QSize OperationsTable::minimumSizeHint() const
{
    return {16 * spacing().l, SheetView::minimumSizeHint().height()};
}

void OperationsTable::resizeEvent(QResizeEvent* event)
{
    SheetView::resizeEvent(event);
    layOutColumns();
}

} // namespace weighbridge
