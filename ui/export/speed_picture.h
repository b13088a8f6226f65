#pragma once

#include "core/answers/speed_curve.h"
#include "core/estimate/estimate.h"
#include "ui/charts/figure_tiles.h"

#include <QByteArray>
#include <QImage>

#include <vector>

namespace weighbridge {

/// The figures of the speed, where the time of a step goes, the curve and the rooflines, one below the other, in the
/// light theme whatever the window's. `curve` may be null; `load`
/// says what is asked of it.
QImage speedImage(const Estimate& estimate, const SpeedCurve* curve, const std::vector<FigureTile>& tiles,
                  const QString& load);

/// The same as a PNG file's bytes; the error has no path.
Result<QByteArray> speedPng(const Estimate& estimate, const SpeedCurve* curve, const std::vector<FigureTile>& tiles,
                            const QString& load);

} // namespace weighbridge
