#pragma once

#include "core/estimate.h"
#include "core/quantity/display.h"

#include <memory>

class QMimeData;

namespace weighbridge {

/// The tree of terms with its total as tab-separated text and as an HTML table.
std::unique_ptr<QMimeData> tableData(const Estimate& estimate, ByteUnit unit);

/// Puts that on the clipboard.
void copyTable(const Estimate& estimate, ByteUnit unit);

} // namespace weighbridge
