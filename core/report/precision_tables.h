#pragma once

#include "core/report/table.h"

namespace weighbridge {

/// What one number is: bits, layout, range, and the generations of accelerators that compute with it.
Table number_formats_table();

/// Every format and quantization scheme that scenarios take: bits per weight with scales, groups, what it takes, the
/// arithmetic it runs at and where that is native, engines, use and source.
Table quantization_table();

} // namespace weighbridge
