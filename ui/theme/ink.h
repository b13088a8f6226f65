#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>

class QWidget;

namespace weighbridge {

// The few inks of the form, all from the palette, so that they follow light, dark and high contrast.

/// For what explains: symbols, units, summaries.
QColor mutedInk(const QPalette& palette);
/// For rules and frames.
QColor hairline(const QPalette& palette);
QColor errorInk(const QPalette& palette);
QColor warningInk(const QPalette& palette);
/// The size for what explains.
QFont smallFont(const QFont& font);

/// Writes a label in a color of its own, which its palette then keeps.
void setTextColor(QWidget* label, const QColor& color);

/// Dynamic property of an editor whose text can't be used; the style draws its frame in the ink of errors.
inline constexpr const char* invalidProperty = "invalid";

} // namespace weighbridge
