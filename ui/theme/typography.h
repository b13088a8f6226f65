#pragma once

#include <QFont>
#include <QString>

namespace weighbridge {

/// The font times a factor, whether it is set in points or in pixels.
QFont scaled(const QFont& font, double factor);

/// Whether all digits are equally wide, so that columns of numbers line up.
bool hasTabularDigits(const QFont& font);

/// The font itself where its digits line up; with tabular digits switched on where Qt can (6.7); else a sans-serif font
/// that has them.
QFont numericFont(const QFont& font);

/// Monospaced at the size of the given font, for formulas.
QFont formulaFont(const QFont& font);

/// Every font of the views, derived from the widget's own: 200 % of that is 200 % of all.
struct Typography
{
    QFont body;
    QFont strong;
    QFont small;
    QFont number;
    QFont strongNumber;
    QFont smallNumber;
    QFont headline; ///< the one big figure
    QFont formula;
    QFont strongFormula;

    static Typography from(const QFont& font);
};

/// Distances in pixels, steps of about 4 at the usual font size, growing with the font.
struct Spacing
{
    int xs = 2;
    int s = 4;
    int m = 8;
    int l = 16;
    int xl = 24;

    static Spacing from(const QFont& font);
};

} // namespace weighbridge
