#pragma once

#include "core/estimate/estimate.h"

#include <string>

namespace weighbridge {

/// The whole estimate as tables for a spreadsheet: the terms flattened, then the scenario, the model, the fit on each
/// accelerator, the capacity, the operations of the roofline and the warnings, each with its header line and an empty
/// line between them. Quoted as RFC 4180 says, CRLF at line ends. Texts that a spreadsheet would run as a formula
/// ("=…", "+…", "-…", "@…") get an apostrophe in front.
std::string to_csv(const Estimate& estimate);

} // namespace weighbridge
