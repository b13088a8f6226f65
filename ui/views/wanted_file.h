#pragma once

#include "core/quantity/result.h"

#include <QByteArray>
#include <QString>

#include <functional>

namespace weighbridge {

/// What the person wants as a file.
struct WantedFile
{
    QString filter;    ///< "PNG image (*.png)"
    QString suggested; ///< "capacity.png"
    std::function<Result<QByteArray>()> bytes;
};

} // namespace weighbridge
