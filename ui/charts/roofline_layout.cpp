#include "ui/charts/roofline_layout.h"

#include "core/quantity/display.h"
#include "core/quantity/formula.h"
#include "ui/charts/point_hit.h"
#include "ui/charts/scale.h"
#include "ui/theme/focus_ring.h"
#include "ui/theme/text.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

struct RooflineScales
{
    LogScale x;
    LogScale y;

    QPointF map(double intensity, double flops) const { return {x.map(intensity), y.map(flops)}; }
};

bool hasRoof(const Roofline& roofline)
{
    return roofline.peak && roofline.peak->flops_per_second > 0 && roofline.bandwidth > 0 && roofline.ridge > 0;
}

/// Peaks of the rows beside the roofline's own, highest first.
std::vector<PeakRate> otherPeaks(const Roofline& roofline)
{
    std::vector<PeakRate> peaks;
    for (const RooflineRow& row : roofline.rows) {
        if (!row.peak || row.peak->flops_per_second == roofline.peak->flops_per_second)
            continue;
        const bool known = std::ranges::any_of(
            peaks, [&](const PeakRate& peak) { return peak.flops_per_second == row.peak->flops_per_second; });
        if (!known)
            peaks.push_back(*row.peak);
    }
    std::ranges::sort(peaks, std::ranges::greater(), &PeakRate::flops_per_second);
    return peaks;
}

/// Decades around every point and every ridge, with room above the roof for its label.
RooflineScales rooflineScales(const Roofline& roofline)
{
    double smallest = roofline.ridge;
    double largest = roofline.ridge * 3;
    double peak = roofline.peak->flops_per_second;
    for (const RooflineRow& row : roofline.rows) {
        const double intensity = row.operation.intensity();
        if (intensity <= 0)
            continue;
        if (row.peak) {
            peak = std::max(peak, row.peak->flops_per_second);
            smallest = std::min(smallest, row.ridge);
            largest = std::max(largest, row.ridge * 1.5);
        }
        smallest = std::min(smallest, intensity * 0.8);
        largest = std::max(largest, intensity * 1.5);
    }
    RooflineScales scales;
    scales.x = LogScale::around(smallest, largest);
    const double lowest = std::min(peak, roofline.bandwidth * std::pow(10.0, scales.x.lowDecade));
    scales.y = LogScale::around(lowest, peak);
    scales.y.highDecade = std::max(std::log10(peak) + 0.4, scales.y.lowDecade + 2); // room for the label above the roof
    return scales;
}

/// "0.1", "100", "10 T": a power of ten in full or with the prefix that leaves one to three digits.
QString decadeText(double value)
{
    constexpr std::array prefixes = {u'k', u'M', u'G', u'T', u'P', u'E'};
    if (value < 9999 || value > 9e20)
        return value < 1 || value > 9e20 ? QString::number(value) : utf8(formula_number(value));
    std::size_t prefix = 0;
    value /= 1000;
    while (value > 999) {
        value /= 1000;
        ++prefix;
    }
    return QString::number(value, 'f', 0) % u'\u00A0' % QChar(prefixes.at(prefix));
}

/// The ticks' labels take room first: the plot is what they leave.
void placePlot(RooflineLayout& layout, const RooflineScales& scales, const QRectF& rect, const Typography& type)
{
    qreal widest = 0;
    for (const double value : scales.y.ticks(8))
        widest = std::max(widest, textSize(decadeText(value), type.smallNumber).width());
    const double end = std::pow(10.0, scales.x.highDecade);
    const qreal last = textSize(decadeText(end), type.smallNumber).width();
    const qreal line = QFontMetricsF(type.small).height();
    layout.plot = rect.adjusted(widest + line * 0.6, line * 1.3, -last / 2 - 1, -line * 2.8);
    layout.plot.setWidth(std::max(1.0, layout.plot.width()));
    layout.plot.setHeight(std::max(1.0, layout.plot.height()));
}

