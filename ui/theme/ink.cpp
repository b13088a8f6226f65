#include "ui/theme/ink.h"

#include "ui/theme/contrast.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QWidget>

namespace weighbridge {

namespace {

QColor between(const QPalette& palette, double amount)
{
    return mixed(palette.color(QPalette::Active, QPalette::Window),
                 palette.color(QPalette::Active, QPalette::WindowText), amount);
}

} // namespace

QColor mutedInk(const QPalette& palette)
{
    return between(palette, 0.66);
}

QColor hairline(const QPalette& palette)
{
    return between(palette, isDark(palette) ? 0.18 : 0.15);
}

QColor errorInk(const QPalette& palette)
{
    return Theme::from(palette).exceeds.text;
}

QColor warningInk(const QPalette& palette)
{
    return Theme::from(palette).tight.text;
}

QFont smallFont(const QFont& font)
{
    return scaled(font, 0.86);
}

void setTextColor(QWidget* label, const QColor& color)
{
    if (label->palette().color(QPalette::WindowText) == color)
        return; // an equal one would cost a repaint
    QPalette palette;
    palette.setColor(QPalette::WindowText, color);
    label->setPalette(palette);
}

} // namespace weighbridge
