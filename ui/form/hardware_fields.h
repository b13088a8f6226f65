#pragma once

#include "ui/form/form_field.h"

#include <vector>

namespace weighbridge {

/// The rows of the machine: its GPUs, its memory, and how a model lies over them.
void addHardwareFields(std::vector<FormField>& fields);

} // namespace weighbridge
