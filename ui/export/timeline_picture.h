#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/display.h"
#include "core/training/timeline.h"

#include <QByteArray>
#include <QImage>

namespace weighbridge {

/// The timeline of one pipeline stage, in the light theme whatever the window's. `estimate` has a timeline.
QImage timelineImage(const Estimate& estimate, std::int64_t stage, ByteUnit unit);

/// The same as a PNG file's bytes; the error has no path.
Result<QByteArray> timelinePng(const Estimate& estimate, std::int64_t stage, ByteUnit unit);

/// Every point of every stage.
QByteArray timelineCsv(const Timeline& timeline);

} // namespace weighbridge
