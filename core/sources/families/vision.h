#pragma once

#include "core/model/architecture.h"
#include "core/sources/config_reader.h"

namespace weighbridge {

/// The SigLIP tower of Gemma 3 and its projector, from `vision_config`. A file without one gets no tower, and a
/// warning.
void read_gemma3_vision(ConfigReader& outer, Architecture& network);

/// The tower of Llama 4 with its pixel-shuffle adapter, and the projector.
void read_llama4_vision(ConfigReader& outer, Architecture& network);

/// The towers of Qwen2-VL and Qwen2.5-VL with their mergers.
void read_qwen2_vision(ConfigReader& outer, Architecture& network);
void read_qwen2_5_vision(ConfigReader& outer, Architecture& network);

/// The tower of Qwen3-VL with a merger and one more for each deepstack level; Qwen3.5 has no levels.
void read_qwen3_vision(ConfigReader& outer, Architecture& network);

/// The Pixtral tower of Mistral 3 with its patch merger and projector.
void read_pixtral_vision(ConfigReader& outer, Architecture& network);

/// The MoonViT towers of Kimi-VL, Kimi-K2.5 and Kimi-K3 with their projectors.
void read_kimi_vision(ConfigReader& outer, Architecture& network);

/// The tower of Gemma 4 and its projector.
void read_gemma4_vision(ConfigReader& outer, Architecture& network);

/// The tower of Llama 3.2 Vision with its tile embeddings, and the projector.
void read_mllama_vision(ConfigReader& outer, Architecture& network);

/// Whether the file has a vision_config; says so in a warning where not.
bool has_vision(ConfigReader& outer);

} // namespace weighbridge
