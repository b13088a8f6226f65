#include "core/accuracy/training_figures.h"

#include "core/accuracy/training_runs.h"
#include "core/memory/term.h"
#include "core/quantity/display.h"

namespace weighbridge {

namespace {

/// The range is the framework's, and that of what lies outside the allocator where the tool shows that too.
Comparison peak_comparison(const MeasuredRun& run, const Estimate& estimate, double measured)
{
    const std::string metric = run.record.text("metric");
    const double predicted = shown_training_bytes(estimate, metric);
    const TrainingMemory& memory = *estimate.training;
    const bool allocated = metric == "allocated";
    auto low = static_cast<double>((allocated ? memory.allocated_low : memory.reserved_low).count);
    auto high = static_cast<double>((allocated ? memory.allocated_high : memory.reserved_high).count);
    if (!allocated && metric != "reserved") {
        low += static_cast<double>(memory.overhead.low.count);
        high += static_cast<double>(memory.overhead.high.count);
    }
    return {measured / bytes_per_gib, predicted / bytes_per_gib, low / bytes_per_gib, high / bytes_per_gib, false, {}};
}

FigureOutcome training_peak(const MeasuredRun& run, const Estimate& estimate)
{
    const auto measured = run.record.number("bytes");
    if (!measured || estimate.training == nullptr)
        return FigureOutcome::not_recorded();
    return {peak_comparison(run, estimate, *measured), {}};
}

FigureOutcome static_memory(const MeasuredRun& run, const Estimate& estimate)
{
    if (estimate.training == nullptr || estimate.training->peak().id != "optimizer_step")
        return FigureOutcome::not_recorded();
    return training_peak(run, estimate);
}

} // namespace

std::span<const AccuracyFigure> training_figures()
{
    static constexpr AccuracyFigure figures[] = {
        {"training_peak", "Peak", "GiB", 2, {BarKind::relative, 0.15, 0.8, 0.06}, training_peak},
        {"training_static", "Static memory", "GiB", 2, {BarKind::relative, 0.02, 0.5, {}}, static_memory},
    };
    return figures;
}

} // namespace weighbridge
