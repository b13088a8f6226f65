#pragma once

#include "core/quantity/result.h"

#include <QByteArray>
#include <QString>

namespace weighbridge {

/// Writes a file through a temporary one beside it, so that a failed write leaves the old file as it was. The error's
/// field is the path, its message names path and reason.
Outcome exportText(const QByteArray& bytes, const QString& path);

} // namespace weighbridge
