#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/result.h"

#include <string>

namespace weighbridge {

/// Draws the estimate into a .png, .svg or .pdf file, as the window's export does, with amounts in GiB. Needs no
/// display.
Outcome write_picture_file(const Estimate& estimate, const std::string& path);

} // namespace weighbridge
