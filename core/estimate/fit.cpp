#include "core/estimate/fit.h"

#include <array>
#include <cmath>
#include <limits>

namespace weighbridge {

namespace {

constexpr double fits_up_to = 0.8;

Verdict verdict_of(Bytes needed, Bytes usable, double fraction)
{
    if (needed > usable)
        return Verdict::exceeds;
    return fraction <= fits_up_to ? Verdict::fits : Verdict::tight;
}

double share(Bytes needed, Bytes usable)
{
    if (usable.count > 0)
        return static_cast<double>(needed.count) / static_cast<double>(usable.count);
    return needed.count > 0 ? std::numeric_limits<double>::infinity() : 0;
}

} // namespace

std::string_view verdict_name(Verdict verdict)
{
    switch (verdict) {
    case Verdict::fits:
        return "fits";
    case Verdict::tight:
        return "tight";
    case Verdict::exceeds:
        return "exceeds";
    }
    return "exceeds";
}

Fit judge(const Accelerator& accelerator, std::optional<double> usable_fraction, Bytes needed)
{
    const double fraction = usable_fraction.value_or(default_usable_fraction(accelerator));
    const double usable = std::floor(static_cast<double>(accelerator.capacity.count) * fraction);
    return judge_within(accelerator, {static_cast<std::int64_t>(usable)}, needed);
}

Fit judge_within(const Accelerator& accelerator, Bytes usable, Bytes needed)
{
    Fit fit;
    fit.accelerator = accelerator;
    fit.needed = needed;
    fit.capacity = accelerator.capacity;
    fit.usable = usable;
    fit.fraction = share(needed, fit.usable);
    fit.verdict = verdict_of(needed, fit.usable, fit.fraction);
    fit.free_bytes = fit.usable.count - needed.count;
    return fit;
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
