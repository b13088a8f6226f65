#pragma once

#include "ui/form/form_field.h"

#include <vector>

namespace weighbridge {

/// A row for every option of the tasks that train, from the core's table of fields. What few words it gets here is its
/// label and its group; an option that nobody gave words yet stands under its own name.
void addTrainingOptions(std::vector<FormField>& fields);

/// The groups of those rows, for both tasks; a task's groups are in sight while it is chosen.
std::vector<FormGroup> trainingGroups();

} // namespace weighbridge
