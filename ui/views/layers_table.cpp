#include "ui/views/layers_table.h"

#include "ui/export/table_copy.h"

#include <QFontMetrics>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

class LayersDelegate : public QStyledItemDelegate
{
public:
    explicit LayersDelegate(SheetView* view) : QStyledItemDelegate(view), view_(*view) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {1, QFontMetrics(view_.typography().body).height() + 2 * view_.spacing().m - view_.spacing().s};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        painter->save();
        const Typography& type = view_.typography();
        const bool total = index.data(LayersModel::totalRole).toBool();
        const bool number = index.column() != LayersModel::what;
        const QRect cell = option.rect.adjusted(view_.spacing().m, 0, -view_.spacing().m, 0);
        const QString text = index.data().toString();
        painter->setFont(number ? (total ? type.strongNumber : type.number) : (total ? type.strong : type.body));
        const bool beside = index.data(LayersModel::besideRole).toBool();
        painter->setPen(beside ? view_.theme().mutedText : view_.theme().text);
        const auto alignment = Qt::Alignment(index.data(Qt::TextAlignmentRole).toInt());
        const QFontMetrics metrics = painter->fontMetrics();
        painter->drawText(cell, static_cast<int>(alignment),
                          metrics.elidedText(text, Qt::ElideRight, cell.width() + 1));
        if (!number)
            paintShape(*painter, cell.adjusted(metrics.horizontalAdvance(text) + view_.spacing().m, 0, 0, 0),
                       index.data(LayersModel::shapeRole).toString());
        painter->restore();
    }

private:
    /// Behind what the layer is, where there is room for more than a few letters.
    void paintShape(QPainter& painter, const QRect& rest, const QString& shape) const
    {
        const QFont& font = view_.typography().small;
        const QFontMetrics metrics(font);
        if (shape.isEmpty() || rest.width() < 12 * metrics.averageCharWidth())
            return;
        painter.setFont(font);
        painter.setPen(view_.theme().mutedText);
        painter.drawText(rest, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter),
                         metrics.elidedText(shape, Qt::ElideRight, rest.width()));
    }

    SheetView& view_;
};

} // namespace

LayersTable::LayersTable(QWidget* parent) : SheetView(parent), model_(new LayersModel(this))
{
    setObjectName(u"layersTable"_s);
    setAccessibleName(tr("Layers of the network"));
    setRootIsDecorated(false);
    setIndentation(0);
    setUniformRowHeights(true);
    setModel(model_);
    setItemDelegate(new LayersDelegate(this));
    header()->setSectionResizeMode(QHeaderView::Fixed);
    connect(this, &SheetView::appearanceChanged, this, &LayersTable::layOutColumns);
}

void LayersTable::display(const ViewState& state)
{
    setStale(state.stale);
    model_->display(state);
    layOutColumns();
}

int LayersTable::widthFor(int column) const
{
    const Typography& type = typography();
    const QFontMetrics metrics(column == LayersModel::what ? type.strong : type.strongNumber);
    int widest = 0;
    QString measured;
    for (int row = 0; row < model_->rowCount(); ++row) {
        QString text = model_->index(row, column).data().toString();
        if (text == measured)
            continue; // runs repeat, and shaping text is what takes the time
        widest = std::max(widest, metrics.horizontalAdvance(text));
        measured = std::move(text);
    }
    return std::max(widest + 2 * spacing().m, header()->sectionSizeHint(column));
}

/// Of all columns but what the layers are.
int LayersTable::figuresWidth() const
{
    int width = 0;
    for (int column = 0; column < LayersModel::columns; ++column)
        width += column == LayersModel::what ? 0 : widthFor(column);
    return width;
}

/// Figures take what they need; names take the rest. All digits of the parameters give way to the names.
void LayersTable::layOutColumns()
{
    model_->setShort(true);
    const int least = figuresWidth() + leastNames();
    model_->setShort(false);
    model_->setShort(figuresWidth() + widthFor(LayersModel::what) > viewport()->width());
    int rest = viewport()->width();
    for (int column = 0; column < LayersModel::columns; ++column) {
        if (column == LayersModel::what)
            continue;
        const int width = widthFor(column);
        rest -= width;
        if (header()->sectionSize(column) != width)
            header()->resizeSection(column, width);
    }
    const int names = std::max(rest, leastNames());
    if (header()->sectionSize(LayersModel::what) != names)
        header()->resizeSection(LayersModel::what, names);
    executeDelayedItemsLayout();
    fitHeight();
    if (leastWidth_ == least)
        return;
    leastWidth_ = least;
    updateGeometry();
}

int LayersTable::leastNames() const
{
    return 6 * spacing().l;
}

/// Narrower, the page scrolls sideways: no figure is cut off.
QSize LayersTable::minimumSizeHint() const
{
    return {leastWidth_, SheetView::minimumSizeHint().height()};
}

void LayersTable::resizeEvent(QResizeEvent* event)
{
    SheetView::resizeEvent(event);
    layOutColumns();
}

void LayersTable::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy) && model_->state().estimate) {
        copyLayers(*model_->state().estimate, model_->state().unit);
        return;
    }
    SheetView::keyPressEvent(event);
}

} // namespace weighbridge
