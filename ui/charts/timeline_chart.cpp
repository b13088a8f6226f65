#include "ui/charts/timeline_chart.h"

#include <QPainter>

namespace weighbridge {

TimelineChart::TimelineChart(QWidget* parent) : PartsWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void TimelineChart::display(const EstimatePointer& estimate, std::int64_t stage, ByteUnit unit, bool stale)
{
    estimate_ = estimate;
    stage_ = stage;
    unit_ = unit;
    setStale(stale);
    layOut();
}

void TimelineChart::layOut()
{
    if (!estimate_ || !estimate_->timeline)
        return;
    layout_ = TimelineLayout::of(*estimate_, *estimate_->timeline, stage_, unit_, QRectF(rect()), typography());
    setAccessibleName(layout_.name);
    partsChanged();
}

QSize TimelineChart::sizeHint() const
{
    return {32 * spacing().l, 16 * spacing().l};
}

QSize TimelineChart::minimumSizeHint() const
{
    return {10 * spacing().l, 16 * spacing().l};
}

void TimelineChart::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    layout_.paint(painter, theme(), typography(), focusedPart());
}

void TimelineChart::resizeEvent(QResizeEvent* event)
{
    PartsWidget::resizeEvent(event);
    layOut();
}

} // namespace weighbridge
