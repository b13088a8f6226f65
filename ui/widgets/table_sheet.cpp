#include "ui/widgets/table_sheet.h"

#include "ui/theme/text.h"
#include "ui/widgets/pill.h"
#include "ui/widgets/sheet_header.h"
#include "ui/widgets/table_copy.h"

#include <QAction>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

class TableDelegate : public QStyledItemDelegate
{
public:
    explicit TableDelegate(TableSheet* view) : QStyledItemDelegate(view), view_(*view) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {1, QFontMetrics(view_.typography().body).height() + 2 * view_.spacing().m - view_.spacing().s};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (view_.showsChosen() && index.row() == view_.currentIndex().row())
            painter->fillRect(option.rect, view_.theme().accentTint);
        QRect cell = option.rect.adjusted(view_.spacing().m, 0, -view_.spacing().m, 0);
        const auto mark = static_cast<Mark>(index.data(TableModel::markRole).toInt());
        if (view_.symbol() && index.column() == 0)
            cell.setLeft(paintSymbol(*painter, cell, index.row()));
        if (mark == Mark::tag || mark == Mark::strong_tag)
            paintTag(*painter, cell, index.data().toString(), mark == Mark::strong_tag);
        else
            paintText(*painter, cell, index, mark);
        painter->restore();
    }

private:
    void paintText(QPainter& painter, const QRect& cell, const QModelIndex& index, Mark mark) const
    {
        const Typography& type = view_.typography();
        const auto emphasis = static_cast<Emphasis>(index.data(TableModel::emphasisRole).toInt());
        const bool strong = emphasis == Emphasis::strong || emphasis == Emphasis::sum;
        const bool number = index.data(TableModel::numberRole).toBool();
        painter.setFont(number ? (strong ? type.strongNumber : type.number) : (strong ? type.strong : type.body));
        painter.setPen(emphasis == Emphasis::quiet ? view_.theme().mutedText : color(mark));
        painter.drawText(cell, index.data(Qt::TextAlignmentRole).toInt(),
                         painter.fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, cell.width() + 1));
    }

    int paintSymbol(QPainter& painter, const QRect& cell, int row) const
    {
        const QFontMetrics metrics(view_.typography().body);
        const int side = metrics.ascent() - metrics.descent() + 1;
        const QRect box(cell.left(), cell.center().y() - side / 2, side, side);
        view_.symbol()(painter, box, row);
        return box.right() + view_.spacing().m;
    }

    void paintTag(QPainter& painter, const QRect& cell, const QString& text, bool strong) const
    {
        const Theme& theme = view_.theme();
        const QFont& font = view_.typography().small;
        const QFontMetrics metrics(font);
        const qreal height = metrics.height() + view_.spacing().xs;
        const QRectF pill(cell.left(), cell.center().y() + 0.5 - height / 2, metrics.horizontalAdvance(text) + height,
                          height);
        drawPill(painter, pill, text, font, theme.text, strong ? theme.accentTint : theme.track);
    }

    QColor color(Mark mark) const
    {
        const Theme& theme = view_.theme();
        return mark == Mark::good    ? theme.fits.text
               : mark == Mark::bad   ? theme.exceeds.text
               : mark == Mark::quiet ? theme.mutedText
                                     : theme.text;
    }

    TableSheet& view_;
};

} // namespace

TableSheet::TableSheet(QWidget* parent) : SheetView(parent), model_(new TableModel(this))
{
    setRootIsDecorated(false);
    setIndentation(0);
    setUniformRowHeights(true);
    setModel(model_);
    setItemDelegate(new TableDelegate(this));
    header()->setSectionResizeMode(QHeaderView::Fixed);
    setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(this, &SheetView::appearanceChanged, this, &TableSheet::measure);
}

void TableSheet::display(Table table, bool stale)
{
    setStale(stale);
    const auto& before = model_->shown().columns;
    const bool renamed = !std::equal(before.begin(), before.end(), table.columns.begin(), table.columns.end(),
                                     [](const Column& a, const Column& b) { return a.heading == b.heading; });
    model_->display(std::move(table));
    if (renamed) {
        makeActions();
        header()->viewport()->update();
    }
    if (sorted_ >= 0)
        model_->sort(sorted_, order_);
    measure();
}

void TableSheet::setSymbol(Symbol symbol)
{
    symbol_ = std::move(symbol);
    measure();
}

