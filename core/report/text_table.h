#pragma once

#include "core/estimate/estimate.h"

#include <string>

namespace weighbridge {

/// The estimate as a terminal shows it, at most 80 columns wide: verdict, terms with both formula lines, fit on each
/// accelerator, warnings.
std::string to_text(const Estimate& estimate);

} // namespace weighbridge
