#include "ui/views/memory_delegate.h"

#include "ui/theme/text.h"
#include "ui/views/memory_model.h"
#include "ui/widgets/sheet_view.h"

#include <QApplication>
#include <QHeaderView>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

bool isTotal(const QModelIndex& index)
{
    return index.data(MemoryModel::totalRole).toBool();
}

bool isChild(const QModelIndex& index)
{
    return index.parent().isValid();
}

/// Symbols may take two lines and numbers two more; the rest is in the tool tip.
constexpr int maximumLines = 2;

/// Rounded up and a pixel more: a text elided for a fraction of a pixel loses whole words.
int widthOf(const QString& text, const QFont& font)
{
    return static_cast<int>(std::ceil(QFontMetricsF(font).horizontalAdvance(text))) + 1;
}

} // namespace

MemoryDelegate::MemoryDelegate(SheetView* view) : QStyledItemDelegate(view), view_(*view) {}

int MemoryDelegate::top() const
{
    return view_.spacing().m - view_.spacing().xs;
}

int MemoryDelegate::firstBaseline() const
{
    return top() + QFontMetrics(view_.typography().body).ascent();
}

const MemoryDelegate::Lines& MemoryDelegate::linesOf(const QModelIndex& index, int width) const
{
    const QModelIndex row = index.siblingAtColumn(MemoryModel::formula);
    Lines& lines = lines_[row.data(MemoryModel::idRole).toString()];
    QString symbols = row.data().toString();
    QString numbers = row.data(MemoryModel::numbersRole).toString();
    if (lines.width == width && lines.symbolsText == symbols && lines.numbersText == numbers)
        return lines;
    const Typography& type = view_.typography();
    lines.width = width;
    lines.symbols = wrapped(symbols, isTotal(row) ? type.strongFormula : type.formula, width, maximumLines);
    lines.numbers = numbers == symbols ? QStringList() : wrapped(numbers, type.smallNumber, width, maximumLines);
    lines.symbolsText = std::move(symbols);
    lines.numbersText = std::move(numbers);
    return lines;
}

void MemoryDelegate::setFormulaBelow(bool below)
{
    formulaBelow_ = below;
}

int MemoryDelegate::firstLineCentre() const
{
    return top() + QFontMetrics(view_.typography().body).height() / 2;
}

int MemoryDelegate::swatchSide() const
{
    const QFontMetrics metrics(view_.typography().body);
    return metrics.ascent() - metrics.descent() + 1;
}

/// Where a component's name begins, from the left of the table.
int MemoryDelegate::labelLeft(const QModelIndex& index) const
{
    if (isTotal(index))
        return view_.spacing().m;
    return (isChild(index) ? 2 : 1) * view_.indentation() + swatchSide() + view_.spacing().m;
}

int MemoryDelegate::formulaWidth(const QModelIndex& index) const
{
    if (formulaBelow_)
        return view_.viewport()->width() - labelLeft(index) - view_.spacing().m;
    return view_.header()->sectionSize(MemoryModel::formula) - 2 * view_.spacing().m;
}

QSize MemoryDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const
{
    const Typography& type = view_.typography();
    const int body = QFontMetrics(type.body).height();
    const int small = QFontMetrics(type.smallNumber).height();
    const int symbolHeight = QFontMetrics(type.formula).height();
    int height = body;
    if (index.column() == (formulaBelow_ ? MemoryModel::component : MemoryModel::formula)) {
        const Lines& lines = linesOf(index, formulaWidth(index));
        const int beside = formulaBelow_ ? 0 : 1; // the first line of symbols shares the row's first line
        const int symbols = std::max(0, static_cast<int>(lines.symbols.size()) - beside);
        height = body + symbols * symbolHeight + static_cast<int>(lines.numbers.size()) * small;
    } else if (index.column() == MemoryModel::basis && !formulaBelow_ &&
               !index.data(MemoryModel::rangeRole).toString().isEmpty()) {
        height = body + small;
    }
    return {1, height + 2 * top() + 1};
}

int MemoryDelegate::widthFor(const QModelIndex& index) const
{
    const Typography& type = view_.typography();
    const Spacing& space = view_.spacing();
    const QString text = index.data().toString();
    const bool total = isTotal(index);
    switch (index.column()) {
    case MemoryModel::component: {
        const int swatch = total ? 0 : QFontMetrics(type.body).ascent() + space.m;
        const int depth = isChild(index) ? 2 : 1;
        return widthOf(text, total ? type.strong : type.body) + swatch + 2 * space.m + depth * view_.indentation();
    }
    case MemoryModel::perGpu:
    case MemoryModel::share:
        return widthOf(text, total ? type.strongNumber : type.number) + 2 * space.m;
    case MemoryModel::basis: {
        const int range = widthOf(index.data(MemoryModel::rangeRole).toString(), type.smallNumber);
        return std::max(widthOf(text, type.body), range) + 2 * space.m;
    }
    default:
        return 0;
    }
}

void MemoryDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const Typography& type = view_.typography();
    const Theme& theme = view_.theme();
    const int padding = view_.spacing().m;
    const QRect cell = option.rect.adjusted(padding, 0, -padding, 0);
    switch (index.column()) {
    case MemoryModel::component:
        paintComponent(painter, option.rect, index);
        break;
    case MemoryModel::formula:
        paintFormula(painter, cell, cell.top() + firstBaseline(), index);
        break;
    case MemoryModel::basis:
        paintBasis(painter, cell, index);
        break;
    default: {
        painter->setFont(isTotal(index) ? type.strongNumber : type.number);
        painter->setPen(isChild(index) ? theme.mutedText : theme.text);
        const QString text = index.data().toString();
        const int left = cell.right() + 1 - painter->fontMetrics().horizontalAdvance(text);
        painter->drawText(left, cell.top() + firstBaseline(), text);
    }
    }
    painter->restore();
}

void MemoryDelegate::paintComponent(QPainter* painter, const QRect& cell, const QModelIndex& index) const
{
    const Typography& type = view_.typography();
    const Theme& theme = view_.theme();
    const int series = index.data(MemoryModel::seriesRole).toInt();
    const int side = swatchSide();
    const int left = isTotal(index) ? view_.spacing().m : labelLeft(index);
    if (series >= 0) {
        const QRect swatch(left - side - view_.spacing().m + view_.spacing().xs, cell.top() + firstBaseline() - side,
                           side, side);
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme.seriesColor(static_cast<std::size_t>(series)));
        painter->drawRoundedRect(swatch, side / 5.0, side / 5.0);
    }
    painter->setFont(isTotal(index) ? type.strong : type.body);
    painter->setPen(isChild(index) ? theme.mutedText : theme.text);
    const int room = cell.right() - left - view_.spacing().s;
    const QString text = painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, room);
    painter->drawText(left, cell.top() + firstBaseline(), text);
}

void MemoryDelegate::paintFormulaBelow(QPainter* painter, const QRect& row, const QModelIndex& index) const
{
    const Typography& type = view_.typography();
    const QRect cell(labelLeft(index), row.top(), formulaWidth(index), row.height());
    const int baseline = row.top() + top() + QFontMetrics(type.body).height() + QFontMetrics(type.formula).ascent();
    paintFormula(painter, cell, baseline, index);
}

void MemoryDelegate::paintFormula(QPainter* painter, const QRect& cell, int baseline, const QModelIndex& index) const
{
    const Typography& type = view_.typography();
    const Theme& theme = view_.theme();
    const Lines& lines = linesOf(index, cell.width());
    painter->setFont(isTotal(index) ? type.strongFormula : type.formula);
    painter->setPen(isChild(index) ? theme.mutedText : theme.text);
    for (const QString& line : lines.symbols) {
        painter->drawText(cell.left(), baseline, line);
        baseline += painter->fontMetrics().height();
    }
    const QFontMetrics small(type.smallNumber);
    baseline += small.ascent() - QFontMetrics(painter->font()).ascent();
    painter->setFont(type.smallNumber);
    painter->setPen(theme.mutedText);
    for (const QString& line : lines.numbers) {
        painter->drawText(cell.left(), baseline, line);
        baseline += small.height();
    }
}

void MemoryDelegate::paintBasis(QPainter* painter, const QRect& cell, const QModelIndex& index) const
{
    const Typography& type = view_.typography();
    painter->setFont(type.body);
    painter->setPen(view_.theme().mutedText);
    const int baseline = cell.top() + firstBaseline();
    painter->drawText(cell.left(), baseline,
                      painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, cell.width()));
    if (formulaBelow_)
        return;
    const int descent = painter->fontMetrics().descent();
    painter->setFont(type.smallNumber);
    painter->drawText(
        cell.left(), baseline + descent + painter->fontMetrics().ascent(),
        painter->fontMetrics().elidedText(index.data(MemoryModel::rangeRole).toString(), Qt::ElideRight, cell.width()));
}

} // namespace weighbridge
