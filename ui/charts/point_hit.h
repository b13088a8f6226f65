#pragma once

#include <QPointF>
#include <QRectF>

#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

namespace weighbridge {

/// The square around a round mark.
inline QRectF markRect(QPointF centre, qreal radius)
{
    return {centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius};
}

/// The point whose `position` is nearest to a place and nearer than `reach`; nothing where all are further off.
template<class Point>
std::optional<std::size_t> nearestPoint(const std::vector<Point>& points, QPointF place, qreal reach)
{
    std::optional<std::size_t> nearest;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const QPointF to = points[i].position - place;
        const qreal distance = std::hypot(to.x(), to.y());
        if (distance < reach) {
            reach = distance;
            nearest = i;
        }
    }
    return nearest;
}

} // namespace weighbridge
