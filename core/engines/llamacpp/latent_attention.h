#pragma once

#include "core/engines/llamacpp/cells.h"
#include "core/engines/llamacpp/run.h"
#include "core/memory/layer_widths.h"
#include "core/quantity/formula.h"

namespace weighbridge {

/// Intermediate tensors of one layer of latent attention, masks aside. Three ways: absorbed into the latent vector
/// (llama.cpp, and ik_llama.cpp's mode 1), absorbed with scores as a tensor (without flash attention), or expanded to
/// every head's keys and values first (ik_llama.cpp's modes 2 and 3 with flash attention, for prompts;
/// src/graphs/build_deepseek2.cpp). Instantiated for double and Traced.
template<class Number>
Number latent_attention_bytes(const LlamaCppRun& run, const LlamaCppCells& cells, const LayerWidths& layer);

} // namespace weighbridge
