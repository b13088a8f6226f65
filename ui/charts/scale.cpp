#include "ui/charts/scale.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {

namespace {

/// The smallest round step that divides the span into at most so many parts.
double roundStep(double span, int atMost, TickBase base)
{
    const double least = span / std::max(1, atMost);
    if (base == TickBase::binary)
        return std::exp2(std::ceil(std::log2(least)));
    constexpr std::array<double, 3> mantissas = {1, 2, 5};
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    for (const double mantissa : mantissas)
        if (mantissa * power >= least)
            return mantissa * power;
    return 10 * power;
}

} // namespace

qreal LinearScale::map(double value) const
{
    if (!(high > low))
        return from;
    return from + (to - from) * ((value - low) / (high - low));
}

std::vector<double> LinearScale::ticks(int atMost, TickBase base) const
{
    std::vector<double> result;
    if (!(high > low) || !std::isfinite(high - low))
        return result;
    const double step = roundStep(high - low, atMost, base);
    const double first = std::ceil(low / step);
    const int count = static_cast<int>(std::floor(high / step) - first) + 1;
    for (int i = 0; i < count; ++i)
        result.push_back((first + i) * step);
    return result;
}

qreal LogScale::map(double value) const
{
    const double decade = value > 0 ? std::log10(value) : lowDecade;
    const double share = (decade - lowDecade) / std::max(1e-9, highDecade - lowDecade);
    return from + (to - from) * std::clamp(share, 0.0, 1.0);
}

std::vector<double> LogScale::ticks(int atMost) const
{
    const int first = static_cast<int>(std::ceil(lowDecade));
    const int last = static_cast<int>(std::floor(highDecade));
    const int decades = last - first;
    const int every = std::max(1, (decades + std::max(1, atMost) - 1) / std::max(1, atMost));
    std::vector<double> result;
    for (int decade = first; decade <= last; decade += every)
        result.push_back(std::pow(10.0, decade));
    return result;
}

LogScale LogScale::around(double smallest, double largest)
{
    LogScale scale;
    if (!(smallest > 0) || !(largest >= smallest) || !std::isfinite(largest))
        return scale;
    scale.lowDecade = std::floor(std::log10(smallest));
    scale.highDecade = std::ceil(std::log10(largest));
    if (scale.highDecade - scale.lowDecade < 2)
        scale.highDecade = scale.lowDecade + 2;
    return scale;
}

int tickDecimals(const std::vector<double>& ticks)
{
    constexpr int most = 9;
    if (ticks.size() < 2)
        return ticks.size() == 1 && ticks[0] != std::floor(ticks[0]) ? 2 : 0;
    double step = ticks[1] - ticks[0];
    int decimals = 0;
    constexpr double nearly = 1e-6; // steps are sums of binary fractions
    for (; decimals < most && std::abs(step - std::round(step)) > nearly * step; ++decimals)
        step *= 10;
    return decimals;
}

} // namespace weighbridge