void TableSheet::setSortable()
{
    sortable_ = true;
    header()->setSectionsClickable(true);
    connect(header(), &QHeaderView::sectionClicked, this, &TableSheet::sortBy);
    makeActions();
}

/// What the mouse does with headings the menu key does as well.
void TableSheet::makeActions()
{
    qDeleteAll(actions());
    auto* copying = new QAction(tr("&Copy Table"), this);
    connect(copying, &QAction::triggered, this, &TableSheet::copy);
    addAction(copying);
    if (!sortable_)
        return;
    auto* separator = new QAction(this);
    separator->setSeparator(true);
    addAction(separator);
    for (int column = 0; column < model_->columnCount(); ++column) {
        const QString heading = model_->headerData(column, Qt::Horizontal).toString();
        auto* sorting = new QAction(tr("Sort by %1").arg(heading), this);
        connect(sorting, &QAction::triggered, this, [this, column] { sortBy(column); });
        addAction(sorting);
    }
}

void TableSheet::setScrolls(bool scrolls)
{
    const auto bars = scrolls ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff;
    setScrollsItself(scrolls);
    setVerticalScrollBarPolicy(bars);
    setHorizontalScrollBarPolicy(bars);
    setSizePolicy(QSizePolicy::Expanding, scrolls ? QSizePolicy::Expanding : QSizePolicy::Fixed);
    layOutColumns();
    updateGeometry();
}

/// A second click on the same heading turns the order round.
void TableSheet::sortBy(int column)
{
    const bool again = column == sorted_ && order_ == Qt::AscendingOrder;
    order_ = again ? Qt::DescendingOrder : Qt::AscendingOrder;
    sorted_ = column;
    model_->sort(column, order_);
    headings().showSorted(column, order_);
}

SheetHeader& TableSheet::headings() const
{
    return static_cast<SheetHeader&>(*header()); // NOLINT: made as such by SheetView
}

int TableSheet::contentWidth(int column) const
{
    const Typography& type = typography();
    const QFontMetrics metrics(model_->column(column).kind == ColumnKind::number ? type.strongNumber : type.strong);
    int widest = 0;
    std::size_t longest = 0;
    int extra = symbol_ && column == 0 ? metrics.height() + spacing().s : 0;
    for (int row = 0; row < model_->rowCount(); ++row) {
        const Cell& cell = model_->cell(row, column);
        if (cell.mark == Mark::tag || cell.mark == Mark::strong_tag)
            extra = metrics.height();
        if (cell.text.size() + 2 < longest)
            continue; // shaping text is what takes the time: what is much shorter is not wider
        longest = std::max(longest, cell.text.size());
        widest = std::max(widest, metrics.horizontalAdvance(utf8(cell.text)));
    }
    return widest + extra + 2 * spacing().m;
}

int TableSheet::widthOf(std::size_t column, Headings which) const
{
    const int section = static_cast<int>(column);
    return std::max(contents_[column],
                    which == Headings::narrow ? headings().narrowTitleWidth(section) : headings().titleWidth(section));
}

void TableSheet::measure()
{
    contents_.resize(static_cast<std::size_t>(model_->columnCount()));
    for (int column = 0; column < model_->columnCount(); ++column)
        contents_[static_cast<std::size_t>(column)] = contentWidth(column);
    layOutColumns();
    updateGeometry();
}

/// Figures take what they need, texts share the rest, the first of them whatever the others leave.
void TableSheet::layOutColumns()
{
    if (contents_.empty())
        return;
    chooseColumns();
    const int share = textShare();
    const std::size_t last = elasticColumn();
    int rest = viewport()->width();
    const auto resize = [&](std::size_t column, int width) {
        rest -= width;
        if (header()->sectionSize(static_cast<int>(column)) != width)
            header()->resizeSection(static_cast<int>(column), width);
    };
    for (std::size_t column = 0; column < widths_.size(); ++column) {
        const bool shown = isShown(column);
        if (header()->isSectionHidden(static_cast<int>(column)) == shown)
            header()->setSectionHidden(static_cast<int>(column), !shown);
        if (shown && column != last)
            resize(column, isWhole(column) ? widths_[column]
                                           : std::max(leastText(column, scrollsItself(), shownHeadings_),
                                                      std::min(widths_[column], share)));
    }
    const int least = std::max(leastText(last, scrollsItself(), shownHeadings_),
                               scrollsItself() ? std::min(widths_[last], share) : 0);
    resize(last, std::max(rest, least));
    executeDelayedItemsLayout();
    fitHeight();
}

