#include "ui/charts/speed_chart.h"

#include <QPainter>

#include <utility>

namespace weighbridge {

SpeedChart::SpeedChart(QWidget* parent) : PartsWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void SpeedChart::display(SpeedCurvePointer curve, bool stale)
{
    const bool begins = curve != curve_;
    curve_ = std::move(curve);
    setStale(stale);
    layOut();
    if (begins && layout_.own)
        setCurrentPart(*layout_.own);
}

void SpeedChart::layOut()
{
    if (!curve_)
        return;
    layout_ = SpeedChartLayout::of(*curve_, QRectF(rect()), typography());
    setAccessibleName(layout_.name);
    partsChanged();
}

QSize SpeedChart::sizeHint() const
{
    return {26 * spacing().l, 16 * spacing().l};
}

QSize SpeedChart::minimumSizeHint() const
{
    return {10 * spacing().l, 16 * spacing().l};
}

void SpeedChart::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    layout_.paint(painter, theme(), typography(), focusedPart());
}

void SpeedChart::resizeEvent(QResizeEvent* event)
{
    PartsWidget::resizeEvent(event);
    layOut();
}

} // namespace weighbridge
