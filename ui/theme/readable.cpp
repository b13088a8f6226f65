#include "ui/theme/readable.h"

#include "ui/theme/text.h"

#include <cmath>

namespace weighbridge {

QString inReadableUnit(Bytes bytes, ByteUnit unit, int decimals)
{
    constexpr double most = 10'000;
    const double size = unit == ByteUnit::gib ? bytes_per_gib : bytes_per_gb;
    const double amount = std::abs(static_cast<double>(bytes.count)) / size;
    const bool showsNothing = amount > 0 && amount < 0.5 * std::pow(10.0, -decimals);
    return utf8(showsNothing || amount >= most ? in_fitting_unit(bytes, unit) : in_unit(bytes, unit, decimals));
}

QString gpusText(const Estimate& estimate)
{
    return utf8(estimate.gpus == 1 ? estimate.fit.accelerator.card_name() : estimate.cards_name());
}

} // namespace weighbridge