void addAxes(RooflineLayout& layout, const RooflineScales& scales, const Typography& type)
{
    const qreal line = QFontMetricsF(type.small).height();
    const int columns = std::max(2, static_cast<int>(layout.plot.width() / (line * 3)));
    const int rows = std::max(2, static_cast<int>(layout.plot.height() / (line * 1.8)));
    for (const double value : scales.x.ticks(columns)) {
        ChartTick tick{value, scales.x.map(value), {}};
        const QSizeF size = textSize(decadeText(value), type.smallNumber);
        tick.label = textAt(decadeText(value), type.smallNumber,
                            {tick.position - size.width() / 2, layout.plot.bottom() + line * 0.4});
        layout.xTicks.push_back(std::move(tick));
    }
    for (const double value : scales.y.ticks(rows)) {
        ChartTick tick{value, scales.y.map(value), {}};
        const QSizeF size = textSize(decadeText(value), type.smallNumber);
        tick.label = textAt(decadeText(value), type.smallNumber,
                            {layout.plot.left() - line * 0.6 - size.width(), tick.position - size.height() / 2});
        layout.yTicks.push_back(std::move(tick));
    }
    const QString unit = RooflineLayout::tr("FLOP/s");
    const qreal unitRight = layout.plot.left() - line * 0.6;
    layout.yTitle =
        textAt(unit, type.small,
               {std::max(0.0, unitRight - textSize(unit, type.small).width()), layout.plot.top() - line * 1.2});
    const QString title =
        QFontMetricsF(type.small)
            .elidedText(RooflineLayout::tr("arithmetic intensity, FLOP per byte"), Qt::ElideRight, layout.plot.width());
    const QSizeF size = textSize(title, type.small);
    layout.xTitle =
        textAt(title, type.small, {layout.plot.center().x() - size.width() / 2, layout.plot.bottom() + line * 1.7});
}

void addRoof(RooflineLayout& layout, const Roofline& roofline, const RooflineScales& scales, const Typography& type)
{
    const double peak = roofline.peak->flops_per_second;
    const double left = std::pow(10.0, scales.x.lowDecade);
    const double right = std::pow(10.0, scales.x.highDecade);
    const QPointF corner = scales.map(roofline.ridge, peak);
    layout.roof = {scales.map(left, roofline.bandwidth * left), corner, scales.map(right, peak)};
    layout.ridge = {corner, QPointF(corner.x(), layout.plot.bottom())};

    const qreal line = QFontMetricsF(type.small).height();
    const QString peakText = utf8(si_text(peak)) % u"FLOP/s "_s %
                             RooflineLayout::tr("%1 dense").arg(utf8(compute_type_name(roofline.peak->type)));
    const QSizeF peakSize = textSize(peakText, type.small);
    if (peakSize.width() <= layout.plot.width())
        layout.peakLabel =
            textAt(peakText, type.small,
                   {layout.plot.right() - peakSize.width(), corner.y() - peakSize.height() - line * 0.15});
    const QString ridgeText = RooflineLayout::tr("ridge %1 FLOP/B").arg(utf8(si_text(roofline.ridge)));
    const QSizeF ridgeSize = textSize(ridgeText, type.small);
    qreal ridgeLeft = corner.x() - ridgeSize.width() - line * 0.4;
    if (ridgeLeft < layout.plot.left())
        ridgeLeft = corner.x() + line * 0.4;
    layout.ridgeLabel =
        textAt(ridgeText, type.small, {ridgeLeft, layout.plot.bottom() - ridgeSize.height() - line * 0.2});
}

/// Every type in use has its own flat part: a tag that says "compute" is of the ridge that is drawn.
void addCeilings(RooflineLayout& layout, const Roofline& roofline, const RooflineScales& scales, const Typography& type)
{
    const double right = std::pow(10.0, scales.x.highDecade);
    const qreal line = QFontMetricsF(type.small).height();
    std::vector<QRectF> taken = {layout.peakLabel.rect, layout.ridgeLabel.rect};
    for (const PeakRate& peak : otherPeaks(roofline)) {
        const double ridge = peak.flops_per_second / roofline.bandwidth;
        const QPointF corner = scales.map(ridge, peak.flops_per_second);
        RooflineCeiling ceiling;
        if (peak.flops_per_second > roofline.peak->flops_per_second)
            ceiling.line << layout.roof[1];
        ceiling.line << corner << scales.map(right, peak.flops_per_second);
        ceiling.ridge = {corner, QPointF(corner.x(), layout.plot.bottom())};
        const QString words =
            utf8(si_text(peak.flops_per_second)) % RooflineLayout::tr("FLOP/s %1, ridge %2 FLOP/B")
                                                       .arg(utf8(compute_type_name(peak.type)), utf8(si_text(ridge)));
        const QSizeF size = textSize(words, type.small);
        for (const qreal top : {corner.y() - size.height() - line * 0.15, corner.y() + line * 0.15}) {
            const ChartText label = textAt(words, type.small, {layout.plot.right() - size.width(), top});
            const bool free =
                std::ranges::none_of(taken, [&](const QRectF& other) { return other.intersects(label.rect); });
            if (!free || !layout.plot.contains(label.rect) || label.rect.left() < corner.x())
                continue;
            ceiling.label = label;
            taken.push_back(label.rect);
            break;
        }
        layout.ceilings.push_back(std::move(ceiling));
    }
}

