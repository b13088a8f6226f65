#pragma once

#include "core/model/architecture.h"
#include "core/sources/config_reader.h"

namespace weighbridge {

/// The SigLIP tower of Gemma 3 and its projector, from `vision_config`. A file without one gets no tower, and a
/// warning.
void read_gemma3_vision(ConfigReader& outer, Architecture& network);

/// The tower of Llama 4 with its pixel-shuffle adapter, and the projector.
void read_llama4_vision(ConfigReader& outer, Architecture& network);

} // namespace weighbridge
