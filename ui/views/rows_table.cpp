#include "ui/views/rows_table.h"

#include "ui/widgets/sheet_header.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
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

class RowsDelegate : public QStyledItemDelegate
{
public:
    explicit RowsDelegate(SheetView* view) : QStyledItemDelegate(view), view_(*view) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {1, QFontMetrics(view_.typography().body).height() + 2 * view_.spacing().m - view_.spacing().s};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        painter->save();
        const Typography& type = view_.typography();
        const bool strong = index.data(RowsModel::strongRole).toBool();
        const bool number = index.data(RowsModel::numberRole).toBool();
        painter->setFont(number ? (strong ? type.strongNumber : type.number) : (strong ? type.strong : type.body));
        painter->setPen(index.data(RowsModel::mutedRole).toBool() ? view_.theme().mutedText : view_.theme().text);
        const QRect cell = option.rect.adjusted(view_.spacing().m, 0, -view_.spacing().m, 0);
        painter->drawText(cell, index.data(Qt::TextAlignmentRole).toInt(),
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, cell.width() + 1));
        painter->restore();
    }

private:
    SheetView& view_;
};

} // namespace

RowsTable::RowsTable(QWidget* parent) : SheetView(parent), model_(new RowsModel(this))
{
    setRootIsDecorated(false);
    setIndentation(0);
    setUniformRowHeights(true);
    setModel(model_);
    setItemDelegate(new RowsDelegate(this));
    header()->setSectionResizeMode(QHeaderView::Fixed);
    setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(this, &SheetView::appearanceChanged, this, &RowsTable::measure);
}

void RowsTable::display(Rows rows, bool stale)
{
    setStale(stale);
    const auto& before = model_->shown().columns;
    const bool renamed = !std::equal(before.begin(), before.end(), rows.columns.begin(), rows.columns.end(),
                                     [](const RowsColumn& a, const RowsColumn& b) { return a.heading == b.heading; });
    model_->display(std::move(rows));
    if (renamed) {
        makeActions();
        header()->viewport()->update();
    }
    if (sorted_ >= 0)
        model_->sort(sorted_, order_);
    measure();
}

void RowsTable::setSortable()
{
    sortable_ = true;
    header()->setSectionsClickable(true);
    connect(header(), &QHeaderView::sectionClicked, this, &RowsTable::sortBy);
    makeActions();
}

/// What the mouse does with headings the menu key does as well.
void RowsTable::makeActions()
{
    qDeleteAll(actions());
    auto* copying = new QAction(tr("&Copy Table"), this);
    connect(copying, &QAction::triggered, this, &RowsTable::copy);
    addAction(copying);
    if (!sortable_)
        return;
    auto* separator = new QAction(this);
    separator->setSeparator(true);
    addAction(separator);
    for (int column = 0; column < model_->columnCount(); ++column) {
        const QString heading = model_->shown().columns[static_cast<std::size_t>(column)].heading;
        auto* sorting = new QAction(tr("Sort by %1").arg(heading), this);
        connect(sorting, &QAction::triggered, this, [this, column] { sortBy(column); });
        addAction(sorting);
    }
}

void RowsTable::setScrolls()
{
    setScrollsItself(true);
    setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    layOutColumns();
    updateGeometry();
}

/// A second click on the same heading turns the order round.
void RowsTable::sortBy(int column)
{
    const bool again = column == sorted_ && order_ == Qt::AscendingOrder;
    order_ = again ? Qt::DescendingOrder : Qt::AscendingOrder;
    sorted_ = column;
    model_->sort(column, order_);
    headings().showSorted(column, order_);
}

SheetHeader& RowsTable::headings() const
{
    return static_cast<SheetHeader&>(*header()); // NOLINT: made as such by SheetView
}

int RowsTable::widthFor(int column) const
{
    const Typography& type = typography();
    const Rows& shown = model_->shown();
    const auto at = static_cast<std::size_t>(column);
    const QFontMetrics metrics(shown.columns[at].number ? type.strongNumber : type.strong);
    int widest = 0;
    qsizetype longest = 0;
    for (const Rows::Row& row : shown.rows) {
        const QString& text = row.cells[at].text;
        if (text.size() + 2 < longest)
            continue; // shaping text is what takes the time: what is much shorter is not wider
        longest = std::max(longest, text.size());
        widest = std::max(widest, metrics.horizontalAdvance(text));
    }
    return std::max(widest + 2 * spacing().m, headings().titleWidth(column));
}

void RowsTable::measure()
{
    widths_.resize(static_cast<std::size_t>(model_->columnCount()));
    for (int column = 0; column < model_->columnCount(); ++column)
        widths_[static_cast<std::size_t>(column)] = widthFor(column);
    layOutColumns();
    updateGeometry();
}

