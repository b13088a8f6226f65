#include "ui/theme/contrast.h"
#include "ui/theme/readable.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <gmock/gmock.h>

#include <QFontMetricsF>
#include <QGuiApplication>

namespace weighbridge {

namespace {

/// Ours, and two that desktops may hand us: plain black on white, and a dark one with a faint highlight.
std::vector<QPalette> palettes()
{
    QPalette plain(Qt::white);
    plain.setColor(QPalette::WindowText, Qt::black);
    plain.setColor(QPalette::Highlight, QColor(0xffc8dcff));
    QPalette night(QColor(0xff101010));
    night.setColor(QPalette::Window, QColor(0xff000000));
    night.setColor(QPalette::Base, QColor(0xff0a0a0a));
    night.setColor(QPalette::WindowText, Qt::white);
    night.setColor(QPalette::Highlight, QColor(0xff222244));
    return {applicationPalette(ColorMode::light), applicationPalette(ColorMode::dark), plain, night};
}

class EveryPalette : public testing::TestWithParam<std::size_t>
{
protected:
    Theme theme = Theme::from(palettes().at(GetParam()));
};

} // namespace

TEST(Contrast, AgreesWithTheDefinition)
{
    EXPECT_NEAR(contrastRatio(Qt::black, Qt::white), 21.0, 1e-9);
    EXPECT_NEAR(contrastRatio(Qt::white, Qt::white), 1.0, 1e-9);
    EXPECT_NEAR(contrastRatio(QColor(0xff767676), Qt::white), 4.54,
                0.01); // the well-known lightest grey that passes on white
}

INSTANTIATE_TEST_SUITE_P(Theme, EveryPalette, testing::Values(0U, 1U, 2U, 3U));

TEST_P(EveryPalette, TextIsReadable)
{
    for (const QColor& background : {theme.surface, theme.card}) {
        EXPECT_GE(contrastRatio(theme.text, background), textContrast);
        EXPECT_GE(contrastRatio(theme.mutedText, background), textContrast);
        for (const Verdict verdict : {Verdict::fits, Verdict::tight, Verdict::exceeds})
            EXPECT_GE(contrastRatio(theme.verdict(verdict).text, background), textContrast);
    }
    for (const Verdict verdict : {Verdict::fits, Verdict::tight, Verdict::exceeds})
        EXPECT_GE(contrastRatio(theme.verdict(verdict).text, theme.verdict(verdict).tint), textContrast);
    EXPECT_GE(contrastRatio(theme.onAccent, theme.accent), textContrast);
    EXPECT_GE(contrastRatio(theme.text, theme.accentTint), textContrast);
    for (std::size_t i = 0; i < Theme::seriesCount; ++i)
        EXPECT_GE(contrastRatio(theme.onSeriesColor(i), theme.seriesColor(i)), textContrast) << i;
}

TEST_P(EveryPalette, GraphicsStandOut)
{
    for (const QColor& background : {theme.surface, theme.card}) {
        EXPECT_GE(contrastRatio(theme.accent, background), graphicsContrast);
        for (std::size_t i = 0; i < Theme::seriesCount; ++i)
            EXPECT_GE(contrastRatio(theme.seriesColor(i), background), graphicsContrast) << i;
    }
}

TEST_P(EveryPalette, GreyedStaysReadable)
{
    const Theme grey = theme.greyed();
    EXPECT_GE(contrastRatio(grey.text, grey.surface), textContrast);
    for (std::size_t i = 0; i < Theme::seriesCount; ++i)
        EXPECT_GE(contrastRatio(grey.onSeriesColor(i), grey.seriesColor(i)), textContrast) << i;
}

TEST(Theme, DarkIsDecidedByLightness)
{
    EXPECT_FALSE(isDark(applicationPalette(ColorMode::light)));
    EXPECT_TRUE(isDark(applicationPalette(ColorMode::dark)));
}

TEST(Theme, SeriesFollowTheTermsMeaning)
{
    EXPECT_EQ(seriesOf("weights", 9), 0U);
    EXPECT_EQ(seriesOf("kv_cache", 9), 1U);
    EXPECT_EQ(seriesOf("overhead", 0), 3U);
    EXPECT_GE(seriesOf("something_new", 1), 4U);
    EXPECT_LT(seriesOf("something_new", 100), Theme::seriesCount);
}

TEST(Typography, NumbersLineUp)
{
    for (const QString& family :
         {QGuiApplication::font().family(), QStringLiteral("Inter"), QStringLiteral("DejaVu Sans")}) {
        const QFont number = numericFont(QFont(family, 11));
        EXPECT_TRUE(hasTabularDigits(number)) << family.toStdString();
    }
}

TEST(Typography, ScalesWithPointsAndWithPixels)
{
    QFont points;
    points.setPointSizeF(10);
    EXPECT_DOUBLE_EQ(scaled(points, 2).pointSizeF(), 20);
    QFont pixels;
    pixels.setPixelSize(14);
    EXPECT_EQ(scaled(pixels, 2).pixelSize(), 28);
    EXPECT_EQ(formulaFont(pixels).pixelSize(), 14);
    EXPECT_GT(Spacing::from(scaled(points, 2)).l, Spacing::from(points).l * 3 / 2);
}

TEST(Text, WrapsAtSpacesAndElidesTheLastLine)
{
    const QFont font = QGuiApplication::font();
    const QFontMetricsF metrics(font);
    const QString text = QStringLiteral("2 · L · k · d · s · b · B_kv / tp + 2 · L · k · d");
    const qreal width = metrics.horizontalAdvance(QStringLiteral("2 · L · k · d · s"));
    const QStringList lines = wrapped(text, font, width, 2);
    ASSERT_EQ(lines.size(), 2);
    EXPECT_TRUE(lines[1].endsWith(QChar(u'…')));
    for (const QString& line : lines)
        EXPECT_LE(metrics.horizontalAdvance(line), width + 1);
    EXPECT_EQ(wrapped(text, font, 1e6, 2), QStringList(text));
    EXPECT_TRUE(wrapped({}, font, 100, 2).isEmpty());
    EXPECT_EQ(wrapped(text, font, 1e6, 9).join(u' '), text);
    EXPECT_EQ(wrapped(text, font, width, 99).join(u' '), text);
}

TEST(Text, SmallAmountsAreNotRoundedToNothing)
{
    EXPECT_EQ(inBothUnits({35282485575}, ByteUnit::gib), QStringLiteral("32.86\u00A0GiB (35.28\u00A0GB)"));
    EXPECT_EQ(inBothUnits({3200000}, ByteUnit::gib), QStringLiteral("3.05\u00A0MiB (3.20\u00A0MB)"));
}

TEST(Text, SmallSharesAreNotRoundedToNothing)
{
    EXPECT_EQ(shareText({1}, {100'000}), QStringLiteral("<0.1\u00A0%"));
    EXPECT_EQ(shareText({0}, {100'000}), QStringLiteral("0.0\u00A0%"));
}

} // namespace weighbridge
