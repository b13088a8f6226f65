#pragma once

#include <QLayout>
#include <QList>

namespace weighbridge {

/// Rows of label, editor and note: labels in a column whose width all groups of the form share, notes under the
/// editors. Where the width does not hold both columns, labels stand above their editors.
class FieldLayout : public QLayout
{
    Q_OBJECT

public:
    explicit FieldLayout(QWidget* parent = nullptr);
    ~FieldLayout() override;

    /// `line` is what the label stands beside where the editor has more than one line; else the editor.
    void addRow(QWidget* label, QWidget* editor, QWidget* line);
    /// Puts a note under an editor that has a row.
    void setNote(const QWidget* editor, QWidget* note);
    void setLabelWidth(int width);
    /// Between two rows, at the current font.
    int rowGap() const;

    void addItem(QLayoutItem* item) override;
    int count() const override;
    QLayoutItem* itemAt(int index) const override;
    QLayoutItem* takeAt(int index) override;
    QSize sizeHint() const override;
    QSize minimumSize() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    void invalidate() override;
    void setGeometry(const QRect& rect) override;

private:
    struct Row
    {
        QLayoutItem* label = nullptr;
        QLayoutItem* editor = nullptr;
        QLayoutItem* note = nullptr;
        QWidget* line = nullptr;
    };

    int heightFor(int width) const;
    int arrange(const QRect& rect, bool apply) const;
    int arrangeRow(const Row& row, const QRect& rect, int y, bool apply) const;
    int narrowestEditor() const;

    QList<Row> rows_;
    int labelWidth_ = 120;
    mutable int knownWidth_ = -1; ///< the width that knownHeight_ is for; -1: none
    mutable int knownHeight_ = 0;
    mutable QSize knownHint_; ///< of another width, and asked for in between
};

} // namespace weighbridge
