#include "ui/form/field_layout.h"

#include <QFontMetrics>
#include <QWidget>

#include <algorithm>

namespace weighbridge {

namespace {

constexpr int columnGap = 10;

bool isShown(const QLayoutItem* item)
{
    return item != nullptr && !item->isEmpty();
}

int heightOf(const QLayoutItem* item, int width)
{
    return item->hasHeightForWidth() ? item->heightForWidth(width) : item->sizeHint().height();
}

} // namespace

FieldLayout::FieldLayout(QWidget* parent) : QLayout(parent)
{
    setContentsMargins(0, 0, 0, 0);
}

FieldLayout::~FieldLayout()
{
    for (const Row& row : rows_)
        for (const QLayoutItem* item : {row.label, row.editor, row.note})
            delete item;
}

void FieldLayout::addRow(QWidget* label, QWidget* editor, QWidget* line)
{
    Row row;
    if (label != nullptr) {
        addChildWidget(label);
        row.label = new QWidgetItem(label);
    }
    addChildWidget(editor);
    row.editor = new QWidgetItem(editor);
    row.line = line;
    rows_.append(row);
    invalidate();
}

void FieldLayout::setNote(const QWidget* editor, QWidget* note)
{
    for (Row& row : rows_) {
        if (row.editor == nullptr || row.editor->widget() != editor || row.note != nullptr)
            continue;
        addChildWidget(note);
        row.note = new QWidgetItem(note);
        invalidate();
    }
}

void FieldLayout::setLabelWidth(int width)
{
    if (labelWidth_ == width)
        return;
    labelWidth_ = width;
    invalidate();
}

void FieldLayout::addItem(QLayoutItem* item)
{
    rows_.append(Row{.editor = item});
}

int FieldLayout::count() const
{
    int items = 0;
    for (const Row& row : rows_)
        items += (row.label != nullptr ? 1 : 0) + (row.editor != nullptr ? 1 : 0) + (row.note != nullptr ? 1 : 0);
    return items;
}

QLayoutItem* FieldLayout::itemAt(int index) const
{
    for (const Row& row : rows_)
        for (QLayoutItem* item : {row.label, row.editor, row.note})
            if (item != nullptr && index-- == 0)
                return item;
    return nullptr;
}

QLayoutItem* FieldLayout::takeAt(int index)
{
    QLayoutItem* item = itemAt(index);
    if (item == nullptr)
        return nullptr;
    for (Row& row : rows_)
        for (QLayoutItem** place : {&row.label, &row.editor, &row.note})
            if (*place == item)
                *place = nullptr;
    rows_.removeIf([](const Row& row) { return row.label == nullptr && row.editor == nullptr && row.note == nullptr; });
    return item;
}

QSize FieldLayout::sizeHint() const
{
    if (!knownHint_.isValid()) {
        const int width = labelWidth_ + columnGap + narrowestEditor();
        knownHint_ = {width, heightFor(width)};
    }
    return knownHint_;
}

QSize FieldLayout::minimumSize() const
{
    int width = 0;
    for (const Row& row : rows_)
        for (const QLayoutItem* item : {row.label, row.editor})
            if (isShown(item))
                width = std::max(width, item->minimumSize().width());
    return {width, 0};
}

int FieldLayout::heightForWidth(int width) const
{
    if (knownWidth_ != width) {
        knownHeight_ = heightFor(width);
        knownWidth_ = width;
    }
    return knownHeight_;
}

int FieldLayout::heightFor(int width) const
{
    const QMargins margins = contentsMargins();
    const int height = arrange({0, 0, width - margins.left() - margins.right(), 0}, false);
    return height + margins.top() + margins.bottom();
}

void FieldLayout::invalidate()
{
    knownWidth_ = -1;
    knownHint_ = {};
    QLayout::invalidate();
}

void FieldLayout::setGeometry(const QRect& rect)
{
    QLayout::setGeometry(rect);
    arrange(rect.marginsRemoved(contentsMargins()), true);
}

int FieldLayout::arrange(const QRect& rect, bool apply) const
{
    int y = rect.y();
    for (const Row& row : rows_)
        if (isShown(row.editor))
            y = arrangeRow(row, rect, y, apply) + rowGap();
    return y == rect.y() ? 0 : y - rowGap() - rect.y();
}

int FieldLayout::arrangeRow(const Row& row, const QRect& rect, int y, bool apply) const
{
    // A box with a long text would be cut off beside the labels.
    const int narrowest = std::max(narrowestEditor(), row.editor->minimumSize().width());
    const bool stacked = rect.width() < labelWidth_ + columnGap + narrowest;
    const int left = stacked || row.label == nullptr ? 0 : labelWidth_ + columnGap;
    const int width = rect.width() - left;
    const int editorHeight = heightOf(row.editor, width);
    if (isShown(row.label)) {
        const int labelHeight = heightOf(row.label, stacked ? rect.width() : labelWidth_);
        const int lineHeight =
            row.line != nullptr ? std::min(editorHeight, row.line->sizeHint().height()) : editorHeight;
        const int height = stacked ? labelHeight : std::max(labelHeight, lineHeight);
        if (apply)
            row.label->setGeometry({rect.x(), y, stacked ? rect.width() : labelWidth_, height});
        if (stacked)
            y += labelHeight + rowGap() / 3;
    }
    if (apply)
        row.editor->setGeometry({rect.x() + left, y, width, editorHeight});
    y += editorHeight;
    if (isShown(row.note)) {
        const int noteHeight = heightOf(row.note, width);
        y += rowGap() / 3;
        if (apply)
            row.note->setGeometry({rect.x() + left, y, width, noteHeight});
        y += noteHeight;
    }
    return y;
}

int FieldLayout::narrowestEditor() const
{
    const QWidget* widget = parentWidget();
    return widget == nullptr ? 120 : widget->fontMetrics().averageCharWidth() * 17;
}

int FieldLayout::rowGap() const
{
    const QWidget* widget = parentWidget();
    return widget == nullptr ? 6 : std::max(4, widget->fontMetrics().height() * 2 / 5);
}

} // namespace weighbridge
