#include "ui/theme/typography.h"

#include <QFontDatabase>
#include <QFontInfo>
#include <QFontMetricsF>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

QFont bold(QFont font)
{
    font.setWeight(QFont::DemiBold);
    return font;
}

} // namespace

QFont scaled(const QFont& font, double factor)
{
    QFont result = font;
    if (font.pixelSize() > 0)
        result.setPixelSize(std::max(1, static_cast<int>(std::lround(font.pixelSize() * factor))));
    else
        result.setPointSizeF(std::max(1.0, font.pointSizeF() * factor));
    return result;
}

bool hasTabularDigits(const QFont& font)
{
    const QFontMetricsF metrics(font);
    const qreal zero = metrics.horizontalAdvance(u'0');
    return std::ranges::all_of(u"123456789"_s,
                               [&](QChar digit) { return std::abs(metrics.horizontalAdvance(digit) - zero) < 0.01; });
}

QFont numericFont(const QFont& font)
{
    if (hasTabularDigits(font))
        return font;
    QFont result = font;
#if QT_VERSION >= QT_VERSION_CHECK(6, 7, 0)
    result.setFeature(QFont::Tag("tnum"), 1);
    if (hasTabularDigits(result))
        return result;
#endif
    for (const QString& family :
         {u"DejaVu Sans"_s, u"Noto Sans"_s, u"Liberation Sans"_s, u"Segoe UI"_s, u"Helvetica Neue"_s}) {
        result.setFamilies(QStringList(family));
        if (QFontInfo(result).family() == family && hasTabularDigits(result))
            return result;
    }
    return formulaFont(font);
}

QFont formulaFont(const QFont& font)
{
    QFont result = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    if (font.pixelSize() > 0)
        result.setPixelSize(font.pixelSize());
    else
        result.setPointSizeF(font.pointSizeF());
    return result;
}

Typography Typography::from(const QFont& font)
{
    constexpr double small = 0.88;
    constexpr double headline = 2.3;
    Typography type;
    type.body = font;
    type.strong = bold(font);
    type.small = scaled(font, small);
    type.number = numericFont(font);
    type.strongNumber = bold(type.number);
    type.smallNumber = scaled(type.number, small);
    type.headline = bold(scaled(type.number, headline));
    type.formula = formulaFont(font);
    type.strongFormula = bold(type.formula);
    return type;
}

Spacing Spacing::from(const QFont& font)
{
    const qreal unit = QFontMetricsF(font).height() / 3.5;
    const auto steps = [unit](double count) { return static_cast<int>(std::lround(unit * count)); };
    return {steps(0.5), steps(1), steps(2), steps(4), steps(6)};
}

} // namespace weighbridge
