#pragma once

#include "ui/hub/hub_result.h"

#include <ostream>
#include <QByteArray>
#include <QString>

// What GoogleTest needs to show these types in a failure. Found by argument-dependent look-up, hence the namespaces.

inline void PrintTo(const QString& text, std::ostream* out)
{
    *out << '"' << text.toStdString() << '"';
}

inline void PrintTo(const QByteArray& bytes, std::ostream* out)
{
    *out << '"' << bytes.left(200).toStdString() << '"';
}

namespace weighbridge {

inline void PrintTo(HubStatus status, std::ostream* out)
{
    *out << "HubStatus " << static_cast<int>(status);
}

} // namespace weighbridge
