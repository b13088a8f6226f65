#include "ui/window/appearance.h"

#include "ui/theme/calm_style.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QApplication>
#include <QStyle>

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

/// Whether a palette is the style's own: no desktop said what it wants.
bool isStylesOwn(const QPalette& palette)
{
    const QPalette own = QApplication::style()->standardPalette();
    constexpr std::array telling{QPalette::Window, QPalette::Base, QPalette::Highlight};
    return std::all_of(telling.begin(), telling.end(), [&](QPalette::ColorRole role) {
        return palette.color(QPalette::Active, role) == own.color(QPalette::Active, role);
    });
}

} // namespace

Appearance::Appearance()
{
    // The application owns the style: the analyzer does not see it.
    QApplication::setStyle(new CalmStyle);
    desktopPalette_ = QApplication::palette(); // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks)
    desktopFont_ = QApplication::font();
    desktopHasPalette_ = !isStylesOwn(desktopPalette_);
}

void Appearance::setTheme(ThemeChoice choice)
{
    const ColorMode ofDesktop = isDark(desktopPalette_) ? ColorMode::dark : ColorMode::light;
    switch (choice) {
    case ThemeChoice::light:
        QApplication::setPalette(applicationPalette(ColorMode::light));
        return;
    case ThemeChoice::dark:
        QApplication::setPalette(applicationPalette(ColorMode::dark));
        return;
    case ThemeChoice::system:
        break;
    }
    // An empty palette hands the colours back to the desktop, whose changes are then followed.
    QApplication::setPalette(desktopHasPalette_ ? QPalette() : applicationPalette(ofDesktop));
}

void Appearance::setFontStep(int step)
{
    const int bounded = std::clamp(step, smallestFontStep, largestFontStep);
    QApplication::setFont(scaled(desktopFont_, 1 + bounded / 10.0));
}

} // namespace weighbridge
