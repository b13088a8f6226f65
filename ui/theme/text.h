#pragma once

#include "core/quantity/bytes.h"
#include "core/quantity/display.h"

#include <QFont>
#include <QString>
#include <QStringList>

#include <string_view>
#include <utility>

namespace weighbridge {

/// The core's UTF-8 as Qt's text: numbers, names, formulas.
QString utf8(std::string_view bytes);

/// An English label or message of the core in the person's language (translation context "core").
QString coreText(std::string_view english);

/// "32.86 GiB (35.28 GB)": the person's unit first, the other in parentheses; in a smaller unit what would round to
/// nothing.
QString inBothUnits(Bytes bytes, ByteUnit first);

/// Two amounts of one sentence, the first without its unit where both stand in the same: "65.7", "79.6 GiB".
std::pair<QString, QString> inOneUnit(Bytes first, Bytes second, ByteUnit unit, int decimals = 2);

/// One decimal, so that a column of shares adds up to 100: "45.6 %"; "<0.1 %" rather than nothing.
QString shareText(Bytes part, Bytes whole);

/// Broken at spaces into at most so many lines, the last one elided; never empty lines.
QStringList wrapped(const QString& text, const QFont& font, qreal width, int lines);

} // namespace weighbridge
