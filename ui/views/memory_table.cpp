#include "ui/views/memory_table.h"

#include "core/report/estimate_tables.h"
#include "ui/views/memory_delegate.h"
#include "ui/views/memory_model.h"
#include "ui/widgets/table_copy.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QResizeEvent>

namespace weighbridge {

using namespace Qt::StringLiterals;

MemoryTable::MemoryTable(QWidget* parent)
    : SheetView(parent), model_(new MemoryModel(this)), delegate_(new MemoryDelegate(this))
{
    setObjectName(u"memoryTable"_s);
    setAccessibleName(tr("Memory per GPU by component"));
    setModel(model_);
    setItemDelegate(delegate_);
    setIndentation(QFontMetrics(font()).height() + spacing().xs);
    header()->setSectionResizeMode(QHeaderView::Fixed);
    connect(this, &QTreeView::expanded, this, [this](const QModelIndex& index) {
        if (!restoring_)
            expandedIds_.insert(index.data(MemoryModel::idRole).toString());
    });
    connect(this, &QTreeView::collapsed, this, [this](const QModelIndex& index) {
        if (!restoring_)
            expandedIds_.remove(index.data(MemoryModel::idRole).toString());
    });
    connect(this, &SheetView::appearanceChanged, this, [this] {
        delegate_->forgetLines();
        setIndentation(QFontMetrics(font()).height() + spacing().xs);
        measureColumns();
        layOutColumns();
    });
}

void MemoryTable::display(const ViewState& state)
{
    setStale(state.stale);
    model_->display(state);
    restoreExpanded();
    measureColumns();
    layOutColumns();
}

void MemoryTable::setExpandedIds(const QSet<QString>& ids)
{
    expandedIds_ = ids;
    restoreExpanded();
}

void MemoryTable::restoreExpanded()
{
    restoring_ = true;
    for (int row = 0; row < model_->rowCount(); ++row) {
        const QModelIndex index = model_->index(row, 0);
        const bool open = expandedIds_.contains(index.data(MemoryModel::idRole).toString());
        if (isExpanded(index) != open)
            setExpanded(index, open);
    }
    restoring_ = false;
}

void MemoryTable::measureColumns()
{
    wanted_.fill(0);
    const auto widen = [this](const QModelIndex& index) {
        int& width = wanted_.at(static_cast<std::size_t>(index.column()));
        width = std::max(width, delegate_->widthFor(index));
    };
    for (int row = 0; row < model_->rowCount(); ++row) {
        const QModelIndex parent = model_->index(row, 0);
        for (int column = 0; column < MemoryModel::columns; ++column) {
            widen(parent.siblingAtColumn(column));
            for (int child = 0; child < model_->rowCount(parent); ++child)
                widen(model_->index(child, column, parent));
        }
    }
}

/// Figures and basis take what they need, the component a share, the formula the rest. Before the first width is known
/// there is nothing to divide.
void MemoryTable::layOutColumns()
{
    if (model_->rowCount() == 0 || !placed_)
        return;
    if (giveWidths(wanted_))
        scheduleDelayedItemsLayout();
    executeDelayedItemsLayout();
    fitHeight();
}

QSize MemoryTable::minimumSizeHint() const
{
    return {8 * spacing().m + wanted_[MemoryModel::perGpu], SheetView::minimumSizeHint().height()};
}

/// Without room for a formula column, formulas go below their rows. True when anything changed.
bool MemoryTable::giveWidths(std::array<int, MemoryModel::columns> widths)
{
    int rest = viewport()->width();
    for (int column = 0; column < MemoryModel::columns; ++column) {
        if (column == MemoryModel::formula)
            continue;
        int& width = widths.at(static_cast<std::size_t>(column));
        width = std::max(width, header()->sectionSizeHint(column));
        rest -= width;
    }
    const int least = QFontMetrics(typography().formula).averageCharWidth() * 34;
    const bool below = rest < least;
    bool changed = below != delegate_->formulaBelow();
    delegate_->setFormulaBelow(below);
    setColumnHidden(MemoryModel::formula, below);
    // What else gives way is in the tool tip: names are the last to be shortened.
    const int leastComponent = 8 * spacing().m;
    for (const int column : {MemoryModel::share, MemoryModel::basis}) {
        const bool hidden = rest < 0;
        changed = changed || hidden != isColumnHidden(column);
        setColumnHidden(column, hidden);
        if (hidden)
            rest += widths.at(static_cast<std::size_t>(column));
    }
    widths[MemoryModel::formula] = rest;
    if (below) // all that is left, even if that elides the names
        widths[MemoryModel::component] = std::max(widths[MemoryModel::component] + rest, leastComponent);
    for (int column = 0; column < MemoryModel::columns; ++column) {
        const int width = widths.at(static_cast<std::size_t>(column));
        if (isColumnHidden(column) || header()->sectionSize(column) == width)
            continue;
        header()->resizeSection(column, width);
        changed = true;
    }
    return changed;
}

void MemoryTable::drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    SheetView::drawRow(painter, option, index);
    if (delegate_->formulaBelow())
        delegate_->paintFormulaBelow(painter, option.rect, index);
}

/// A triangle on the row's first line: the style's own stands in the middle of tall rows.
void MemoryTable::drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const
{
    if (!index.model()->hasChildren(index))
        return;
    const qreal size = QFontMetricsF(typography().body).height() * 0.2;
    const QPointF centre(rect.center().x() + 1, rect.top() + delegate_->firstLineCentre());
    QPolygonF triangle;
    if (isExpanded(index))
        triangle = {{-size, -size * 0.55}, {size, -size * 0.55}, {0, size * 0.65}};
    else
        triangle = {{-size * 0.55, -size}, {size * 0.65, 0}, {-size * 0.55, size}};
    if (isRightToLeft())
        triangle = QTransform::fromScale(-1, 1).map(triangle);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme().mutedText);
    painter->drawPolygon(triangle.translated(centre));
    painter->restore();
}

void MemoryTable::resizeEvent(QResizeEvent* event)
{
    SheetView::resizeEvent(event);
    if (placed_ && event->size().width() == event->oldSize().width())
        return; // it grew by its own rows
    placed_ = true;
    layOutColumns();
}

void MemoryTable::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy) && model_->state().estimate) {
        copyTables(memory_tables(*model_->state().estimate, model_->state().unit));
        return;
    }
    SheetView::keyPressEvent(event);
}

} // namespace weighbridge
