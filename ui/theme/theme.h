#pragma once

#include "core/estimate/fit.h"

#include <QColor>
#include <QPalette>

#include <array>
#include <cstddef>

namespace weighbridge {

enum class ColorMode
{
    light,
    dark,
};

/// Dark when text is lighter than what it stands on; works on every Qt and with every palette a desktop sets.
bool isDark(const QPalette& palette);

/// A whole palette for the Fusion style, for a person who chose light or dark over what the desktop says.
QPalette applicationPalette(ColorMode mode);

/// A verdict's colours: `text` is readable on `tint`, on the card and on the surface.
struct VerdictColors
{
    QColor text;
    QColor tint;
};

/// Every colour that a painted widget uses, computed from its palette. A value: made anew at each PaletteChange, never
/// cached globally.
struct Theme
{
    bool dark = false;
    QColor surface; ///< what views stand on
    QColor card;    ///< raised or typed-in areas
    QColor border;  ///< hairlines, grid
    QColor track;   ///< the empty part of a small bar
    QColor hatch;   ///< stripes of what is free
    QColor text;
    QColor mutedText; ///< readable on surface and card
    QColor accent;
    QColor onAccent;   ///< text on the accent
    QColor accentTint; ///< the current row
    VerdictColors fits;
    VerdictColors tight;
    VerdictColors exceeds; ///< and what can't run or would not start
    VerdictColors unknown;

    static constexpr std::size_t seriesCount = 8;
    std::array<QColor, seriesCount> series;   ///< weights, KV cache, activations, overhead, then four for later terms
    std::array<QColor, seriesCount> onSeries; ///< text on each

    static Theme from(const QPalette& palette);
    /// The same colours drained towards the surface: the last valid result while the form is invalid.
    Theme greyed() const;

    const VerdictColors& verdict(Verdict verdict) const;
    const QColor& seriesColor(std::size_t index) const { return series.at(index % seriesCount); }
    const QColor& onSeriesColor(std::size_t index) const { return onSeries.at(index % seriesCount); }
};

/// Where a first-level term stands in the series tables; ids that are not known take the later colours by `fallback`.
std::size_t seriesOf(std::string_view termId, std::size_t fallback);

} // namespace weighbridge