/// Figures take what they need, texts share the rest, the first one whatever the others leave.
void RowsTable::layOutColumns()
{
    if (widths_.empty())
        return;
    const auto& columns = model_->shown().columns;
    spare_ = spareWithRoom();
    for (std::size_t column = 0; column < columns.size(); ++column) {
        const bool shown = isShown(column);
        if (header()->isSectionHidden(static_cast<int>(column)) == shown)
            header()->setSectionHidden(static_cast<int>(column), !shown);
    }
    const int share = textShare();
    int rest = viewport()->width();
    for (std::size_t column = widths_.size(); column-- > 0;) {
        if (!isShown(column))
            continue;
        int width =
            columns[column].number ? widths_[column] : std::max(leastText(column), std::min(widths_[column], share));
        if (column == 0)
            width =
                std::max(rest, scrollsItself() ? std::max(leastText(0), std::min(widths_[0], share)) : leastText(0));
        rest -= width;
        if (header()->sectionSize(static_cast<int>(column)) != width)
            header()->resizeSection(static_cast<int>(column), width);
    }
    executeDelayedItemsLayout();
    fitHeight();
}

/// The most that a column of texts may take. Where the table scrolls by itself, what short texts leave goes to the
/// longer ones before it goes to the first.
int RowsTable::textShare() const
{
    const auto& columns = model_->shown().columns;
    std::vector<int> texts;
    for (std::size_t column = 0; column < columns.size(); ++column)
        if (!columns[column].number && isShown(column))
            texts.push_back(widths_[column]);
    const int room = viewport()->width() - figuresWidth(spare_);
    if (!scrollsItself())
        return room / std::max(1, static_cast<int>(texts.size()));
    std::sort(texts.begin(), texts.end());
    int left = room;
    int share = room;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        share = left / static_cast<int>(texts.size() - i);
        if (texts[i] > share)
            break;
        left -= texts[i];
    }
    return share;
}

bool RowsTable::isShown(std::size_t column) const
{
    return model_->shown().columns[column].spare <= spare_;
}

/// How spare columns may be to have their width; all of them where what is out of sight can be scrolled to.
int RowsTable::spareWithRoom() const
{
    int spare = 0;
    for (const RowsColumn& column : model_->shown().columns)
        spare = std::max(spare, column.spare);
    while (!scrollsItself() && spare > 0 && leastWidth(spare) > viewport()->width())
        --spare;
    return spare;
}

int RowsTable::figuresWidth(int spare) const
{
    int width = 0;
    for (std::size_t column = 1; column < widths_.size(); ++column)
        if (const RowsColumn& shown = model_->shown().columns[column]; shown.number && shown.spare <= spare)
            width += widths_[column];
    return width;
}

/// No figure is cut off.
int RowsTable::leastWidth(int spare) const
{
    int width = figuresWidth(spare);
    for (std::size_t column = 0; column < widths_.size(); ++column)
        if (const RowsColumn& shown = model_->shown().columns[column];
            (column == 0 || !shown.number) && shown.spare <= spare)
            width += leastText(column);
    return width;
}

/// Texts are shortened, headings are not.
int RowsTable::leastText(std::size_t column) const
{
    constexpr int onAPage = 6;
    constexpr int scrolling = 30; // what is out of sight can be scrolled to
    const int least = (scrollsItself() ? scrolling : onAPage) * spacing().l;
    return std::min(widths_[column], std::max(least, headings().titleWidth(static_cast<int>(column))));
}

QSize RowsTable::sizeHint() const
{
    if (scrollsItself())
        return minimumSizeHint();
    return {std::accumulate(widths_.begin(), widths_.end(), 0), SheetView::sizeHint().height()};
}

/// Narrower, the page scrolls sideways.
QSize RowsTable::minimumSizeHint() const
{
    if (scrollsItself())
        return {10 * spacing().l, 8 * spacing().l};
    return widths_.empty() ? SheetView::minimumSizeHint() : QSize(leastWidth(0), SheetView::minimumSizeHint().height());
}

void RowsTable::resizeEvent(QResizeEvent* event)
{
    SheetView::resizeEvent(event);
    layOutColumns();
}

void RowsTable::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        copy();
    else
        SheetView::keyPressEvent(event);
}

void RowsTable::copy() const
{
    QStringList lines;
    QStringList cells;
    for (const RowsColumn& column : model_->shown().columns)
        cells << column.heading;
    lines << cells.join(u'\t');
    for (const Rows::Row& row : model_->shown().rows) {
        cells.clear();
        for (const RowCell& cell : row.cells)
            cells << cell.text;
        lines << cells.join(u'\t');
    }
    QGuiApplication::clipboard()->setText(lines.join(u'\n') + u'\n');
}

} // namespace weighbridge
