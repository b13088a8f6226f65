#pragma once

#include "ui/form/form_field.h"

#include <vector>

namespace weighbridge {

/// A row for every key of what is asked of a server and what is wanted of its speed: those with words of the window's
/// own first, then what else the core's table has.
void addTraffic(std::vector<FormField>& fields);

} // namespace weighbridge
