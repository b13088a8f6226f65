#pragma once

#include "core/engines/vllm/settings.h"

namespace weighbridge::vllm {

/// The weights' format as one rank's kernels hold it, where a checkpoint's layout is not that of the kernels
/// (quantization/*.py, process_weights_after_loading): zero points that are widened or dropped, scales that are spread
/// out, groups that a rank's share of an expert would cut. Other formats come back as they are. `load.sharding` is the
/// engine's.
NumberFormat loaded_format(const InferenceInputs& load, const Settings& settings);

} // namespace weighbridge::vllm
