#pragma once

#include "core/accuracy/accuracy.h"

namespace weighbridge::testing {

/// Every bundled run, measured once for all tests of a program.
inline const Accuracy& accuracy()
{
    static const AccuracyPointer known = measure_accuracy();
    return *known;
}

} // namespace weighbridge::testing