void addPoints(RooflineLayout& layout, const Roofline& roofline, const RooflineScales& scales)
{
    for (std::size_t row = 0; row < roofline.rows.size(); ++row) {
        const RooflineRow& entry = roofline.rows[row];
        const double intensity = entry.operation.intensity();
        if (intensity <= 0 || entry.attainable_flops <= 0)
            continue;
        RooflinePoint point;
        point.row = row;
        point.series = operationSeries(entry.operation.id);
        point.position = scales.map(intensity, entry.attainable_flops);
        point.label = coreText(entry.operation.label);
        point.name = RooflineLayout::tr("%1, %2 FLOP/B, bound by %3, at most %4FLOP/s")
                         .arg(point.label, utf8(si_text(intensity)), boundWord(entry.bound),
                              utf8(si_text(entry.attainable_flops)));
        layout.points.push_back(std::move(point));
    }
}

/// Finds room for labels: nothing may lie on another label, on a point or on the roof.
class LabelPlacer
{
public:
    LabelPlacer(RooflineLayout& layout, const Typography& type) : layout_(layout), type_(type)
    {
        for (const ChartText* fixed : {&layout.peakLabel, &layout.ridgeLabel})
            if (fixed->shown())
                taken_.push_back(fixed->rect);
        for (const RooflineCeiling& ceiling : layout.ceilings)
            if (ceiling.label.shown())
                taken_.push_back(ceiling.label.rect);
    }

    void placeAll()
    {
        // Short labels first: they find room close to their point.
        auto all = clusters();
        std::ranges::stable_sort(all, {}, [this](const auto& cluster) { return labelOf(cluster).size(); });
        for (const auto& cluster : all)
            place(cluster);
        placeBandwidth();
    }

private:
    /// Points whose dots touch are named together.
    std::vector<std::vector<std::size_t>> clusters() const
    {
        std::vector<std::vector<std::size_t>> result;
        for (std::size_t i = 0; i < layout_.points.size(); ++i) {
            const auto near = std::find_if(result.begin(), result.end(), [&](const auto& cluster) {
                const QPointF to = layout_.points[cluster.front()].position - layout_.points[i].position;
                return std::hypot(to.x(), to.y()) < 3 * layout_.pointRadius;
            });
            (near == result.end() ? result.emplace_back() : *near).push_back(i);
        }
        return result;
    }

    /// "Attention scores, values": what is in parentheses and words that the name before began with are left to the
    /// table.
    QString labelOf(const std::vector<std::size_t>& cluster) const
    {
        if (cluster.size() == 1)
            return layout_.points[cluster.front()].label;
        QStringList names;
        QString firstWord;
        for (const std::size_t point : cluster) {
            const QString name = layout_.points[point].label.section(u" ("_s, 0, 0);
            const QString word = name.section(u' ', 0, 0);
            names << (word == firstWord && word.size() < name.size() ? name.mid(word.size() + 1) : name);
            firstWord = word;
        }
        constexpr qsizetype most = 3;
        if (names.size() > most)
            return RooflineLayout::tr("%1 and %2 more").arg(names.front()).arg(names.size() - 1);
        return names.join(u", "_s);
    }

    bool crossesRoof(const QRectF& rect) const
    {
        for (qsizetype i = 0; i + 1 < layout_.roof.size(); ++i) {
            const QLineF segment(layout_.roof[i], layout_.roof[i + 1]);
            const QLineF diagonals[] = {{rect.topLeft(), rect.bottomRight()}, {rect.bottomLeft(), rect.topRight()}};
            for (const QLineF& diagonal : diagonals)
                if (segment.intersects(diagonal, nullptr) == QLineF::BoundedIntersection)
                    return true;
        }
        const QLineF upright[] = {{rect.topLeft(), rect.bottomRight()}, {rect.bottomLeft(), rect.topRight()}};
        return std::any_of(std::begin(upright), std::end(upright), [this](const QLineF& diagonal) {
            return layout_.ridge.intersects(diagonal, nullptr) == QLineF::BoundedIntersection;
        });
    }

    bool isFree(const QRectF& rect) const
    {
        const QRectF grown = rect.adjusted(-2, 0, 2, 0);
        if (!layout_.plot.contains(rect) || crossesRoof(grown))
            return false;
        for (const QRectF& other : taken_)
            if (other.intersects(grown))
                return false;
        for (std::size_t i = 0; i < layout_.points.size(); ++i)
            if (layout_.pointRect(i).intersects(grown))
                return false;
        return true;
    }

