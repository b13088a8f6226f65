#pragma once

#include "core/quantity/bytes.h"
#include "core/quantity/display.h"

#include <QtGlobal>

#include <vector>

namespace weighbridge {

/// What steps between ticks are: 1, 2 or 5 times a power of ten, or powers of two, which suit amounts of memory in GiB.
enum class TickBase
{
    decimal,
    binary,
};

/// Bytes of one of the unit.
inline double bytesPer(ByteUnit unit)
{
    return unit == ByteUnit::gib ? bytes_per_gib : bytes_per_gb;
}

/// Maps values of [low, high] onto pixels [from, to] in proportion. An empty domain maps everything to `from`.
struct LinearScale
{
    double low = 0;
    double high = 1;
    qreal from = 0;
    qreal to = 1;

    qreal map(double value) const;
    /// Multiples of a round step inside the domain, at most `atMost` steps.
    std::vector<double> ticks(int atMost, TickBase base = TickBase::decimal) const;
};

/// Decimals that tell ticks apart: 0 where they are whole, else as many as their step has.
int tickDecimals(const std::vector<double>& ticks);

/// Maps values onto pixels by their logarithm.
struct LogScale
{
    double lowDecade = 0; ///< 10^lowDecade
    double highDecade = 1;
    qreal from = 0;
    qreal to = 1;

    /// Values outside the domain lie on its edge; zero and less on the lower one.
    qreal map(double value) const;
    /// Every decade, or every second, third ... so that there are at most `atMost`.
    std::vector<double> ticks(int atMost) const;

    /// The decades around the values; at least two.
    static LogScale around(double smallest, double largest);
};

} // namespace weighbridge
