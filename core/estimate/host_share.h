#pragma once

#include "core/estimate/estimate.h"

#include <cstddef>
#include <vector>

namespace weighbridge {

/// Where a verdict stands in the order in which they count: the worst has the largest number.
std::size_t badness(Verdict verdict);

/// The terms of the host's memory, summed; nothing is judged.
HostShare host_share(std::vector<Term> terms);

/// Judges the host's share beside the devices', and lets it decide where it is the worse or the fuller: memory of its
/// own where that is known, of memory that is shared what the devices leave.
void judge_host(Fit& devices, HostShare& host, const HostChoice& known, Bytes in_use);

} // namespace weighbridge
