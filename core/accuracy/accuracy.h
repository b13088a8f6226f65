#pragma once

#include "core/accuracy/measured_set.h"
#include "core/accuracy/statistics.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// One run of one figure.
struct AccuracyPoint
{
    std::size_t run = 0; ///< in SetAccuracy::runs
    Comparison comparison;
    double error = 0;    ///< as the bar counts it, with its sign
    bool within = false; ///< the bar's tolerance
    std::string cause;   ///< of a miss, where one is known

    /// Whether it counts against the bar.
    bool counts() const { return comparison.aside.empty(); }
    bool misses() const { return counts() && !within; }
};

/// A run that a figure, or the whole set, could not take, and why.
struct LeftOut
{
    std::string run; ///< its id
    std::string reason;
};

struct FigureAccuracy
{
    const AccuracyFigure* figure = nullptr;
    std::vector<AccuracyPoint> points; ///< in the order of the runs
    std::vector<LeftOut> left_out;     ///< have the figure, but can't be compared
    ErrorSummary summary;

    bool met() const { return meets(figure->bar, summary); }
};

struct SetAccuracy
{
    const MeasuredSet* set = nullptr;
    std::vector<MeasuredRun> runs;
    std::vector<LeftOut> left_out; ///< no question could be made of them, or it had no answer
    std::vector<FigureAccuracy> figures;
};

/// Everything bundled, predicted against measured.
struct Accuracy
{
    std::vector<SetAccuracy> sets; ///< in the order of measured_sets()
};

using AccuracyPointer = std::shared_ptr<const Accuracy>;

/// Told how many runs of how many are done; false stops.
using AccuracyProgress = std::function<bool(std::size_t done, std::size_t all)>;

/// Estimates every bundled run and compares. Some hundred estimates: fractions of a second, so windows call it on a
/// thread of its own. Null where `progress` stopped it.
AccuracyPointer measure_accuracy(const AccuracyProgress& progress = {});

/// The same of one set.
SetAccuracy measure_set(const MeasuredSet& set);

} // namespace weighbridge
