#pragma once

#include "ui/charts/parts_widget.h"
#include "ui/charts/timeline_layout.h"
#include "ui/session/view_state.h"

namespace weighbridge {

/// A training step from left to right. The arrow keys and the mouse go from point to point.
class TimelineChart : public PartsWidget
{
    Q_OBJECT

public:
    explicit TimelineChart(QWidget* parent = nullptr);

    /// An estimate of training with its timeline; `stage` is one that it has.
    void display(const EstimatePointer& estimate, std::int64_t stage, ByteUnit unit, bool stale);
    const TimelineLayout& chartLayout() const { return layout_; }

    std::size_t partCount() const override { return layout_.columns.size(); }
    QString partName(std::size_t part) const override { return layout_.columns.at(part).name; }
    QRectF partRect(std::size_t part) const override { return layout_.columns.at(part).rect; }
    QString partToolTip(std::size_t part) const override { return layout_.columns.at(part).toolTip; }
    std::optional<std::size_t> partAt(QPointF point) const override { return layout_.columnAt(point); }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void fontsChanged() override { layOut(); }

private:
    void layOut();

    EstimatePointer estimate_;
    std::int64_t stage_ = 0;
    ByteUnit unit_ = ByteUnit::gib;
    TimelineLayout layout_;
};

} // namespace weighbridge
