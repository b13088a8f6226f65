#include "ui/theme/theme.h"

#include "ui/theme/contrast.h"

namespace weighbridge {

namespace {

using SeriesTable = std::array<QRgb, Theme::seriesCount>;

// Blue, orange, green, brown, violet, teal, rose, olive: told apart by lightness too, and at 3:1 from both surfaces
// (tested).
constexpr SeriesTable lightSeries = {0xff4e79a7, 0xffd5740d, 0xff4c9143, 0xff8f6853,
                                     0xff7d63a6, 0xff237d78, 0xffb24d77, 0xff757021};
constexpr SeriesTable darkSeries = {0xff6f9fd8, 0xfff5a55a, 0xff7fc074, 0xffc09480,
                                    0xffb39ddb, 0xff62c0b8, 0xffe58fb2, 0xffc9c266};

QColor readableOnBoth(const QColor& color, const QColor& surface, const QColor& card, double ratio)
{
    return withContrast(withContrast(color, surface, ratio), card, ratio);
}

void setVerdicts(Theme& theme)
{
    const auto colors = [&](QRgb lightText, QRgb lightTint, QRgb darkText, QRgb darkTint) {
        VerdictColors verdict;
        verdict.tint = QColor(theme.dark ? darkTint : lightTint);
        verdict.text = withContrast(QColor(theme.dark ? darkText : lightText), verdict.tint, textContrast);
        verdict.text = readableOnBoth(verdict.text, theme.surface, theme.card, textContrast);
        return verdict;
    };
    theme.fits = colors(0xff127538, 0xffe0f3e7, 0xff63cf8d, 0xff1e3a2a);
    theme.tight = colors(0xff8a5800, 0xfffcf0d6, 0xffe8b75a, 0xff3b3119);
    theme.exceeds = colors(0xffc0272d, 0xfffde9e9, 0xffff8a85, 0xff47262a);
    theme.unknown = colors(0xff4a4f57, 0xffeceef1, 0xffc4c9d1, 0xff32363d);
}

void setRoles(QPalette& palette, std::initializer_list<std::pair<QPalette::ColorRole, QRgb>> roles)
{
    for (const auto& [role, color] : roles)
        palette.setColor(role, QColor(color));
}

void setDisabled(QPalette& palette, const QColor& text)
{
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, text);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, palette.color(QPalette::Active, QPalette::Mid));
}

} // namespace

bool isDark(const QPalette& palette)
{
    return palette.color(QPalette::Window).lightness() < palette.color(QPalette::WindowText).lightness();
}

QPalette applicationPalette(ColorMode mode)
{
    QPalette palette;
    if (mode == ColorMode::light) {
        setRoles(palette, {{QPalette::Window, 0xfff6f7f9},
                           {QPalette::WindowText, 0xff1b2330},
                           {QPalette::Base, 0xffffffff},
                           {QPalette::AlternateBase, 0xfff2f4f7},
                           {QPalette::Text, 0xff1b2330},
                           {QPalette::PlaceholderText, 0xff737d8c},
                           {QPalette::Button, 0xfffbfcfd},
                           {QPalette::ButtonText, 0xff1b2330},
                           {QPalette::BrightText, 0xffffffff},
                           {QPalette::Highlight, 0xff2f6fde},
                           {QPalette::HighlightedText, 0xffffffff},
                           {QPalette::Link, 0xff2462cc},
                           {QPalette::LinkVisited, 0xff6a4ba6},
                           {QPalette::ToolTipBase, 0xffffffff},
                           {QPalette::ToolTipText, 0xff1b2330},
                           {QPalette::Light, 0xffffffff},
                           {QPalette::Midlight, 0xffeceff3},
                           {QPalette::Mid, 0xffc9ced6},
                           {QPalette::Dark, 0xffa9b0bb},
                           {QPalette::Shadow, 0xff6b7280}});
        setDisabled(palette, QColor(0xff8d96a3));
    } else {
        setRoles(palette, {{QPalette::Window, 0xff1c1f24},
                           {QPalette::WindowText, 0xffe7eaef},
                           {QPalette::Base, 0xff252a31},
                           {QPalette::AlternateBase, 0xff2a2f37},
                           {QPalette::Text, 0xffe7eaef},
                           {QPalette::PlaceholderText, 0xff8b95a4},
                           {QPalette::Button, 0xff2b3038},
                           {QPalette::ButtonText, 0xffe7eaef},
                           {QPalette::BrightText, 0xffffffff},
                           {QPalette::Highlight, 0xff5b96ff},
                           {QPalette::HighlightedText, 0xff0d1117},
                           {QPalette::Link, 0xff82b1ff},
                           {QPalette::LinkVisited, 0xffc0a5f2},
                           {QPalette::ToolTipBase, 0xff2b3038},
                           {QPalette::ToolTipText, 0xffe7eaef},
                           {QPalette::Light, 0xff3d444e},
                           {QPalette::Midlight, 0xff343a43},
                           {QPalette::Mid, 0xff3a414b},
                           {QPalette::Dark, 0xff14171b},
                           {QPalette::Shadow, 0xff0b0d10}});
        setDisabled(palette, QColor(0xff717b89));
    }
    return palette;
}

