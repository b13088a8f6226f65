#pragma once

#include "core/hardware/accelerator.h"
#include "core/quantity/bytes.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Fits up to 80 % of what may be used, tight up to 100 %, exceeds above.
enum class Verdict
{
    fits,
    tight,
    exceeds,
};

std::string_view verdict_name(Verdict verdict);

/// How one GPU's share of the memory sits on one accelerator.
struct Fit
{
    Accelerator accelerator;
    Bytes needed; ///< per GPU at the scenario's tensor parallelism
    Bytes capacity;
    Bytes usable;        ///< capacity x usable fraction, or what the engine gives itself
    double fraction = 0; ///< needed / usable; infinite where nothing is usable
    Verdict verdict = Verdict::exceeds;
    std::int64_t free_bytes = 0; ///< usable - needed; negative when it exceeds
    /// The fewest GPUs of this kind that would do: the smallest tensor parallelism that divides the heads at which a
    /// GPU's share is at most the usable memory. Nothing where no such number exists.
    std::optional<std::int64_t> gpus_needed;
    bool gpus_searched = true; ///< false: nobody asked for gpus_needed, as for training
};

/// Judges an amount against an accelerator; `usable_fraction` where given, else the accelerator's default. Leaves
/// `gpus_needed` empty: that takes the model.
Fit judge(const Accelerator& accelerator, std::optional<double> usable_fraction, Bytes needed);

/// The same with an amount that may be used.
Fit judge_within(const Accelerator& accelerator, Bytes usable, Bytes needed);

/// The six accelerators of the web form and the nine of the appendix, 11 different ones, in order of capacity.
std::span<const std::string_view> standard_accelerators();

} // namespace weighbridge
