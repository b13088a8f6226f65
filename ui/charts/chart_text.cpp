#include "ui/charts/chart_text.h"

#include <QColor>
#include <QFontMetricsF>
#include <QPainter>

#include <cmath>

namespace weighbridge {

QSizeF textSize(const QString& text, const QFont& font)
{
    const QFontMetricsF metrics(font);
    return {std::ceil(metrics.horizontalAdvance(text)), std::ceil(metrics.height())};
}

ChartText textAt(const QString& text, const QFont& font, QPointF topLeft)
{
    return {text, QRectF(topLeft, textSize(text, font))};
}

void drawText(QPainter& painter, const ChartText& text, const QFont& font, const QColor& color)
{
    if (!text.shown())
        return;
    painter.setFont(font);
    painter.setPen(color);
    painter.drawText(QPointF(text.rect.left(), text.rect.top() + QFontMetricsF(font).ascent()), text.text);
}

void drawLabels(QPainter& painter, const std::vector<ChartTick>& ticks, const QFont& font, const QColor& color)
{
    for (const ChartTick& tick : ticks)
        drawText(painter, tick.label, font, color);
}

} // namespace weighbridge
