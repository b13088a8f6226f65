#include "core/accuracy/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weighbridge {

namespace {

/// Shares are ratios of small counts; this keeps 9 of 10 from missing 0.9 in the last bit.
constexpr double rounding = 1e-12;

double relative_error(double predicted, double measured)
{
    if (measured == 0)
        return predicted == 0 ? 0 : std::numeric_limits<double>::infinity();
    return predicted / measured - 1;
}

/// The smallest error that so many of the sorted ones do not exceed.
double at_share(const std::vector<double>& sorted, double share)
{
    const auto needed = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size()) - rounding));
    return sorted[std::clamp<std::size_t>(needed, 1, sorted.size()) - 1];
}

} // namespace

double comparison_error(const AccuracyBar& bar, const Comparison& comparison)
{
    if (bar.kind == BarKind::absolute)
        return comparison.predicted - comparison.measured;
    return relative_error(comparison.predicted, comparison.measured);
}

bool within_bar(const AccuracyBar& bar, const Comparison& comparison)
{
    if (bar.kind == BarKind::printed)
        return comparison.equal;
    return std::abs(comparison_error(bar, comparison)) <= bar.tolerance;
}

bool range_holds(const Comparison& comparison, int decimals)
{
    if (!comparison.low || !comparison.high)
        return false;
    const double last_digit = 0.5 * std::pow(10, -decimals);
    return *comparison.low - last_digit <= comparison.measured && comparison.measured <= *comparison.high + last_digit;
}

double ErrorSummary::share() const
{
    return count == 0 ? 0 : static_cast<double>(within) / static_cast<double>(count);
}

ErrorSummary summarize(const AccuracyFigure& figure, const std::vector<const Comparison*>& comparisons)
{
    ErrorSummary summary;
    std::vector<double> errors;
    for (const Comparison* comparison : comparisons) {
        if (!comparison->aside.empty()) {
            ++summary.aside;
            continue;
        }
        ++summary.count;
        summary.within += within_bar(figure.bar, *comparison) ? 1 : 0;
        summary.ranged += comparison->low ? 1 : 0;
        summary.held += range_holds(*comparison, figure.decimals) ? 1 : 0;
        errors.push_back(std::abs(comparison_error(figure.bar, *comparison)));
    }
    if (errors.empty())
        return summary;
    std::sort(errors.begin(), errors.end());
    summary.median = errors[errors.size() / 2];
    summary.nine_of_ten = at_share(errors, 0.9);
    summary.largest = errors.back();
    return summary;
}

bool meets(const AccuracyBar& bar, const ErrorSummary& summary)
{
    return summary.count > 0 && summary.share() >= bar.share - rounding &&
           (!bar.median || summary.median <= *bar.median);
}

bool ranges_hold(const ErrorSummary& summary)
{
    return 10 * summary.held >= 9 * summary.ranged;
}

} // namespace weighbridge
