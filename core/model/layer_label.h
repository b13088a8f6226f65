#pragma once

#include "core/model/layer.h"

#include <string>

namespace weighbridge {

/// What kind of layer it is: "full attention, dense"; every different part once: "full attention, Mamba-2, dense".
std::string layer_label(const Layer& layer);

/// Its sizes: "32 heads, 8 for keys and values, of 128; inner width 14,336". Says as well where a layer reads the cache
/// of an earlier one or takes its matrices from elsewhere.
std::string layer_shape(const Layer& layer);

} // namespace weighbridge
