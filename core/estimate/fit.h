#pragma once

#include "core/engines/support.h"
#include "core/estimate/layouts.h"
#include "core/hardware/accelerator.h"
#include "core/quantity/bytes.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What can be said of a fit. The first that holds counts, in the order cant_run, exceeds, would_not_start, not_known,
/// fits_if_given_back, tight, fits.
enum class Verdict
{
    fits,               ///< up to 80 % of what may be used, and the upper end of the range fits as well
    tight,              ///< above 80 %, or the upper end does not fit
    fits_if_given_back, ///< training: what is allocated fits, what the allocator would hold does not
    exceeds,
    would_not_start, ///< the engine insists on more before it starts
    cant_run,        ///< the table of engines says no
    not_known,       ///< something that could decide has no rule; what is known fits
};

/// "fits_if_given_back": every verdict has a name of its own.
std::string_view state_name(Verdict verdict);

/// The old three: "fits", "tight", "exceeds"; empty where none of them would be true.
std::string_view verdict_name(Verdict verdict);

/// "tight, if given back": what a list says.
std::string_view verdict_words(Verdict verdict);

/// Whether whoever asks may count on it: fits or tight, of either kind.
bool does_fit(Verdict verdict);

/// Of memory of the host's own: what lies there, the upper end of its range, and what may be used.
struct HostFigures
{
    Bytes needed;
    Bytes high;
    Bytes usable;
};

/// How one GPU's share of the memory sits on one accelerator.
struct Fit
{
    Accelerator accelerator;
    /// Per GPU at the scenario's layout. Where it would not start: what the engine insists on. Of cards on which it
    /// can't run it says nothing.
    Bytes needed;
    Bytes high; ///< upper end of the range of `needed`
    Bytes capacity;
    Bytes usable;        ///< capacity x usable fraction, or what the engine gives itself
    double fraction = 0; ///< needed / usable; infinite where nothing is usable
    Verdict verdict = Verdict::exceeds;
    std::int64_t free_bytes = 0; ///< usable - needed; negative when it exceeds
    /// Why it can't run, would not start or is not known.
    std::optional<Refusal> refusal;
    /// Of training "reserved" or "allocated"; "host" where the host's memory decides; else empty.
    std::string_view decided_by;
    std::optional<std::int64_t> decided_by_device; ///< of a list of devices: the index of the fullest
    std::optional<HostFigures> host;               ///< where the host's memory decides
    Bytes would_hold; ///< of training: what the allocator would hold, with what lies outside it; else 0
    /// The fewest GPUs of this kind that would do, by the layout below. Nothing where none of those tried, of up to
    /// `most_layout_gpus`, would.
    std::optional<std::int64_t> gpus_needed;
    std::optional<LayoutChoice> layout_needed;
    std::string layout_text; ///< "TP 8 × PP 2"
    std::vector<std::string_view> layouts_tried;
    std::optional<double> price_per_hour{}; ///< of the GPUs asked for, or of gpus_needed where those do not do
    bool gpus_searched = true;              ///< false: nobody asked for gpus_needed, as for training

    /// With the figures of the memory that decides, the host's where it does.
    Fit decisive() const;
};

/// Judges an amount against an accelerator, with the upper end of its range; `usable_fraction` where given, else the
/// accelerator's default, of what others have not taken. Leaves `gpus_needed` empty: that takes the model.
Fit judge(const Accelerator& accelerator, std::optional<double> usable_fraction, Bytes needed,
          std::optional<Bytes> high = std::nullopt, Bytes in_use = {});

/// The same with an amount that may be used.
Fit judge_within(const Accelerator& accelerator, Bytes usable, Bytes needed, std::optional<Bytes> high = std::nullopt);

/// Of training: `would_hold` is what the allocator would hold if the card had no end, with what lies outside it.
void judge_allocator(Fit& fit, Bytes would_hold);

/// A load that fits, where the engine insists on more before it starts; or any, where it refuses whatever memory there
/// is.
void judge_start(Fit& fit, const Refusal& refused);

/// What the table of engines says goes before what was judged.
void judge_support(Fit& fit, const Support& support);

/// The six accelerators of the web form and the nine of the appendix, 11 different ones, in order of capacity.
std::span<const std::string_view> standard_accelerators();

} // namespace weighbridge
