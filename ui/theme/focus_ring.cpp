#include "ui/theme/focus_ring.h"

#include <QPainter>

#include <algorithm>

namespace weighbridge {

void paintFocusRing(QPainter& painter, const QRectF& rect, const QColor& accent, const QColor& ground, double radius)
{
    constexpr double usual = 5;
    constexpr double halo = 4;
    constexpr double ring = 2;
    // What is narrower than its own ring gets one around it.
    QRectF line = rect.adjusted(halo / 2, halo / 2, -halo / 2, -halo / 2);
    if (line.width() < halo)
        line = QRectF(rect.center().x() - halo / 2, line.top(), halo, line.height());
    const double round = std::min({radius < 0 ? usual : radius, line.width() / 2, line.height() / 2});
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(ground, halo));
    painter.drawRoundedRect(line, round, round);
    painter.setPen(QPen(accent, ring));
    painter.drawRoundedRect(line, round, round);
    painter.restore();
}

} // namespace weighbridge
