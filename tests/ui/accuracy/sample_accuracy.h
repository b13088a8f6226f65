#pragma once

#include "core/accuracy/accuracy.h"

namespace weighbridge::sample {

/// Two engines with figures made up for the purpose. The first has "Weights" (relative bar 10 %: 10 for 10, 102 for
/// 100, 1,300 for 1,000 and, set aside, 50 for 5), "Graphs" (absolute bar 0.5 GiB around zero: 0.2 for −0.1 and 1 for
/// 1.2) and "Cache" (to the printed digit, two equal); the second one figure without any run.
AccuracyPointer accuracy();

} // namespace weighbridge::sample
