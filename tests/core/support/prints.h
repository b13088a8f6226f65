#pragma once

#include "core/estimate/estimate.h"

#include <gtest/gtest.h>

#include <string_view>

namespace weighbridge::testing {

/// What the engine would print under that key; fails the test where it prints no such thing.
inline double print_of(const Estimate& estimate, std::string_view id)
{
    for (const EnginePrint& print : estimate.engine_prints)
        if (print.id == id)
            return print.value;
    ADD_FAILURE() << "nothing printed for " << id;
    return 0;
}

} // namespace weighbridge::testing
