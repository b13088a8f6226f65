#pragma once

#include "core/accuracy/figure.h"

#include <cstddef>
#include <vector>

namespace weighbridge {

/// How far off one comparison is, as its bar counts it: a fraction (relative, printed) or in the figure's unit
/// (absolute). Positive where too much was predicted; infinite where nothing was measured and something predicted.
double comparison_error(const AccuracyBar& bar, const Comparison& comparison);

/// Whether the comparison is as near as the bar asks.
bool within_bar(const AccuracyBar& bar, const Comparison& comparison);

/// Whether the range holds what was measured, give or take half of the last digit that was printed.
bool range_holds(const Comparison& comparison, int decimals);

/// What a set of comparisons says. Those set aside are counted in `aside` and nowhere else.
struct ErrorSummary
{
    std::size_t count = 0;
    std::size_t within = 0; ///< the bar's tolerance
    std::size_t ranged = 0; ///< have a range
    std::size_t held = 0;   ///< whose range holds the measured value
    std::size_t aside = 0;
    double median = 0;      ///< of the errors without their signs; of two in the middle the larger
    double nine_of_ten = 0; ///< that nine of ten do not exceed
    double largest = 0;

    double share() const; ///< within / count; 0 without any
};

ErrorSummary summarize(const AccuracyFigure& figure, const std::vector<const Comparison*>& comparisons);

/// Whether a summary meets the bar; never without any run.
bool meets(const AccuracyBar& bar, const ErrorSummary& summary);

/// Whether nine of ten ranges hold; true where there are none.
bool ranges_hold(const ErrorSummary& summary);

} // namespace weighbridge
