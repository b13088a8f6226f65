#include "ui/theme/contrast.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

} // namespace

double relativeLuminance(const QColor& color)
{
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrastRatio(const QColor& one, const QColor& other)
{
    const auto [darker, lighter] = std::minmax({relativeLuminance(one), relativeLuminance(other)});
    return (lighter + 0.05) / (darker + 0.05);
}

QColor mixed(const QColor& from, const QColor& to, double amount)
{
    const auto channel = [amount](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * amount)); };
    return {channel(from.red(), to.red()), channel(from.green(), to.green()), channel(from.blue(), to.blue())};
}

QColor withContrast(const QColor& color, const QColor& background, double ratio)
{
    const QColor pole =
        contrastRatio(Qt::white, background) > contrastRatio(Qt::black, background) ? Qt::white : Qt::black;
    constexpr int steps = 20;
    for (int step = 0; step < steps; ++step) {
        const QColor candidate = mixed(color, pole, static_cast<double>(step) / steps);
        if (contrastRatio(candidate, background) >= ratio)
            return candidate;
    }
    return pole;
}

QColor inkOn(const QColor& background)
{
    const QColor light(255, 255, 255);
    const QColor dark(0x14, 0x17, 0x1c);
    return contrastRatio(light, background) >= contrastRatio(dark, background) ? light : dark;
}

} // namespace weighbridge
