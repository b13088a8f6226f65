#include "core/accuracy/wording.h"

#include "core/fields/number_text.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

constexpr const char* no_break_space = "\u00A0";
/// Smaller errors are rounding of what was printed, and their digits would depend on the compiler.
constexpr int most_decimals = 3;

/// So many decimals that two digits count, no more than `most_decimals`.
int decimals_for(double size)
{
    if (size <= 0)
        return 0;
    const int leading = static_cast<int>(std::floor(std::log10(size)));
    return std::clamp(1 - leading, 0, most_decimals);
}

/// "0.012", "<0.001".
std::string two_digits(double size)
{
    constexpr double least = 0.001;
    if (!std::isfinite(size))
        return decimal_text(size, 0);
    if (size < least / 2)
        return size == 0 ? "0" : "<0.001";
    return decimal_text(size, decimals_for(size));
}

bool is_sign(std::string_view unit)
{
    return unit == "×";
}

std::string with_unit(std::string text, std::string_view unit)
{
    if (unit.empty())
        return text;
    return text + (is_sign(unit) ? "" : no_break_space) + std::string(unit);
}

/// A bound as it was set: "1", "0.25".
std::string bound_text(const AccuracyFigure& figure, double bound)
{
    if (figure.bar.kind == BarKind::absolute)
        return with_unit(real_text(bound), figure.unit);
    constexpr double steps = 1e6; // of a percent: 0.003 times 100 is not 0.3
    return with_unit(real_text(std::round(bound * 100 * steps) / steps), "%");
}

std::string share_words(double share)
{
    struct Words
    {
        double share;
        const char* text;
    };
    static constexpr Words known[] = {
        {1, "all"}, {0.95, "19 of 20"}, {0.9, "9 of 10"}, {0.8, "8 of 10"}, {0.5, "half"}};
    const auto* found =
        std::find_if(std::begin(known), std::end(known), [&](const Words& words) { return words.share == share; });
    return found == std::end(known) ? percent_text(share) : found->text;
}

} // namespace

std::string figure_value_text(const AccuracyFigure& figure, double value)
{
    return decimal_text(value, figure.decimals);
}

std::string figure_value_with_unit(const AccuracyFigure& figure, double value)
{
    return with_unit(figure_value_text(figure, value), figure.unit);
}

std::string error_size_text(const AccuracyFigure& figure, double error)
{
    const double size = std::abs(error);
    if (figure.bar.kind == BarKind::absolute)
        return with_unit(two_digits(size), figure.unit);
    return with_unit(two_digits(size * 100), "%");
}

std::string signed_error_text(const AccuracyFigure& figure, double error)
{
    std::string size = error_size_text(figure, error);
    const bool nothing = size.starts_with("0") && size.find_first_of("123456789") == std::string::npos;
    if (nothing || size.starts_with("<"))
        return size;
    return (error < 0 ? "−" : "+") + size;
}

std::string bar_text(const AccuracyFigure& figure)
{
    const AccuracyBar& bar = figure.bar;
    const std::string share = share_words(bar.share);
    if (bar.kind == BarKind::printed)
        return share + " equal to the printed digit";
    std::string text = share + " within " + bound_text(figure, bar.tolerance);
    if (bar.median)
        text += ", half within " + bound_text(figure, *bar.median);
    return text;
}

std::string verdict_text(const FigureAccuracy& figure)
{
    if (figure.summary.count == 0)
        return "no runs";
    return figure.met() ? "met" : "missed";
}

} // namespace weighbridge
