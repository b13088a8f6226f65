#pragma once

#include "core/fields/fields.h"

namespace weighbridge {

/// The rows of fine_tune.* and train.*: the same options twice, each group read by the task of its name.
void add_training_fields(std::vector<ScenarioField>& fields);

} // namespace weighbridge
