#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/display.h"

#include <QString>

namespace weighbridge {

/// As in_unit(), but in the fitting unit where that would show nothing ("2.52 MiB") or more than four digits before the
/// point ("186 TiB").
QString inReadableUnit(Bytes bytes, ByteUnit unit, int decimals = 2);

/// What an estimate is of: "H100 SXM 80 GB", "4 × H100 SXM 80 GB".
QString gpusText(const Estimate& estimate);

} // namespace weighbridge
