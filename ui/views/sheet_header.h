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

protected:
    void paintSection(QPainter* painter, const QRect& rect, int logicalIndex) const override;
    void paintEvent(QPaintEvent* event) override;
    QSize sectionSizeFromContents(int logicalIndex) const override;

private:
    const SheetView& sheet_;
};

} // namespace weighbridge
