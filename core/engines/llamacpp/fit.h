#pragma once

#include "core/engines/llamacpp/run.h"
#include "core/memory/load.h"

#include <vector>

namespace weighbridge {

/// The run with its layers placed so, of the machine's devices that share them.
LlamaCppRun llama_cpp_placed(LlamaCppRun run, const LayerPlacement& placement);

/// Where llama.cpp puts the layers of a run by itself, so that no device holds more than its target, in bytes (--fit;
/// common/fit.cpp, common_params_fit_impl): as the run has them where that is so; else the last layers on the last
/// device and so on to the front, what is left to the host. Of experts, those of the last layers stay on the host
/// where everything else finds room. The context is taken as given, as are all devices of the run.
LayerPlacement llama_cpp_fit(const LlamaCppRun& run, const std::vector<double>& targets);

} // namespace weighbridge
