#pragma once

#include <QFont>
#include <QRectF>
#include <QString>

#include <vector>

class QPainter;
class QColor;

namespace weighbridge {

/// A text at its place. Empty where there was no room for it.
struct ChartText
{
    QString text;
    QRectF rect; ///< exactly as large as the text

    bool shown() const { return !text.isEmpty(); }
};

/// A tick of an axis: where, and what stands there. Ticks without room for their label have an empty one.
struct ChartTick
{
    double value = 0;
    qreal position = 0;
    ChartText label;
};

/// A text with its top left corner there; the rectangle has the size of the text in that font.
ChartText textAt(const QString& text, const QFont& font, QPointF topLeft);
QSizeF textSize(const QString& text, const QFont& font);

void drawText(QPainter& painter, const ChartText& text, const QFont& font, const QColor& color);
void drawLabels(QPainter& painter, const std::vector<ChartTick>& ticks, const QFont& font, const QColor& color);

} // namespace weighbridge
