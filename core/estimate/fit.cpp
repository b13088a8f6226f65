#include "core/estimate/fit.h"

#include <algorithm>
#include <array>
#include <limits>

namespace weighbridge {

namespace {

constexpr double fits_up_to = 0.8;

struct VerdictRow
{
    std::string_view state;
    std::string_view old_name; ///< empty where none of the three would be true
    std::string_view words;
    bool fits;
};

const VerdictRow& row_of(Verdict verdict)
{
    static constexpr std::array<VerdictRow, 7> rows = {{
        {"fits", "fits", "fits", true},
        {"tight", "tight", "tight", true},
        {"fits_if_given_back", "tight", "tight, if given back", true},
        {"exceeds", "exceeds", "exceeds", false},
        {"would_not_start", "exceeds", "would not start", false},
        {"cant_run", "", "can't run", false},
        {"not_known", "", "not known", false},
    }};
    return rows.at(static_cast<std::size_t>(verdict));
}

Verdict verdict_of(Bytes needed, Bytes high, Bytes usable, double fraction)
{
    if (needed > usable)
        return Verdict::exceeds;
    return fraction <= fits_up_to && !(high > usable) ? Verdict::fits : Verdict::tight;
}

double share(Bytes needed, Bytes usable)
{
    if (usable.count > 0)
        return static_cast<double>(needed.count) / static_cast<double>(usable.count);
    return needed.count > 0 ? std::numeric_limits<double>::infinity() : 0;
}

} // namespace

std::string_view state_name(Verdict verdict)
{
    return row_of(verdict).state;
}

std::string_view verdict_name(Verdict verdict)
{
    return row_of(verdict).old_name;
}

std::string_view verdict_words(Verdict verdict)
{
    return row_of(verdict).words;
}

bool does_fit(Verdict verdict)
{
    return row_of(verdict).fits;
}

Fit judge(const Accelerator& accelerator, std::optional<double> usable_fraction, Bytes needed,
          std::optional<Bytes> high, Bytes in_use)
{
    const double fraction = usable_fraction.value_or(default_usable_fraction(accelerator));
    const Bytes usable = whole_bytes(static_cast<double>(accelerator.capacity.count - in_use.count) * fraction);
    return judge_within(accelerator, usable, needed, high);
}

Fit judge_within(const Accelerator& accelerator, Bytes usable, Bytes needed, std::optional<Bytes> high)
{
    Fit fit;
    fit.accelerator = accelerator;
    fit.needed = needed;
    fit.high = high.value_or(needed);
    fit.capacity = accelerator.capacity;
    fit.usable = usable;
    fit.fraction = share(needed, fit.usable);
    fit.verdict = verdict_of(needed, fit.high, fit.usable, fit.fraction);
    fit.free_bytes = fit.usable.count - needed.count;
    return fit;
}

Fit Fit::decisive() const
{
    if (!host)
        return *this;
    const Fit figures = judge_within(accelerator, host->usable, host->needed, host->high);
    Fit decisive = *this;
    decisive.needed = figures.needed;
    decisive.high = figures.high;
    decisive.usable = figures.usable;
    decisive.fraction = figures.fraction;
    decisive.free_bytes = figures.free_bytes;
    return decisive;
}

void judge_allocator(Fit& fit, Bytes would_hold)
{
    fit.would_hold = would_hold;
    fit.decided_by = fit.verdict == Verdict::exceeds ? "allocated" : "reserved";
    if (does_fit(fit.verdict) && would_hold > fit.usable)
        fit.verdict = Verdict::fits_if_given_back;
}

void judge_start(Fit& fit, const Refusal& refused)
{
    if (refused.needed == 0) { // not for want of memory
        fit.verdict = Verdict::cant_run;
        fit.refusal = refused;
        return;
    }
    if (!does_fit(fit.verdict))
        return;
    const Bytes capacity = fit.capacity;
    const Bytes high = fit.high;
    fit = judge_within(fit.accelerator, whole_bytes(refused.usable), whole_bytes(refused.needed));
    fit.high = std::max(high, fit.needed);
    fit.capacity = capacity;
    fit.verdict = Verdict::would_not_start;
    fit.refusal = refused;
}

void judge_support(Fit& fit, const Support& support)
{
    const bool no = support.runs == Runs::no;
    if (!no && !(support.runs == Runs::unknown && does_fit(fit.verdict)))
        return;
    fit.verdict = no ? Verdict::cant_run : Verdict::not_known;
    fit.refusal = support.refusal;
}

std::span<const std::string_view> standard_accelerators()
{
    static constexpr std::array<std::string_view, 11> ids = {
        "rtx_4090", "rtx_5090",     "a100_sxm_40", "h100_sxm_80", "a100_sxm_80", "h100_nvl_94",
        "m4_max",   "h200_sxm_141", "b200_sxm",    "b300_sxm",    "m3_ultra",
    };
    return ids;
}

} // namespace weighbridge
