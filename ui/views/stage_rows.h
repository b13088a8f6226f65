#pragma once

#include "core/quantity/display.h"
#include "core/training/training.h"
#include "ui/widgets/table_model.h"

namespace weighbridge {

/// Every stage of the pipeline: its layers and parameters, what is allocated at each moment, and its peak. The fullest
/// one is the strong one.
Table stageRows(const TrainingMemory& memory, ByteUnit unit);

} // namespace weighbridge
