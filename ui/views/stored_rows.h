#pragma once

#include "ui/views/model_panel.h"

#include <vector>

namespace weighbridge {

/// What the model's weights files hold, part by part and type by type, beside what the rule makes of the same. Empty
/// where no files were read.
std::vector<FigureList::Row> storedRows(const ViewState& state);

} // namespace weighbridge
