#pragma once

#include "core/report/table.h"

#include <memory>
#include <vector>

class QMimeData;

namespace weighbridge {

/// Tables as people see them, below each other, as tab-separated text and as an HTML table.
std::unique_ptr<QMimeData> tableData(const std::vector<Table>& tables);

/// Puts them on the clipboard.
void copyTables(const std::vector<Table>& tables);

} // namespace weighbridge
