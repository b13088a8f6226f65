#include "ui/charts/stacked_bar_layout.h"

#include "core/quantity/display.h"
#include "ui/charts/scale.h"
#include "ui/theme/focus_ring.h"
#include "ui/theme/text.h"
#include "ui/theme/verdict_text.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

/// Fonts of the two lines in a segment and of the scale below.
struct BarFonts
{
    QFont label;
    QFont value;
    QFont scale;

    explicit BarFonts(const Typography& type) : label(type.strong), value(type.smallNumber), scale(type.smallNumber) {}
};

struct BarMeasures
{
    qreal padding;
    qreal barHeight;
    qreal scaleHeight;

    explicit BarMeasures(const Typography& type)
    {
        const BarFonts fonts(type);
        const qreal unit = QFontMetricsF(type.body).height() / 3.5;
        padding = 2 * unit;
        barHeight = std::ceil(QFontMetricsF(fonts.label).height() + QFontMetricsF(fonts.value).height() + 3.5 * unit);
        scaleHeight = std::ceil(QFontMetricsF(fonts.scale).height() + unit);
    }
};

/// At the segment's left, or behind the capacity's line where that would run through the words.
void placeLabels(BarSegment& segment, const QString& label, const QString& value, const BarFonts& fonts, qreal padding,
                 std::optional<qreal> line)
{
    const QSizeF labelSize = textSize(label, fonts.label);
    const QSizeF valueSize = textSize(value, fonts.value);
    const qreal width = std::max(labelSize.width(), valueSize.width());
    qreal left = segment.rect.left() + padding;
    if (line && *line > left - padding && *line < left + width + padding)
        left = *line + padding;
    if (left + width > segment.rect.right() - padding)
        return;
    const qreal top = segment.rect.center().y() - (labelSize.height() + valueSize.height()) / 2;
    segment.label = textAt(label, fonts.label, {left, top});
    segment.value = textAt(value, fonts.value, {left, top + labelSize.height()});
}

QString toolTipOf(const Term& term, const Estimate& estimate, ByteUnit unit)
{
    QStringList lines;
    lines << coreText(term.label) % u": "_s % inBothUnits(term.bytes, unit);
    lines << StackedBarLayout::tr("%1 of the total").arg(shareText(term.bytes, estimate.total));
    lines << basisText(term, unit);
    if (!term.source.empty())
        lines << coreText(term.source);
    return lines.join(u'\n');
}

void addSegments(StackedBarLayout& layout, const Estimate& estimate, ByteUnit unit, const LinearScale& scale,
                 const BarFonts& fonts, qreal padding)
{
    std::int64_t sum = 0;
    std::size_t index = 0;
    for (const Term& term : estimate.terms) {
        const std::size_t series = seriesOf(term.id, index++);
        if (term.bytes.count <= 0)
            continue;
        BarSegment segment;
        segment.id = utf8(term.id);
        segment.series = series;
        const qreal left = scale.map(static_cast<double>(sum));
        sum += term.bytes.count;
        const qreal right = scale.map(static_cast<double>(sum));
        segment.rect = QRectF(left, layout.bar.top(), right - left, layout.bar.height());
        const QString label = coreText(term.label);
        placeLabels(segment, label, utf8(in_unit(term.bytes, unit, 1)), fonts, padding,
                    layout.exceeds || layout.isLimited() ? std::optional(layout.limitX) : std::nullopt);
        segment.name =
            label % u", "_s % utf8(in_unit(term.bytes, unit)) % u", "_s % shareText(term.bytes, estimate.total);
        segment.toolTip = toolTipOf(term, estimate, unit);
        layout.segments.push_back(std::move(segment));
    }
}

