#pragma once

#include <QColor>

namespace weighbridge {

/// Relative luminance of an opaque sRGB colour, 0 to 1 (WCAG 2.1, "relative luminance").
double relativeLuminance(const QColor& color);

/// 1 to 21 (WCAG 2.1, "contrast ratio"): graphics need 3, text 4.5.
double contrastRatio(const QColor& one, const QColor& other);

/// `amount` 0 gives `from`, 1 gives `to`.
QColor mixed(const QColor& from, const QColor& to, double amount);

/// The colour itself, or moved towards black or white just far enough to stand out from the background by that ratio.
QColor withContrast(const QColor& color, const QColor& background, double ratio);

/// White or nearly black, whichever is told better from that background: for labels inside a segment.
QColor inkOn(const QColor& background);

inline constexpr double textContrast = 4.5;
inline constexpr double graphicsContrast = 3.0;

} // namespace weighbridge
