#pragma once

#include "core/estimate/estimate.h"

#include <QString>

namespace weighbridge {

/// What an estimate is of: "H100 SXM 80 GB", "4 × H100 SXM 80 GB".
QString gpusText(const Estimate& estimate);

} // namespace weighbridge
