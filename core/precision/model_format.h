#pragma once

#include "core/model/model.h"
#include "core/precision/format.h"

namespace weighbridge {

/// The format as it applies to one model: formats that decide by tensor get their column. All others come back as they
/// are. "checkpoint" is the sizes in the model's file, else its quantization_config, else its data type.
NumberFormat for_model(NumberFormat format, const Model& model);

} // namespace weighbridge
