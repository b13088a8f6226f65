#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/display.h"

#include <memory>

class QMimeData;

namespace weighbridge {

/// The tree of terms with its total, and below it what the engine would print, as tab-separated text and as an HTML
/// table.
std::unique_ptr<QMimeData> tableData(const Estimate& estimate, ByteUnit unit);

/// The same of the table of layers.
std::unique_ptr<QMimeData> layersData(const Estimate& estimate, ByteUnit unit);

/// Puts them on the clipboard.
void copyTable(const Estimate& estimate, ByteUnit unit);
void copyLayers(const Estimate& estimate, ByteUnit unit);

} // namespace weighbridge
