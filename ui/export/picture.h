#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/display.h"

#include <QByteArray>
#include <QImage>
#include <QString>

namespace weighbridge {

enum class PictureFormat
{
    png, ///< at twice the size
    svg,
    pdf,
};

/// Headline, bar, legend and values, and of a training step its moments, in the light theme whatever the window's.
/// Needs a QGuiApplication, no display.
QImage pictureImage(const Estimate& estimate, ByteUnit unit);

/// The same picture as a file's bytes; the error has no path.
Result<QByteArray> pictureBytes(const Estimate& estimate, ByteUnit unit, PictureFormat format);

/// Writes the picture. A failed write leaves the old file; the error names the path and the reason.
Outcome exportPicture(const Estimate& estimate, ByteUnit unit, PictureFormat format, const QString& path);

} // namespace weighbridge