Theme Theme::from(const QPalette& palette)
{
    Theme theme;
    theme.dark = isDark(palette);
    theme.surface = palette.color(QPalette::Active, QPalette::Window);
    theme.card = palette.color(QPalette::Active, QPalette::Base);
    theme.text = palette.color(QPalette::Active, QPalette::WindowText);
    theme.border = mixed(theme.surface, theme.text, theme.dark ? 0.16 : 0.13);
    theme.track = mixed(theme.card, theme.text, theme.dark ? 0.14 : 0.10);
    theme.hatch = mixed(theme.surface, theme.text, theme.dark ? 0.13 : 0.10);
    theme.mutedText = readableOnBoth(mixed(theme.text, theme.surface, 0.36), theme.surface, theme.card, textContrast);
    theme.accent = readableOnBoth(palette.color(QPalette::Active, QPalette::Highlight), theme.surface, theme.card,
                                  graphicsContrast);
    theme.onAccent =
        withContrast(palette.color(QPalette::Active, QPalette::HighlightedText), theme.accent, textContrast);
    theme.accentTint = mixed(theme.surface, theme.accent, theme.dark ? 0.20 : 0.10);
    setVerdicts(theme);
    const SeriesTable& table = theme.dark ? darkSeries : lightSeries;
    for (std::size_t i = 0; i < seriesCount; ++i) {
        theme.series.at(i) = QColor(table.at(i));
        theme.onSeries.at(i) = inkOn(theme.series.at(i));
    }
    return theme;
}

Theme Theme::greyed() const
{
    Theme grey = *this;
    const auto drained = [this](const QColor& color, double amount) {
        const int lightness = qGray(color.rgb());
        return mixed(QColor(lightness, lightness, lightness), surface, amount);
    };
    for (std::size_t i = 0; i < seriesCount; ++i) {
        grey.series.at(i) = drained(series.at(i), 0.35);
        grey.onSeries.at(i) = withContrast(inkOn(grey.series.at(i)), grey.series.at(i), textContrast);
    }
    grey.text = mutedText;
    grey.accent = drained(accent, 0.2);
    grey.onAccent = inkOn(grey.accent);
    for (VerdictColors* verdict : {&grey.fits, &grey.tight, &grey.exceeds, &grey.unknown})
        *verdict = {mutedText, mixed(surface, text, 0.07)};
    return grey;
}

const VerdictColors& Theme::verdict(Verdict verdict) const
{
    switch (verdict) {
    case Verdict::fits:
        return fits;
    case Verdict::tight:
    case Verdict::fits_if_given_back:
        return tight;
    case Verdict::exceeds:
    case Verdict::would_not_start:
    case Verdict::cant_run:
        return exceeds;
    case Verdict::not_known:
        return unknown;
    }
    return unknown;
}

std::size_t seriesOf(std::string_view termId, std::size_t fallback)
{
    struct Place
    {
        std::string_view id;
        std::size_t series;
    };
    static constexpr std::array<Place, 8> places = {{{"weights", 0},
                                                     {"kv_cache", 1},
                                                     {"activations", 2},
                                                     {"overhead", 3},
                                                     {"gradients", 4},
                                                     {"optimizer", 5},
                                                     {"logits", 6},
                                                     {"adapters", 7}}};
    for (const Place& place : places)
        if (place.id == termId)
            return place.series;
    return 4 + fallback % 4;
}

} // namespace weighbridge