/// Round figures from zero on, those that would touch the limit's or the capacity's own label left out.
void addTicks(StackedBarLayout& layout, const Fit& fit, ByteUnit unit, const LinearScale& scale, const QFont& font,
              qreal gap)
{
    const double size = bytesPer(unit);
    const qreal top = layout.bar.bottom() + gap / 2;
    const auto centred = [&](const QString& text, qreal x) {
        const qreal width = textSize(text, font).width();
        const qreal left =
            std::clamp(x - width / 2, layout.bar.left(), std::max(layout.bar.left(), layout.bar.right() - width));
        return textAt(text, font, {left, top});
    };
    const QString capacity = utf8(in_unit(fit.capacity, unit, 1));
    layout.endTick =
        centred(layout.exceeds ? StackedBarLayout::tr("capacity %1").arg(capacity) : capacity, layout.capacityX);
    if (layout.isLimited()) {
        layout.limit = centred(StackedBarLayout::tr("limit %1").arg(utf8(in_unit(fit.usable, unit, 1))), layout.limitX);
        if (layout.endTick.rect.adjusted(-gap, 0, gap, 0).intersects(layout.limit.rect))
            layout.endTick = {};
    }

    const LinearScale inUnits{0, scale.high / size, scale.from, scale.to};
    const int atMost =
        std::clamp(static_cast<int>(layout.bar.width() / (textSize(u"0,000"_s, font).width() * 3)), 2, 6);
    qreal taken = -1;
    for (const double value : inUnits.ticks(atMost, unit == ByteUnit::gib ? TickBase::binary : TickBase::decimal)) {
        ChartTick tick{value, inUnits.map(value), {}};
        ChartText label = centred(utf8(formula_number(value)), tick.position);
        const QRectF room = label.rect.adjusted(-gap, 0, gap, 0);
        const bool hits = room.intersects(layout.endTick.rect) || room.intersects(layout.limit.rect);
        if (!hits && label.rect.left() > taken) {
            taken = label.rect.right() + gap;
            tick.label = std::move(label);
        }
        layout.ticks.push_back(std::move(tick));
    }
}

QPainterPath rounded(const QRectF& rect, qreal radius, bool left, bool right)
{
    QPainterPath path;
    const qreal r = std::min({radius, rect.width() / 2, rect.height() / 2});
    const qreal l = left ? r : 0;
    const qreal e = right ? r : 0;
    path.moveTo(rect.left() + l, rect.top());
    path.lineTo(rect.right() - e, rect.top());
    path.quadTo(rect.topRight(), rect.topRight() + QPointF(0, e));
    path.lineTo(rect.right(), rect.bottom() - e);
    path.quadTo(rect.bottomRight(), rect.bottomRight() - QPointF(e, 0));
    path.lineTo(rect.left() + l, rect.bottom());
    path.quadTo(rect.bottomLeft(), rect.bottomLeft() - QPointF(0, l));
    path.lineTo(rect.left(), rect.top() + l);
    path.quadTo(rect.topLeft(), rect.topLeft() + QPointF(l, 0));
    path.closeSubpath();
    return path;
}

/// Stripes drawn as lines cut to the rectangle: they come out alike on screen, in SVG and in PDF, without a clip or a
/// pattern.
void drawStripes(QPainter& painter, const QRectF& rect, const QColor& color, qreal distance)
{
    painter.setPen(QPen(color, distance * 0.4, Qt::SolidLine, Qt::FlatCap));
    const qreal first = rect.left() - rect.height();
    const int count = static_cast<int>(std::ceil((rect.right() - first) / distance));
    for (int i = 0; i < count; ++i) {
        const qreal x = first + i * distance;
        const qreal from = std::max(x, rect.left());
        const qreal to = std::min(x + rect.height(), rect.right());
        if (to > from)
            painter.drawLine(QPointF(from, rect.bottom() - (from - x)), QPointF(to, rect.bottom() - (to - x)));
    }
}

} // namespace

qreal StackedBarLayout::heightFor(const Typography& type)
{
    const BarMeasures measures(type);
    return measures.barHeight + measures.scaleHeight + 2;
}

