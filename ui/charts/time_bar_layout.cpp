#include "ui/charts/time_bar_layout.h"

#include "core/quantity/display.h"
#include "core/report/speed_report.h"
#include "ui/charts/scale.h"
#include "ui/theme/contrast.h"
#include "ui/theme/focus_ring.h"
#include "ui/theme/text.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <array>
#include <iterator>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

/// A term's hue, and how far it is drawn towards the surface; no hue: a grey.
struct TimeHue
{
    std::string_view term;
    int series = -1;
    double pale = 0;
};

constexpr int grey = -1;
constexpr std::array<TimeHue, 12> time_hues = {{{"weights", 0, 0},
                                                {"experts", 0, 0.35},
                                                {"matmul", 0, 0},
                                                {"products", 0, 0.35},
                                                {"cache", 1, 0},
                                                {"attention", 2, 0},
                                                {"recompute", 2, 0.4},
                                                {"kernels", grey, 0.35},
                                                {"links", grey, 0.2},
                                                {"step", grey, 0.55},
                                                {"host", 3, 0},
                                                {"sequences", grey, 0.65}}};

qreal lineOf(const Typography& type)
{
    return QFontMetricsF(type.small).height();
}

/// In one unit for the whole bar: milliseconds, or seconds where it is long.
struct TimeUnit
{
    double size = 1e-3;
    QString name = u"ms"_s;

    explicit TimeUnit(double whole)
    {
        if (whole >= 1) {
            size = 1;
            name = u"s"_s;
        }
    }
};

} // namespace

QColor timeColor(std::string_view term, const Theme& theme)
{
    const auto* found =
        std::find_if(time_hues.begin(), time_hues.end(), [&](const TimeHue& hue) { return hue.term == term; });
    const TimeHue hue = found != time_hues.end() ? *found : TimeHue{term, grey, 0.45};
    const QColor color = hue.series == grey ? theme.text : theme.seriesColor(static_cast<std::size_t>(hue.series));
    return mixed(color, theme.surface, hue.pale);
}

qreal TimeBarLayout::heightFor(const Typography& type)
{
    return lineOf(type) * 3.1;
}

TimeBarLayout TimeBarLayout::of(const std::vector<SpeedTerm>& terms, const QRectF& rect, const Typography& type)
{
    TimeBarLayout layout;
    const qreal line = lineOf(type);
    layout.bar = QRectF(rect.left(), rect.top(), rect.width(), line * 1.7);
    const double whole = sum_of(terms);
    layout.name = tr("Time of a step by part, %1").arg(utf8(seconds_text(whole)));
    if (whole <= 0)
        return layout;
    const TimeUnit unit(whole);
    const LinearScale scale{0, whole / unit.size, layout.bar.left(), layout.bar.right()};
    double from = 0;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        const SpeedTerm& term = terms[i];
        const double to = from + term.seconds / unit.size;
        TimeSegment segment;
        segment.term = i;
        segment.rect = QRectF(QPointF(scale.map(from), layout.bar.top()), QPointF(scale.map(to), layout.bar.bottom()));
        const QString title = coreText(term.label);
        const QString figure = utf8(rate_text(term.seconds / unit.size));
        segment.name =
            tr("%1: %2, %3").arg(title, utf8(seconds_text(term.seconds)), utf8(percent_text(term.seconds / whole)));
        segment.toolTip = segment.name;
        if (!term.formula.symbols.empty())
            segment.toolTip += u'\n' % utf8(term.formula.symbols) % u"\n= "_s % utf8(term.formula.numbers);
        for (const QString& text : {QString(title % u' ' % figure), figure}) {
            const QSizeF size = textSize(text, type.small);
            if (size.width() + line * 0.7 <= segment.rect.width()) {
                segment.label = textAt(
                    text, type.small, {segment.rect.left() + line * 0.35, layout.bar.center().y() - size.height() / 2});
                break;
            }
        }
        layout.segments.push_back(std::move(segment));
        from = to;
    }
    const QString end = utf8(seconds_text(whole));
    const QSizeF endSize = textSize(end, type.smallNumber);
    const qreal top = layout.bar.bottom() + line * 0.25;
    layout.end = textAt(end, type.smallNumber, {layout.bar.right() - endSize.width(), top});
    const std::vector<double> ticks = scale.ticks(std::max(2, static_cast<int>(rect.width() / (8 * line))));
    const int decimals = tickDecimals(ticks);
    for (const double value : ticks) {
        const QString text = utf8(decimal_text(value, decimals));
        const QSizeF size = textSize(text, type.smallNumber);
        const qreal at = scale.map(value);
        const qreal left = std::max(layout.bar.left(), at - size.width() / 2);
        if (left + size.width() + line > layout.end.rect.left())
            continue;
        layout.ticks.push_back({value, at, textAt(text, type.smallNumber, {left, top})});
    }
    return layout;
}

std::optional<std::size_t> TimeBarLayout::segmentAt(QPointF point) const
{
    for (std::size_t i = 0; i < segments.size(); ++i)
        if (segments[i].rect.contains(point))
            return i;
    return std::nullopt;
}

void TimeBarLayout::paint(QPainter& painter, const std::vector<SpeedTerm>& terms, const Theme& theme,
                          const Typography& type, std::optional<std::size_t> current) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    for (const TimeSegment& segment : segments) {
        const QColor color = timeColor(terms.at(segment.term).id, theme);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        const bool last = &segment == &segments.back();
        painter.drawRect(segment.rect.width() > 3 && !last ? segment.rect.adjusted(0, 0, -1, 0) : segment.rect);
        drawText(painter, segment.label, type.small, inkOn(color));
    }
    drawLabels(painter, ticks, type.smallNumber, theme.mutedText);
    drawText(painter, end, type.smallNumber, theme.text);
    if (current && *current < segments.size())
        paintFocusRing(painter, segments[*current].rect, theme.accent, theme.surface);
}

} // namespace weighbridge
