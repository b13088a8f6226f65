#pragma once

#include "core/quantity/result.h"
#include "core/training/framework.h"

#include <memory>
#include <string_view>

namespace weighbridge {

/// The framework's row as it was at a version: "1.16.0" or "2026-04" of the framework itself, libraries by name
/// ("transformers 4.48.1, trl 0.13.0"); the newest known where empty. What is not said is of the day of what is.
/// The error says what can't be read.
Result<std::shared_ptr<const Framework>> framework_at(const Framework& newest, std::string_view version);

} // namespace weighbridge
