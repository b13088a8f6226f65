#pragma once

#include "core/memory/load.h"
#include "core/speed/requests.h"

#include <optional>
#include <string_view>

namespace weighbridge {

/// What the speed of an inference scenario is worked out from: the same load, ranks and pool as its memory.
struct SpeedQuestion
{
    const InferenceInputs* load = nullptr;      ///< as the engine lays it out
    const PrecisionChoice* precision = nullptr; ///< as used
    const InferenceChoice* choice = nullptr;    ///< as used: defaults filled in
    RequestLoad requests;                       ///< means, the spread of lengths counted
    bool wide_lengths = false;
    WorkerLayout layout;
    double workers = 1; ///< that decode
    std::optional<PrefillPool> prefill;
    double capacity = 1e9; ///< sequences of those lengths that the cache of one replica holds
    std::int64_t gpus = 1; ///< workers for prompts included
};

/// The engine's and the device's constants, and what they make of the question. Without constants every figure is
/// nothing, and an issue says why.
Speed serving_speed(const SpeedQuestion& question);

/// A range around a value: shares of it, to the power of `width`.
struct FigureRange
{
    double low = 1;
    double high = 1;

    /// Of what is one over it.
    FigureRange inverse() const { return {1 / high, 1 / low}; }
};
SpeedFigure figure_of(double value, const FigureRange& range, double width, Basis basis);

/// What the products of the weights run in: as chosen, else the weights' own type where the accelerator has it.
StepRates::Products products_of(const SpeedQuestion& question, const NumberFormat* attention);

} // namespace weighbridge
