#pragma once

#include "core/launch/launch.h"
#include "core/launch/settings.h"

namespace weighbridge {

/// The scenario that a launch's settings make, every one accounted for. Its table must be known.
LaunchCommand interpret_launch(const Launch& launch);

} // namespace weighbridge
