#pragma once

#include "core/estimate/estimate.h"

#include <string>

namespace weighbridge {

/// The estimate as a Markdown page (GitHub flavour): the verdict, the terms with their formulas, the fit on each
/// accelerator, the warnings.
std::string to_markdown(const Estimate& estimate);

} // namespace weighbridge