/// The first column in sight of texts that may be shortened; it takes what the others leave.
std::size_t TableSheet::elasticColumn() const
{
    for (std::size_t column = 0; column < contents_.size(); ++column)
        if (!isWhole(column) && isShown(column))
            return column;
    return 0;
}

/// The most that a column of texts may take. Where the table scrolls by itself, what short texts leave goes to the
/// longer ones before it goes to the first.
int TableSheet::textShare() const
{
    std::vector<int> texts;
    for (std::size_t column = 0; column < widths_.size(); ++column)
        if (!isWhole(column) && isShown(column))
            texts.push_back(widths_[column]);
    const int room = viewport()->width() - figuresWidth(spare_, shownHeadings_);
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

bool TableSheet::isShown(std::size_t column) const
{
    return model_->column(static_cast<int>(column)).spare <= spare_;
}

bool TableSheet::isWhole(std::size_t column) const
{
    const Column& shown = model_->column(static_cast<int>(column));
    return shown.kind == ColumnKind::number || shown.whole;
}

/// How spare columns may be to have their width. Headings are shortened before a column gives way.
void TableSheet::chooseColumns()
{
    spare_ = 0;
    for (const Column& column : model_->shown().columns)
        spare_ = std::max(spare_, column.spare);
    // The first text is worth more than a spare column.
    const std::size_t first = elasticColumn();
    const auto fits = [&](Headings which) {
        const int wanted = std::min(widthOf(first, which), 10 * spacing().l);
        return leastWidth(spare_, which) + std::max(0, wanted - leastText(first, false, which)) <= viewport()->width();
    };
    shownHeadings_ = Headings::whole;
    while (!fits(Headings::whole)) {
        shownHeadings_ = Headings::narrow;
        if (fits(Headings::narrow) || spare_ == 0)
            break;
        --spare_;
        shownHeadings_ = Headings::whole;
    }
    widths_.resize(contents_.size());
    for (std::size_t column = 0; column < widths_.size(); ++column)
        widths_[column] = widthOf(column, shownHeadings_);
}

int TableSheet::figuresWidth(int spare, Headings which) const
{
    int width = 0;
    for (std::size_t column = 0; column < contents_.size(); ++column)
        if (isWhole(column) && column != elasticColumn() && model_->column(static_cast<int>(column)).spare <= spare)
            width += widthOf(column, which);
    return width;
}

/// No figure is cut off.
int TableSheet::leastWidth(int spare, Headings which) const
{
    int width = figuresWidth(spare, which);
    for (std::size_t column = 0; column < contents_.size(); ++column)
        if ((column == elasticColumn() || !isWhole(column)) && model_->column(static_cast<int>(column)).spare <= spare)
            width += leastText(column, false, which);
    return width;
}

/// Texts are shortened, headings are not.
int TableSheet::leastText(std::size_t column, bool scrolling, Headings which) const
{
    const int whole = widthOf(column, which);
    if (isWhole(column))
        return whole;
    const int least = (scrolling ? 30 : 6) * spacing().l; // what is out of sight can be scrolled to
    const int section = static_cast<int>(column);
    const int heading =
        which == Headings::narrow ? headings().narrowTitleWidth(section) : headings().titleWidth(section);
    return std::min(whole, std::max(least, heading));
}

QSize TableSheet::sizeHint() const
{
    if (scrollsItself())
        return minimumSizeHint();
    int width = 0;
    for (std::size_t column = 0; column < contents_.size(); ++column)
        width += widthOf(column, Headings::whole);
    return {width, SheetView::sizeHint().height()};
}

/// Narrower, the page scrolls sideways.
QSize TableSheet::minimumSizeHint() const
{
    if (scrollsItself())
        return {10 * spacing().l, 8 * spacing().l};
    return contents_.empty() ? SheetView::minimumSizeHint()
                             : QSize(leastWidth(), SheetView::minimumSizeHint().height());
}

void TableSheet::resizeEvent(QResizeEvent* event)
{
    SheetView::resizeEvent(event);
    layOutColumns();
}

void TableSheet::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        copy();
    else
        SheetView::keyPressEvent(event);
}

void TableSheet::copy() const
{
    copyTables({model_->shown()});
}

void TableSheet::currentChanged(const QModelIndex& current, const QModelIndex& previous)
{
    SheetView::currentChanged(current, previous);
    if (current.isValid() && current.row() != previous.row())
        Q_EMIT currentRowChanged(current.row());
}

} // namespace weighbridge
