#pragma once

#include "core/accuracy/measured_run.h"

#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// What a bar is put on.
enum class BarKind
{
    relative, ///< |predicted / measured − 1|
    absolute, ///< |predicted − measured|, in the figure's unit
    printed,  ///< equal to the last digit that the engine prints
};

/// How near a figure has to be to what was measured.
struct AccuracyBar
{
    BarKind kind = BarKind::relative;
    double tolerance = 0;         ///< a fraction, or in the figure's unit; of `printed` unused
    double share = 0.9;           ///< of the runs that have to be as near
    std::optional<double> median; ///< what half of the runs must not exceed, beside it
};

/// One figure of one run, predicted and measured.
struct Comparison
{
    double measured = 0;
    double predicted = 0;
    std::optional<double> low; ///< of the range that holds nine of ten; both or neither
    std::optional<double> high;
    bool equal = false; ///< to the printed digit; only for bars of that kind
    std::string aside;  ///< why it is shown, but not held against the bar; empty where it is
};

/// A comparison, or the reason why there is none, or neither where the record does not have the figure.
struct FigureOutcome
{
    std::optional<Comparison> comparison;
    std::string left_out;

    static FigureOutcome not_recorded() { return {}; }
    static FigureOutcome without(std::string reason) { return {std::nullopt, std::move(reason)}; }
};

/// A figure that records of an engine have and estimates predict. The table of figures is what the page, the report and
/// the tests go through.
struct AccuracyFigure
{
    std::string_view id;    ///< "weights"
    std::string_view title; ///< "Weights per rank"
    std::string_view unit;  ///< "GiB"; empty for counts
    int decimals = 2;       ///< as the engine prints it
    AccuracyBar bar;
    FigureOutcome (*compare)(const MeasuredRun& run, const Estimate& estimate) = nullptr;
};

/// What the engine would print under that key; 0 where it prints no such thing.
double printed(const Estimate& estimate, std::string_view id);

/// Whether both are the same with so many decimals.
bool equal_as_printed(double predicted, double measured, int decimals);

} // namespace weighbridge
