#include "ui/charts/capacity_chart.h"

#include <QPainter>

#include <utility>

namespace weighbridge {

CapacityChart::CapacityChart(CapacityAxis axis, QWidget* parent) : PartsWidget(parent), axis_(axis)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void CapacityChart::display(ServingPointer serving, const CapacityMark& mark, ByteUnit unit, bool stale)
{
    serving_ = std::move(serving);
    mark_ = mark;
    unit_ = unit;
    setStale(stale);
    layOut();
}

void CapacityChart::layOut()
{
    if (!serving_)
        return;
    layout_ = CapacityLayout::of(*serving_, axis_, mark_, unit_, QRectF(rect()), typography());
    setAccessibleName(layout_.name);
    partsChanged();
}

QSize CapacityChart::sizeHint() const
{
    return {26 * spacing().l, 17 * spacing().l};
}

QSize CapacityChart::minimumSizeHint() const
{
    return {10 * spacing().l, 17 * spacing().l}; // the page has it in twice the usual font, too
}

void CapacityChart::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    layout_.paint(painter, theme(), typography(), focusedPart());
}

void CapacityChart::resizeEvent(QResizeEvent* event)
{
    PartsWidget::resizeEvent(event);
    layOut();
}

} // namespace weighbridge
