#pragma once

#include "ui/charts/capacity_layout.h"
#include "ui/charts/parts_widget.h"

namespace weighbridge {

/// Memory over context or concurrency. The arrow keys and the mouse read the curve off.
class CapacityChart : public PartsWidget
{
    Q_OBJECT

public:
    explicit CapacityChart(CapacityAxis axis, QWidget* parent = nullptr);

    void display(ServingPointer serving, const CapacityMark& mark, ByteUnit unit, bool stale);
    const CapacityLayout& chartLayout() const { return layout_; }

    std::size_t partCount() const override { return layout_.points.size(); }
    QString partName(std::size_t part) const override { return layout_.pointName(part); }
    QRectF partRect(std::size_t part) const override { return layout_.pointRect(part); }
    std::optional<std::size_t> partAt(QPointF point) const override { return layout_.pointAt(point); }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void fontsChanged() override { layOut(); }

private:
    void layOut();

    CapacityAxis axis_;
    ServingPointer serving_;
    CapacityMark mark_;
    ByteUnit unit_ = ByteUnit::gib;
    CapacityLayout layout_;
};

} // namespace weighbridge
