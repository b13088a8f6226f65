#pragma once

#include "core/estimate/estimate.h"

#include <vector>

namespace weighbridge {

/// The fit on the chosen accelerator, then the fit cards of the others: what every report lists.
std::vector<const Fit*> all_fits(const Estimate& estimate);

} // namespace weighbridge
