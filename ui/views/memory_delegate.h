#pragma once

#include <QHash>
#include <QStyledItemDelegate>

namespace weighbridge {

class SheetView;

/// Cells of the memory table: the colour swatch, right-aligned figures, symbols over numbers. All texts of a row share
/// the first baseline. Broken lines are cached until text, width or font change.
class MemoryDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    explicit MemoryDelegate(SheetView* view);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void forgetLines() { lines_.clear(); }
    /// Whether formulas stand below their row's first line, across the whole table, in place of a column.
    void setFormulaBelow(bool below);
    bool formulaBelow() const { return formulaBelow_; }
    /// Paints a row's formula where it stands below the first line.
    void paintFormulaBelow(QPainter* painter, const QRect& row, const QModelIndex& index) const;
    /// Centre of a row's first line, from the row's top.
    int firstLineCentre() const;
    /// The width that a cell's text asks for, padding included.
    int widthFor(const QModelIndex& index) const;

private:
    struct Lines
    {
        QString symbolsText;
        QString numbersText;
        int width = 0;
        QStringList symbols;
        QStringList numbers;
    };

    const Lines& linesOf(const QModelIndex& index, int width) const;
    void paintComponent(QPainter* painter, const QRect& cell, const QModelIndex& index) const;
    void paintFormula(QPainter* painter, const QRect& cell, int baseline, const QModelIndex& index) const;
    void paintBasis(QPainter* painter, const QRect& cell, const QModelIndex& index) const;
    int formulaWidth(const QModelIndex& index) const;
    int labelLeft(const QModelIndex& index) const;
    int swatchSide() const;
    int top() const;
    int firstBaseline() const;

    SheetView& view_;
    mutable QHash<QString, Lines> lines_; ///< by term id
    bool formulaBelow_ = false;
};

} // namespace weighbridge
