#include "ui/views/layers_table.h"

#include "ui/views/table_copy.h"

#include <QFontMetrics>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>
#include <numeric>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

class LayersDelegate : public QStyledItemDelegate
{
public:
    explicit LayersDelegate(SheetView* view) : QStyledItemDelegate(view), view_(*view) {}

    /// As high as the lines of the name: figures never wrap.
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override
    {
        const QFontMetrics metrics(view_.typography().body);
        int text = metrics.height();
        if (index.column() == LayersModel::what) {
            const int width = view_.header()->sectionSize(LayersModel::what) - 2 * view_.spacing().m;
            const QRect room(0, 0, width, 100 * metrics.height());
            text = std::max(text, metrics.boundingRect(room, wrapped, index.data().toString()).height());
        }
        return {1, text + 2 * view_.spacing().m - view_.spacing().s};
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
        painter->drawText(cell, static_cast<int>(alignment) | (number ? 0 : static_cast<int>(Qt::TextWordWrap)), text);
        if (!number)
            paintShape(*painter,
                       cell.adjusted(painter->fontMetrics().horizontalAdvance(text) + view_.spacing().m, 0, 0, 0),
                       index.data(LayersModel::shapeRole).toString());
        painter->restore();
    }

private:
    static constexpr int wrapped = static_cast<int>(Qt::AlignLeft) | static_cast<int>(Qt::TextWordWrap);

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
    setModel(model_);
    setItemDelegate(new LayersDelegate(this));
    header()->setSectionResizeMode(QHeaderView::Fixed);
    connect(this, &SheetView::appearanceChanged, this, &LayersTable::measure);
}

void LayersTable::display(const ViewState& state)
{
    setStale(state.stale);
    model_->display(state);
    measure();
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

/// Of all columns but what the layers are, with all digits.
int LayersTable::figuresWidth() const
{
    return std::accumulate(widths_.begin(), widths_.end(), 0) - widths_[LayersModel::what];
}

/// Shaping text is what takes the time: done when the figures or the font change, not at every size of the window.
void LayersTable::measure()
{
    model_->setShort(true);
    shortParameters_ = widthFor(LayersModel::parameters);
    model_->setShort(false);
    for (int column = 0; column < LayersModel::columns; ++column)
        widths_[static_cast<std::size_t>(column)] = widthFor(column);
    layOutColumns();
}

/// Figures take what they need; names take the rest, and a second line where that is too little. All digits of the
/// parameters give way to the names.
void LayersTable::layOutColumns()
{
    const bool isShort = figuresWidth() + widths_[LayersModel::what] > viewport()->width();
    const int figures = figuresWidth() - (isShort ? widths_[LayersModel::parameters] - shortParameters_ : 0);
    model_->setShort(isShort);
    for (int column = 0; column < LayersModel::columns; ++column) {
        int width = widths_[static_cast<std::size_t>(column)];
        if (column == LayersModel::what)
            width = std::max(viewport()->width() - figures, leastNames());
        else if (column == LayersModel::parameters && isShort)
            width = shortParameters_;
        if (header()->sectionSize(column) != width)
            header()->resizeSection(column, width);
    }
    scheduleDelayedItemsLayout();
    executeDelayedItemsLayout();
    fitHeight();
    const int least = figuresWidth() - widths_[LayersModel::parameters] + shortParameters_ + leastNames();
    if (leastWidth_ == least)
        return;
    leastWidth_ = least;
    updateGeometry();
}

int LayersTable::leastNames() const
{
    return 8 * spacing().l;
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
