#pragma once

#include "core/memory/load.h"

namespace weighbridge {

/// KV cache bytes on one GPU.
double cache_bytes(const InferenceInputs& inputs);

/// The KV cache term; one child per kind of cache where there are several.
Term cache_term(const InferenceInputs& inputs);

} // namespace weighbridge
