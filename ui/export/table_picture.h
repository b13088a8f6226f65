#pragma once

#include "core/estimate/estimate.h"
#include "core/report/table.h"

#include <QByteArray>
#include <QImage>
#include <QString>

#include <vector>

namespace weighbridge {

/// Tables one below the other, as wide as their texts, in the light theme whatever the window's; above them what they
/// are of.
QImage tablesImage(const Estimate& estimate, const QString& title, const std::vector<Table>& tables);

/// The same as a PNG file's bytes; the error has no path.
Result<QByteArray> tablesPng(const Estimate& estimate, const QString& title, const std::vector<Table>& tables);

/// Every row and column of them.
QByteArray tablesCsv(const std::vector<Table>& tables);

} // namespace weighbridge
