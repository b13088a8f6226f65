#pragma once

#include <QHeaderView>

namespace weighbridge {

class SheetView;

/// Column titles as small muted text over a hairline, without boxes.
class SheetHeader : public QHeaderView
{
    Q_OBJECT

public:
    explicit SheetHeader(SheetView* view);

    QSize sizeHint() const override;
    /// What the title takes, also where the column is hidden.
    int titleWidth(int section) const { return sectionSizeFromContents(section).width(); }
    /// The same of the shorter title that a column may have for where there is little room.
    int narrowTitleWidth(int section) const;
    /// An arrow beside the title that the rows are sorted by.
    void showSorted(int section, Qt::SortOrder order);

protected:
    void paintSection(QPainter* painter, const QRect& rect, int logicalIndex) const override;
    void paintEvent(QPaintEvent* event) override;
    QSize sectionSizeFromContents(int logicalIndex) const override;

private:
    QString title(int section) const;
    QString narrowTitle(int section) const;
    int widthOf(const QString& title) const;
    void paintArrow(QPainter& painter, const QRectF& box) const;

    const SheetView& sheet_;
    int sorted_ = -1;
    Qt::SortOrder order_ = Qt::AscendingOrder;
};

} // namespace weighbridge