    /// In full where there is room for it; else shortened; else not at all: table and tool tip name every point.
    void place(const std::vector<std::size_t>& cluster)
    {
        const QFontMetricsF metrics(type_.small);
        const QString label = labelOf(cluster);
        for (const double share : {0.6, 0.3}) {
            const QString text = metrics.elidedText(label, Qt::ElideRight, layout_.plot.width() * share);
            const auto rect = roomFor(text, layout_.points[cluster.front()].position);
            if (!rect)
                continue;
            layout_.labels.push_back({{text, *rect}, cluster});
            taken_.push_back(*rect);
            return;
        }
    }

    /// Below to the right is under the roof's slope and usually free; above to the left mirrors it.
    std::optional<QRectF> roomFor(const QString& text, QPointF at) const
    {
        const QSizeF size = textSize(text, type_.small);
        const QRectF& plot = layout_.plot;
        const qreal gap = layout_.pointRadius * 1.8;
        const qreal half = size.height() / 2;
        for (const qreal reach : {1.0, 2.5, 4.0, 6.0}) {
            const QPointF corners[] = {{at.x() + gap, at.y() + gap * reach - half * 0.4},
                                       {at.x() - gap - size.width(), at.y() - gap * reach - size.height() + half * 0.4},
                                       {at.x() + gap * reach, at.y() - half},
                                       {at.x() - size.width() / 2, at.y() + gap * (reach + 0.5)},
                                       {at.x() - size.width() / 2, at.y() - gap * (reach + 0.5) - size.height()},
                                       {at.x() - gap * reach - size.width(), at.y() - half}};
            for (const QPointF& corner : corners) {
                const qreal rightmost = std::max(plot.left() + 1, plot.right() - size.width() - 1);
                const QRectF rect(QPointF(std::clamp(corner.x(), plot.left() + 1, rightmost), corner.y()), size);
                if (isFree(rect))
                    return rect;
            }
        }
        return std::nullopt;
    }

    /// Along the slope, above it, where no point or label is.
    void placeBandwidth()
    {
        const QString label = std::exchange(layout_.bandwidthLabel.text, {});
        const QLineF slope(layout_.roof[0], layout_.roof[1]);
        const QSizeF size = textSize(label, type_.small);
        if (slope.length() < size.width() * 1.5)
            return;
        layout_.slope = -slope.angle();
        const double radians = layout_.slope * std::numbers::pi / 180;
        const QSizeF box(size.width() * std::cos(radians) + size.height() * std::abs(std::sin(radians)),
                         size.width() * std::abs(std::sin(radians)) + size.height() * std::cos(radians));
        const QPointF away(std::sin(radians) * size.height() * 0.75, -std::cos(radians) * size.height() * 0.75);
        for (const double share : {0.22, 0.5, 0.35, 0.65, 0.12, 0.78, 0.88}) {
            const QPointF centre = slope.pointAt(share) + away;
            const QRectF around(centre - QPointF(box.width() / 2, box.height() / 2), box);
            if (!layout_.plot.contains(around) || collides(around))
                continue;
            layout_.bandwidthLabel = {label, QRectF(centre - QPointF(size.width() / 2, size.height() / 2), size)};
            return;
        }
    }

    bool collides(const QRectF& around) const
    {
        for (const QRectF& other : taken_)
            if (other.intersects(around))
                return true;
        for (std::size_t i = 0; i < layout_.points.size(); ++i)
            if (layout_.pointRect(i).intersects(around))
                return true;
        return false;
    }

    RooflineLayout& layout_;
    const Typography& type_;
    std::vector<QRectF> taken_;
};

void drawGrid(QPainter& painter, const RooflineLayout& layout, const Theme& theme)
{
    painter.setPen(QPen(theme.border, 1));
    for (const ChartTick& tick : layout.xTicks)
        painter.drawLine(QPointF(tick.position, layout.plot.top()), QPointF(tick.position, layout.plot.bottom()));
    for (const ChartTick& tick : layout.yTicks)
        painter.drawLine(QPointF(layout.plot.left(), tick.position), QPointF(layout.plot.right(), tick.position));
}

void drawTurned(QPainter& painter, const ChartText& label, double degrees, const QFont& font, const QColor& color)
{
    if (!label.shown())
        return;
    painter.save();
    painter.translate(label.rect.center());
    painter.rotate(degrees);
    drawText(painter, {label.text, label.rect.translated(-label.rect.center())}, font, color);
    painter.restore();
}

} // namespace

std::size_t operationSeries(std::string_view operationId)
{
    const auto has = [operationId](std::string_view part) { return operationId.find(part) != std::string_view::npos; };
    if (has("attention") || has("scores") || has("values"))
        return 1;
    if (has("ffn") || has("expert") || has("router"))
        return 2;
    if (has("norm"))
        return 3;
    return has("projection") || has("absorb") ? 0 : 4;
}

