#include "ui/theme/text.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <cmath>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

/// How many characters of the text fit, ending before a space; at least one word.
qsizetype lineEnd(QStringView text, const QFontMetricsF& metrics, qreal width)
{
    qsizetype end = text.indexOf(u' ');
    if (end < 0)
        return text.size();
    for (qsizetype next = end; next >= 0; next = text.indexOf(u' ', next + 1)) {
        if (metrics.horizontalAdvance(text.left(next).toString()) > width)
            return end;
        end = next;
    }
    return metrics.horizontalAdvance(text.toString()) <= width ? text.size() : end;
}

} // namespace

QString utf8(std::string_view bytes)
{
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

QString coreText(std::string_view english)
{
    if (english.empty())
        return {};
    return QCoreApplication::translate("core",
                                       QByteArray(english.data(), static_cast<qsizetype>(english.size())).constData());
}

QString inBothUnits(Bytes bytes, ByteUnit first)
{
    const ByteUnit other = first == ByteUnit::gib ? ByteUnit::gb : ByteUnit::gib;
    const bool small = std::abs(gib(bytes)) < 0.1;
    const auto shown = [&](ByteUnit unit) { return utf8(small ? in_fitting_unit(bytes, unit) : in_unit(bytes, unit)); };
    return shown(first) % u" ("_s % shown(other) % u')';
}

std::pair<QString, QString> inOneUnit(Bytes first, Bytes second, ByteUnit unit, int decimals)
{
    const std::string whole = in_unit(first, unit, decimals);
    const std::string other = in_unit(second, unit, decimals);
    const std::string ending = "\u00A0" + unit_name(unit);
    const bool same = whole.ends_with(ending) && other.ends_with(ending); // else "12,345.00 to 186 TiB"
    return {utf8(same ? in_unit_bare(first, unit, decimals) : whole), utf8(other)};
}

QString shareText(Bytes part, Bytes whole)
{
    if (whole.count <= 0)
        return u"—"_s;
    const double percent = 100.0 * static_cast<double>(part.count) / static_cast<double>(whole.count);
    constexpr double leastShown = 0.05;
    return (percent > 0 && percent < leastShown ? u"<0.1"_s : QString::number(percent, 'f', 1)) % u"\u00A0%"_s;
}

QStringList wrapped(const QString& text, const QFont& font, qreal width, int lines)
{
    QStringList result;
    const QFontMetricsF metrics(font);
    QStringView rest = text;
    while (!rest.isEmpty()) {
        if (result.size() + 1 >= lines) {
            result.append(metrics.elidedText(rest.toString(), Qt::ElideRight, width));
            break;
        }
        const qsizetype end = lineEnd(rest, metrics, width);
        result.append(metrics.elidedText(rest.left(end).toString(), Qt::ElideRight, width));
        rest = rest.mid(end).trimmed();
    }
    return result;
}

} // namespace weighbridge
