#pragma once

#include "core/speed/speed.h"

#include <memory>

namespace weighbridge {

class Plan;
struct Scenario;

/// How fast a scenario is, by the plan that its memory is of: the same ranks, running sequences and pool. `used` has
/// the defaults filled in.
std::shared_ptr<const Speed> inference_speed(const Scenario& used, const Plan& plan);

} // namespace weighbridge
