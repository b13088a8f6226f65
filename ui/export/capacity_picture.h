#pragma once

#include "core/answers/recommend.h"
#include "core/answers/serving.h"
#include "core/estimate/estimate.h"
#include "core/quantity/display.h"

#include <QByteArray>
#include <QImage>

namespace weighbridge {

/// Both charts of serving capacity one above the other, in the light theme whatever the window's.
QImage capacityImage(const Estimate& estimate, const ServingCapacity& serving, ByteUnit unit);

/// The same as a PNG file's bytes; the error has no path.
Result<QByteArray> capacityPng(const Estimate& estimate, const ServingCapacity& serving, ByteUnit unit);

/// The tables, the points of the curves, the capacity lines and every configuration; either may be null.
QByteArray capacityCsv(const ServingCapacity* serving, const Recommendations* recommendations);

} // namespace weighbridge
