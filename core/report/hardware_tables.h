#pragma once

#include "core/quantity/display.h"
#include "core/report/table.h"

namespace weighbridge {

/// Every accelerator of the catalogue, a row each with its source: memory as sold and usable, bandwidth, dense peaks
/// per data type, links, power. Figures are of one device as software sees it; links and power of the whole package.
Table accelerators_table(ByteUnit unit = ByteUnit::gib);

/// Every server, rack and cloud instance: what it holds, its links, its source.
Table systems_table(ByteUnit unit = ByteUnit::gib);

} // namespace weighbridge
