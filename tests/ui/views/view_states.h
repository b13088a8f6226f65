#pragma once

#include "tests/ui/support/sample_estimate.h"
#include "ui/session/view_state.h"

#include <utility>

namespace weighbridge {

inline ViewState stateOf(Estimate estimate)
{
    return {sample::shared(std::move(estimate)), false, ByteUnit::gib};
}

} // namespace weighbridge
