#pragma once

#include <QString>

#include <string>
#include <string_view>

namespace weighbridge {

/// The core speaks UTF-8 in std::string, the window QString. These are the two doors.
inline QString toQt(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

inline std::string fromQt(const QString& text)
{
    return text.toStdString();
}

} // namespace weighbridge