StackedBarLayout StackedBarLayout::of(const Estimate& estimate, ByteUnit unit, const QRectF& rect,
                                      const Typography& type)
{
    const BarFonts fonts(type);
    const BarMeasures measures(type);
    const Fit& fit = estimate.fit;

    StackedBarLayout layout;
    layout.radius = measures.padding * 0.6;
    layout.bar = QRectF(rect.left() + 1, rect.top() + 1, std::max(1.0, rect.width() - 2), measures.barHeight);
    const auto total = static_cast<double>(estimate.total.count);
    const auto capacity = static_cast<double>(fit.capacity.count);
    const LinearScale scale{0, std::max({total, capacity, 1.0}), layout.bar.left(), layout.bar.right()};
    layout.capacityX = scale.map(capacity);
    const double limit = std::min(static_cast<double>(fit.usable.count), capacity);
    layout.limitX = scale.map(limit);
    layout.exceeds = total > limit;

    addSegments(layout, estimate, unit, scale, fonts, measures.padding);
    const qreal used = layout.segments.empty() ? layout.bar.left() : layout.segments.back().rect.right();
    if (layout.limitX > used)
        layout.free = QRectF(used, layout.bar.top(), layout.limitX - used, layout.bar.height());
    const qreal beyond = std::max(used, layout.limitX);
    if (layout.capacityX - beyond > 0.5)
        layout.reserved = QRectF(beyond, layout.bar.top(), layout.capacityX - beyond, layout.bar.height());
    addTicks(layout, fit, unit, scale, fonts.scale, measures.padding);
    const auto [used_text, capacity_text] = inOneUnit(estimate.total, fit.capacity, unit, 1);
    layout.name = tr("Memory per GPU, %1 of %2 used, %3").arg(used_text, capacity_text, verdictWord(fit.verdict));
    return layout;
}

std::optional<std::size_t> StackedBarLayout::segmentAt(QPointF point) const
{
    constexpr qreal slack = 2; // thin segments stay within reach of the mouse
    std::optional<std::size_t> near;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const QRectF& rect = segments[i].rect;
        if (point.y() < rect.top() || point.y() > rect.bottom())
            continue;
        if (point.x() >= rect.left() && point.x() < rect.right())
            return i;
        if (rect.width() < 2 * slack && std::abs(point.x() - rect.center().x()) <= 2 * slack)
            near = i;
    }
    return near;
}

void StackedBarLayout::paint(QPainter& painter, const Theme& theme, const Typography& type,
                             std::optional<std::size_t> current) const
{
    const BarFonts fonts(type);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!free.isEmpty())
        drawStripes(painter, free, theme.hatch, bar.height() / 5);
    if (!reserved.isEmpty())
        painter.fillRect(reserved, theme.track);
    const QRectF outline(bar.left(), bar.top(), std::max(capacityX, bar.right()) - bar.left(), bar.height());

    painter.setPen(Qt::NoPen);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const BarSegment& segment = segments[i];
        const bool last = segment.rect.right() >= bar.right() - 0.5;
        painter.setBrush(theme.seriesColor(segment.series));
        painter.drawPath(rounded(segment.rect, radius, i == 0, last));
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const BarSegment& segment = segments[i];
        if (i > 0 && segment.rect.width() > 1.5)
            painter.fillRect(QRectF(segment.rect.left() - 0.5, bar.top(), 1, bar.height()), theme.surface);
        drawText(painter, segment.label, fonts.label, theme.onSeriesColor(segment.series));
        drawText(painter, segment.value, fonts.value, theme.onSeriesColor(segment.series));
    }

    painter.setBrush(Qt::NoBrush);
    if (capacityX >= bar.right() - 0.5) {
        painter.setPen(QPen(theme.border, 1));
        painter.drawPath(rounded(outline, radius, true, true));
    }
    if (exceeds || isLimited()) {
        const QLineF line(limitX, bar.top() - 1, limitX, bar.bottom() + bar.height() / 12);
        painter.setPen(QPen(theme.surface, 4));
        painter.drawLine(line);
        painter.setPen(QPen(exceeds ? theme.exceeds.text : theme.mutedText, 2));
        painter.drawLine(line);
    }
    if (current && *current < segments.size())
        paintFocusRing(painter, segments[*current].rect, theme.accent, theme.surface);
    drawLabels(painter, ticks, fonts.scale, theme.mutedText);
    drawText(painter, endTick, fonts.scale, exceeds && !isLimited() ? theme.exceeds.text : theme.mutedText);
    drawText(painter, limit, fonts.scale, exceeds ? theme.exceeds.text : theme.mutedText);
}

} // namespace weighbridge
