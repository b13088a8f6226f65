#pragma once

#include "core/model/architecture.h"
#include "core/sources/config_reader.h"

// Audio towers: read from `audio_config` of a composite file, counted as a part of their own with what joins them to
// the language model. A file without the object has no tower. The shapes are those of the modeling files of
// transformers.

namespace weighbridge {

void read_gemma3n_audio(ConfigReader& outer, Architecture& network);
void read_gemma4_audio(ConfigReader& outer, Architecture& network);

} // namespace weighbridge
