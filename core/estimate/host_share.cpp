#include "core/estimate/host_share.h"

#include "core/engines/inference.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weighbridge {

namespace {

/// What the host may use beside what devices need.
std::optional<Bytes> usable_of_host(const Fit& devices, const HostChoice& known, Bytes in_use)
{
    const Accelerator& accelerator = devices.accelerator;
    if (accelerator.unified_memory && !accelerator.capacity_is_gpu_share)
        return whole_bytes(left_beside_host(accelerator, static_cast<double>(in_use.count),
                                            static_cast<double>(devices.needed.count)));
    if (known.memory_gib)
        return whole_bytes((*known.memory_gib - known.memory_in_use_gib.value_or(0)) * bytes_per_gib);
    return std::nullopt;
}

void decide_by(Fit& devices, const HostShare& host)
{
    const std::size_t of_host = badness(host.verdict);
    const std::size_t of_devices = badness(devices.verdict);
    const bool fuller = host.fraction > devices.fraction && devices.decided_by.empty() && does_fit(devices.verdict);
    if (of_host < of_devices || (of_host == of_devices && !fuller))
        return;
    devices.verdict = host.verdict;
    devices.decided_by = "host";
    devices.decided_by_device.reset();
    devices.host = HostFigures{host.total, host.high, *host.usable};
}

} // namespace

std::size_t badness(Verdict verdict)
{
    static constexpr std::array order = {Verdict::fits,      Verdict::tight,           Verdict::fits_if_given_back,
                                         Verdict::not_known, Verdict::would_not_start, Verdict::exceeds,
                                         Verdict::cant_run};
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), verdict) - order.begin());
}

HostShare host_share(std::vector<Term> terms)
{
    HostShare host;
    host.terms = std::move(terms);
    for (const Term& term : host.terms) {
        host.total += term.bytes;
        host.low += term.low;
        host.high += term.high;
    }
    return host;
}

void judge_host(Fit& devices, HostShare& host, const HostChoice& known, Bytes in_use)
{
    host.usable = usable_of_host(devices, known, in_use);
    if (!host.usable)
        return;
    const Fit judged = judge_within(devices.accelerator, *host.usable, host.total, host.high);
    host.fraction = judged.fraction;
    host.verdict = judged.verdict;
    decide_by(devices, host);
}

} // namespace weighbridge
