#include "core/accuracy/figure.h"

#include "core/quantity/display.h"

#include <algorithm>

namespace weighbridge {

double printed(const Estimate& estimate, std::string_view id)
{
    const auto& prints = estimate.engine_prints;
    const auto found = std::find_if(prints.begin(), prints.end(), [&](const EnginePrint& p) { return p.id == id; });
    return found == prints.end() ? 0 : found->value;
}

bool equal_as_printed(double predicted, double measured, int decimals)
{
    return decimal_text(predicted, decimals) == decimal_text(measured, decimals);
}

} // namespace weighbridge
