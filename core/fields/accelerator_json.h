#pragma once

#include "core/hardware/accelerator.h"
#include "core/quantity/result.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace weighbridge {

/// An accelerator that a person typed in: `name`, `memory_gib` or `capacity_bytes`, `bandwidth_gbs`, `tflops` by data
/// type, `unified_memory`. Only the memory is needed. `key` is where the object stands, for messages.
Result<Accelerator> read_custom_accelerator(const nlohmann::json& json, std::string_view key);

nlohmann::ordered_json write_custom_accelerator(const Accelerator& accelerator);

} // namespace weighbridge
