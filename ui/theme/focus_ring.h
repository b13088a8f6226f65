#pragma once

#include <QColor>
#include <QRectF>

class QPainter;

namespace weighbridge {

/// The one mark of what has the focus: a ring of 2 px in the accent, inside `rect`, with a thin halo in the colour of
/// the ground so that it shows on every hue. A negative `radius` is the usual one.
void paintFocusRing(QPainter& painter, const QRectF& rect, const QColor& accent, const QColor& ground,
                    double radius = -1);

} // namespace weighbridge
