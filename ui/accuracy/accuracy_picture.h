#pragma once

#include "core/accuracy/accuracy.h"
#include "core/quantity/result.h"

#include <QByteArray>
#include <QImage>

namespace weighbridge {

/// One figure's scatter under its title and what it says, at twice the size, in the light theme whatever the window's.
QImage accuracyImage(const SetAccuracy& set, const FigureAccuracy& figure);

/// The same as a PNG file's bytes; the error has no path.
Result<QByteArray> accuracyPng(const SetAccuracy& set, const FigureAccuracy& figure);

} // namespace weighbridge
