#include "ui/charts/speed_layout.h"
#include "ui/theme/focus_ring.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>

namespace weighbridge {

namespace {

/// Solid while all run, dashed beyond.
template<class Place>
void drawSpeedCurve(QPainter& painter, const SpeedChartLayout& layout, const QColor& color, const Place& place)
{
    QPolygonF running;
    QPolygonF waiting;
    for (const SpeedMark& mark : layout.marks) {
        const std::optional<QPointF> at = place(mark);
        if (!at)
            continue;
        if (!mark.waits)
            running << *at;
        else if (waiting.isEmpty() && !running.isEmpty())
            waiting << running.last() << *at;
        else
            waiting << *at;
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(running);
    painter.setPen(QPen(color, 2, Qt::DotLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(waiting);
}

void drawSpeedFrame(QPainter& painter, const SpeedChartLayout& layout, const Theme& theme, const Typography& type)
{
    painter.setPen(QPen(theme.border, 1));
    for (const ChartTick& tick : layout.leftTicks)
        painter.drawLine(QPointF(layout.plot.left(), tick.position), QPointF(layout.plot.right(), tick.position));
    painter.drawLine(layout.plot.bottomLeft(), layout.plot.bottomRight());
    for (const auto* ticks : {&layout.xTicks, &layout.leftTicks, &layout.rightTicks})
        drawLabels(painter, *ticks, type.smallNumber, theme.mutedText);
    drawText(painter, layout.xTitle, type.small, theme.mutedText);
    drawText(painter, layout.leftTitle, type.small, theme.accent);
    drawText(painter, layout.rightTitle, type.small, theme.text);
}

void drawReading(QPainter& painter, const SpeedChartLayout& layout, std::size_t current, const Theme& theme,
                 const Typography& type)
{
    const SpeedMark& mark = layout.marks[current];
    const QRectF ring = layout.markRectOf(current).adjusted(-2, -2, 2, 2);
    paintFocusRing(painter, ring, theme.accent, theme.surface, ring.width() / 2);
    const QString name = QFontMetricsF(type.small).elidedText(mark.name, Qt::ElideRight, layout.plot.width() - 8);
    const QSizeF size = textSize(name, type.small);
    const qreal left = std::clamp(mark.position.x() - size.width() / 2, layout.plot.left() + 4,
                                  std::max(layout.plot.left() + 4, layout.plot.right() - size.width() - 4));
    const ChartText label = textAt(name, type.small, {left, layout.plot.bottom() - size.height() - 4});
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.surface);
    painter.drawRoundedRect(label.rect.adjusted(-4, -1, 4, 1), 3, 3);
    drawText(painter, label, type.small, theme.text);
}

} // namespace

void SpeedChartLayout::paint(QPainter& painter, const Theme& theme, const Typography& type,
                             std::optional<std::size_t> current) const
{
    if (marks.empty())
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    drawSpeedFrame(painter, *this, theme, type);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.accentTint);
    painter.drawPolygon(band);
    if (full) {
        painter.setPen(QPen(theme.mutedText, 1.2, Qt::DashLine));
        painter.drawLine(QPointF(*full, plot.top() - 2), QPointF(*full, plot.bottom()));
        drawText(painter, fullLabel, type.small, theme.mutedText);
    }
    drawSpeedCurve(painter, *this, theme.text, [](const SpeedMark& mark) { return mark.all; });
    drawSpeedCurve(painter, *this, theme.accent, [](const SpeedMark& mark) { return std::optional(mark.position); });
    if (own) {
        painter.setPen(QPen(theme.surface, 1.5));
        painter.setBrush(theme.accent);
        painter.drawEllipse(marks[*own].position, pointRadius * 1.3, pointRadius * 1.3);
        painter.setBrush(theme.text);
        if (marks[*own].all)
            painter.drawEllipse(*marks[*own].all, pointRadius * 1.3, pointRadius * 1.3);
    }
    drawText(painter, eachLabel, type.strong, theme.accent);
    drawText(painter, allLabel, type.strong, theme.text);
    if (current && *current < marks.size())
        drawReading(painter, *this, *current, theme, type);
}

} // namespace weighbridge
