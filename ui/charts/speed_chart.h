#pragma once

#include "ui/charts/parts_widget.h"
#include "ui/charts/speed_layout.h"

namespace weighbridge {

/// Speed over the load. The arrow keys and the mouse read the curve off.
class SpeedChart : public PartsWidget
{
    Q_OBJECT

public:
    explicit SpeedChart(QWidget* parent = nullptr);

    void display(SpeedCurvePointer curve, bool stale);
    const SpeedChartLayout& chartLayout() const { return layout_; }

    std::size_t partCount() const override { return layout_.marks.size(); }
    QString partName(std::size_t part) const override { return layout_.marks.at(part).name; }
    QRectF partRect(std::size_t part) const override { return layout_.markRectOf(part); }
    std::optional<std::size_t> partAt(QPointF point) const override { return layout_.markAt(point); }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void fontsChanged() override { layOut(); }

private:
    void layOut();

    SpeedCurvePointer curve_;
    SpeedChartLayout layout_;
};

} // namespace weighbridge