QString boundWord(Bound bound)
{
    switch (bound) {
    case Bound::memory:
        return RooflineLayout::tr("memory");
    case Bound::compute:
        return RooflineLayout::tr("compute");
    case Bound::unknown:
        return RooflineLayout::tr("unknown");
    }
    return {};
}

RooflineLayout RooflineLayout::of(const Roofline& roofline, const QString& acceleratorName, const QRectF& rect,
                                  const Typography& type)
{
    RooflineLayout layout;
    layout.pointRadius = QFontMetricsF(type.body).height() * 0.3;
    if (!hasRoof(roofline)) {
        layout.plot = rect;
        const QString words = tr("%1 has no known figure for this arithmetic");
        const qreal roomForName = rect.width() - textSize(words.arg(QString()), type.body).width();
        const QString sentence = words.arg(QFontMetricsF(type.body).elidedText(
            acceleratorName, Qt::ElideRight, std::max(roomForName, rect.width() / 4)));
        const QSizeF size = textSize(sentence, type.body);
        layout.noFigures = textAt(sentence, type.body, rect.center() - QPointF(size.width() / 2, size.height() / 2));
        layout.name = tr("Roofline. %1").arg(sentence);
        return layout;
    }
    RooflineScales scales = rooflineScales(roofline);
    placePlot(layout, scales, rect, type);
    scales.x.from = layout.plot.left();
    scales.x.to = layout.plot.right();
    scales.y.from = layout.plot.bottom();
    scales.y.to = layout.plot.top();
    addAxes(layout, scales, type);
    addRoof(layout, roofline, scales, type);
    addCeilings(layout, roofline, scales, type);
    addPoints(layout, roofline, scales);
    layout.bandwidthLabel.text = utf8(traffic_text(roofline.bandwidth)) % u"/s"_s;
    layout.name =
        tr("Roofline of %1: ridge at %2 FLOP/B, peak %3FLOP/s %4, memory %5")
            .arg(acceleratorName, utf8(si_text(roofline.ridge)), utf8(si_text(roofline.peak->flops_per_second)),
                 utf8(compute_type_name(roofline.peak->type)), layout.bandwidthLabel.text);
    LabelPlacer(layout, type).placeAll();
    return layout;
}

QRectF RooflineLayout::pointRect(std::size_t point) const
{
    return markRect(points.at(point).position, pointRadius);
}

std::optional<std::size_t> RooflineLayout::pointAt(QPointF position) const
{
    return nearestPoint(points, position, pointRadius * 2);
}

void RooflineLayout::paint(QPainter& painter, const Theme& theme, const Typography& type,
                           std::optional<std::size_t> current) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    if (noFigures.shown()) {
        drawText(painter, noFigures, type.body, theme.mutedText);
        return;
    }
    drawGrid(painter, *this, theme);
    painter.setPen(QPen(theme.mutedText, 1, Qt::DashLine));
    painter.drawLine(ridge);
    for (const RooflineCeiling& ceiling : ceilings)
        painter.drawLine(ceiling.ridge);
    painter.setPen(QPen(theme.mutedText, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    for (const RooflineCeiling& ceiling : ceilings)
        painter.drawPolyline(ceiling.line);
    painter.setPen(QPen(theme.text, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(roof);
    drawLabels(painter, xTicks, type.smallNumber, theme.mutedText);
    drawLabels(painter, yTicks, type.smallNumber, theme.mutedText);
    drawText(painter, xTitle, type.small, theme.mutedText);
    drawText(painter, yTitle, type.small, theme.mutedText);
    drawText(painter, ridgeLabel, type.small, theme.mutedText);
    drawText(painter, peakLabel, type.small, theme.text);
    for (const RooflineCeiling& ceiling : ceilings)
        drawText(painter, ceiling.label, type.small, theme.mutedText);
    drawTurned(painter, bandwidthLabel, slope, type.small, theme.text);
    for (const RooflineLabel& label : labels)
        drawText(painter, label.text, type.small, theme.text);
    for (std::size_t i = 0; i < points.size(); ++i) {
        painter.setPen(QPen(theme.surface, 1.5));
        painter.setBrush(theme.seriesColor(points[i].series));
        painter.drawEllipse(pointRect(i));
    }
    if (current && *current < points.size()) {
        const QRectF ring = pointRect(*current).adjusted(-5, -5, 5, 5);
        paintFocusRing(painter, ring, theme.accent, theme.surface, ring.width() / 2);
    }
}

} // namespace weighbridge
