#include "ui/charts/capacity_layout.h"

#include "ui/charts/point_hit.h"
#include "ui/charts/scale.h"
#include "ui/theme/focus_ring.h"
#include "ui/theme/text.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

TickBase tickBase(ByteUnit unit)
{
    return unit == ByteUnit::gib ? TickBase::binary : TickBase::decimal;
}

/// Lays out one chart.
class CapacityPlacer
{
public:
    CapacityPlacer(CapacityLayout& layout, const ServingCapacity& serving, const QRectF& rect, const Typography& type)
        : layout_(layout), serving_(serving), rect_(rect), type_(type), line_(QFontMetricsF(type.small).height())
    {
    }

    void place(const std::vector<ServingPoint>& curve, const CapacityMark& mark)
    {
        layout_.pointRadius = QFontMetricsF(type_.body).height() * 0.24;
        chooseScales(curve);
        placePlot();
        placeAxes();
        placeCurve(curve);
        if (mark.at >= curve.front().at && mark.at <= curve.back().at)
            layout_.mark = QPointF(x_.map(static_cast<double>(mark.at)), y_.map(inUnit(mark.bytes)));
        placeLines();
    }

private:
    double inUnit(double bytes) const { return bytes / bytesPer(layout_.unit); }
    double inUnit(Bytes bytes) const { return inUnit(static_cast<double>(bytes.count)); }

    /// From nothing, so that heights can be compared, to somewhat above whatever is drawn.
    void chooseScales(const std::vector<ServingPoint>& curve)
    {
        constexpr double headroom = 1.06;
        double highest = inUnit(curve.back().bytes);
        for (const CapacityLine& line : serving_.lines)
            highest = std::max(highest, inUnit(line.usable));
        y_.high = std::max(highest * headroom, 1e-3);
        x_.high = static_cast<double>(curve.back().at);
    }

    static QString tickText(double value, int decimals = 0) { return utf8(decimal_text(value, decimals)); }

    int rows() const { return std::max(2, static_cast<int>(rect_.height() / (line_ * 3))); }

    void placePlot()
    {
        qreal widest = 0;
        const std::vector<double> heights = y_.ticks(rows(), tickBase(layout_.unit));
        decimals_ = tickDecimals(heights);
        for (const double value : heights)
            widest = std::max(widest, textSize(tickText(value, decimals_), type_.smallNumber).width());
        layout_.plot = rect_.adjusted(widest + line_ * 0.6, line_ * 1.5, -line_ * 0.6, -line_ * 2.9);
        layout_.plot.setWidth(std::max(1.0, layout_.plot.width()));
        layout_.plot.setHeight(std::max(1.0, layout_.plot.height()));
        x_.from = layout_.plot.left();
        x_.to = layout_.plot.right();
        y_.from = layout_.plot.bottom();
        y_.to = layout_.plot.top();
    }

    void placeAxes()
    {
        const TickBase base = layout_.axis == CapacityAxis::context ? TickBase::binary : TickBase::decimal;
        const qreal widest = textSize(tickText(x_.high), type_.smallNumber).width();
        // Counts have no halves: never more ticks than there are whole numbers.
        const int whole = static_cast<int>(std::min(x_.high, 1e6));
        const int columns =
            std::max(1, std::min(whole, static_cast<int>(layout_.plot.width() / (widest + 1.5 * line_))));
        for (const double value : x_.ticks(columns, base)) {
            const QSizeF size = textSize(tickText(value), type_.smallNumber);
            const qreal position = x_.map(value);
            const qreal left = std::min(position - size.width() / 2, rect_.right() - size.width());
            layout_.xTicks.push_back(
                {value, position,
                 textAt(tickText(value), type_.smallNumber, {left, layout_.plot.bottom() + line_ * 0.35})});
        }
        for (const double value : y_.ticks(rows(), tickBase(layout_.unit))) {
            const QSizeF size = textSize(tickText(value, decimals_), type_.smallNumber);
            const qreal position = y_.map(value);
            layout_.yTicks.push_back(
                {value, position,
                 textAt(tickText(value, decimals_), type_.smallNumber,
                        {layout_.plot.left() - line_ * 0.5 - size.width(), position - size.height() / 2})});
        }
        layout_.yTitle =
            textAt(CapacityLayout::tr("%1 per GPU").arg(utf8(unit_name(layout_.unit))), type_.small, rect_.topLeft());
        const QString title = layout_.axis == CapacityAxis::context ? CapacityLayout::tr("tokens per sequence")
                                                                    : CapacityLayout::tr("sequences at a time");
        const QSizeF size = textSize(title, type_.small);
        layout_.xTitle =
            textAt(title, type_.small, {layout_.plot.right() - size.width(), layout_.plot.bottom() + line_ * 1.6});
    }

    void placeCurve(const std::vector<ServingPoint>& curve)
    {
        layout_.points.reserve(curve.size());
        layout_.area.reserve(static_cast<qsizetype>(curve.size()) + 2);
        layout_.area << QPointF(x_.map(static_cast<double>(curve.front().at)), layout_.plot.bottom());
        for (const ServingPoint& point : curve) {
            const QPointF position(x_.map(static_cast<double>(point.at)), y_.map(inUnit(point.bytes)));
            layout_.points.push_back({position, point.at, point.bytes});
            layout_.area << position;
        }
        layout_.area << QPointF(layout_.area.last().x(), layout_.plot.bottom());
    }

    /// Names stand on their line, above it or below it, where they cover neither the curve nor another line: over the
    /// open ground where there is some, else over the tint below the curve.
    void placeLines()
    {
        std::vector<const CapacityLine*> sorted;
        sorted.reserve(serving_.lines.size());
        for (const CapacityLine& line : serving_.lines)
            sorted.push_back(&line);
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](const CapacityLine* a, const CapacityLine* b) { return a->usable > b->usable; });
        for (const CapacityLine* line : sorted) {
            const qreal y = y_.map(inUnit(line->usable));
            CapacityLineShape& shape = layout_.lines.emplace_back();
            shape.line = {QPointF(layout_.plot.left(), y), QPointF(layout_.plot.right(), y)};
            shape.chosen = line->chosen;
        }
        std::vector<QRectF> taken;
        // The chosen one first: of too many names others go.
        for (const bool chosen : {true, false})
            for (std::size_t i = 0; i < sorted.size(); ++i)
                if (layout_.lines[i].chosen == chosen)
                    nameLine(layout_.lines[i], *sorted[i], taken);
    }

    void nameLine(CapacityLineShape& shape, const CapacityLine& line, std::vector<QRectF>& taken)
    {
        const QString amount = utf8(in_unit(line.usable, layout_.unit));
        const QString whole =
            QFontMetricsF(type_.small)
                .elidedText(utf8(line.name) % u", "_s % amount, Qt::ElideRight, layout_.plot.width() * 0.9);
        // In a small chart the amount alone: it stands in the verdict as well.
        for (const QString& text : {whole, amount})
            for (const bool open : {true, false})
                if (const auto place = placeOnLine(shape, textSize(text, type_.small), open, taken)) {
                    shape.label = textAt(text, type_.small, place->topLeft());
                    taken.push_back(*place);
                    return;
                }
    }

    std::optional<QRectF> placeOnLine(const CapacityLineShape& shape, const QSizeF& size, bool open,
                                      const std::vector<QRectF>& taken) const
    {
        const qreal inset = line_ * 0.4;
        const qreal room = layout_.plot.width() - size.width() - 2 * inset;
        for (const qreal along : {0.0, 1.0, 0.5, 0.25, 0.75})
            for (const qreal top : {shape.line.y1() - size.height() - 1, shape.line.y1() + 1}) {
                const QRectF place(QPointF(layout_.plot.left() + inset + along * room, top), size);
                if (isFree(place, taken) && !(open && QPolygonF(layout_.area).intersects(QPolygonF(place))))
                    return place;
            }
        return std::nullopt;
    }

    bool isOnCurve(const QRectF& place) const
    {
        const std::vector<CapacityPoint>& points = layout_.points;
        for (std::size_t i = 1; i < points.size(); ++i) {
            const auto [left, right] = std::minmax({points[i - 1].position.x(), points[i].position.x()});
            const auto [high, low] = std::minmax({points[i - 1].position.y(), points[i].position.y()});
            if (left <= place.right() && right >= place.left() && high <= place.bottom() && low >= place.top())
                return true;
        }
        return false;
    }

    /// Whether no line, name or mark is drawn there.
    bool isFree(const QRectF& place, const std::vector<QRectF>& taken) const
    {
        if (place.top() < layout_.plot.top() - line_ || place.bottom() > layout_.plot.bottom())
            return false;
        const QRectF near = place.adjusted(-2, 0, 2, 2);
        const auto over = [&](const CapacityLineShape& shape) {
            return shape.line.y1() > place.top() && shape.line.y1() < place.bottom();
        };
        if (std::any_of(layout_.lines.begin(), layout_.lines.end(), over) ||
            std::any_of(taken.begin(), taken.end(), [&](const QRectF& other) { return other.intersects(near); }))
            return false;
        if (layout_.mark && markRect(*layout_.mark, 2 * layout_.pointRadius).intersects(near))
            return false;
        return !isOnCurve(near);
    }

    CapacityLayout& layout_;
    const ServingCapacity& serving_;
    QRectF rect_;
    const Typography& type_;
    LinearScale x_;
    LinearScale y_;
    int decimals_ = 0; ///< of the marks at the left
    qreal line_;
};

void drawCapacityFrame(QPainter& painter, const CapacityLayout& layout, const Theme& theme, const Typography& type)
{
    painter.setPen(QPen(theme.border, 1));
    for (const ChartTick& tick : layout.yTicks)
        painter.drawLine(QPointF(layout.plot.left(), tick.position), QPointF(layout.plot.right(), tick.position));
    painter.drawLine(layout.plot.bottomLeft(), layout.plot.bottomRight());
    drawLabels(painter, layout.xTicks, type.smallNumber, theme.mutedText);
    drawLabels(painter, layout.yTicks, type.smallNumber, theme.mutedText);
    drawText(painter, layout.xTitle, type.small, theme.mutedText);
    drawText(painter, layout.yTitle, type.small, theme.mutedText);
}

void drawCurve(QPainter& painter, const CapacityLayout& layout, const Theme& theme)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.accentTint);
    painter.drawPolygon(layout.area);
    painter.setPen(QPen(theme.seriesColor(0), 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(layout.area.constData() + 1, static_cast<int>(layout.area.size()) - 2);
}

void drawLines(QPainter& painter, const CapacityLayout& layout, const Theme& theme, const Typography& type)
{
    for (const CapacityLineShape& line : layout.lines) {
        painter.setPen(QPen(line.chosen ? theme.exceeds.text : theme.mutedText, line.chosen ? 1.6 : 1.2,
                            line.chosen ? Qt::SolidLine : Qt::DashLine));
        painter.drawLine(line.line);
    }
    for (const CapacityLineShape& line : layout.lines)
        drawText(painter, line.label, type.small, line.chosen ? theme.exceeds.text : theme.mutedText);
}

void drawCurrentPoint(QPainter& painter, const CapacityLayout& layout, std::size_t current, const Theme& theme,
                      const Typography& type)
{
    const QPointF at = layout.points[current].position;
    painter.setPen(QPen(theme.text, 1));
    painter.drawLine(at, QPointF(at.x(), layout.plot.bottom()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.surface);
    painter.drawEllipse(layout.pointRect(current));
    const QRectF ring = layout.pointRect(current).adjusted(-2, -2, 2, 2);
    paintFocusRing(painter, ring, theme.accent, theme.surface, ring.width() / 2);
    const QString text = layout.pointName(current);
    const QSizeF size = textSize(text, type.small);
    const QRectF& plot = layout.plot;
    const qreal left = std::clamp(at.x() - size.width() / 2, plot.left() + 4,
                                  std::max(plot.left() + 4, plot.right() - size.width() - 4));
    const qreal above = at.y() - size.height() - 3 * layout.pointRadius;
    const ChartText label =
        textAt(text, type.small, {left, above > plot.top() ? above : at.y() + 3 * layout.pointRadius});
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.surface);
    painter.drawRoundedRect(label.rect.adjusted(-4, -1, 4, 1), 3, 3);
    drawText(painter, label, type.small, theme.text);
}

} // namespace

CapacityLayout CapacityLayout::of(const ServingCapacity& serving, CapacityAxis axis, const CapacityMark& mark,
                                  ByteUnit unit, const QRectF& rect, const Typography& type)
{
    CapacityLayout layout;
    layout.axis = axis;
    layout.unit = unit;
    const std::vector<ServingPoint>& curve =
        axis == CapacityAxis::context ? serving.over_context : serving.over_concurrency;
    layout.name = axis == CapacityAxis::context ? tr("Memory per GPU over the tokens of a sequence")
                                                : tr("Memory per GPU over the sequences at a time");
    if (!curve.empty())
        CapacityPlacer(layout, serving, rect, type).place(curve, mark);
    return layout;
}

QString CapacityLayout::pointName(std::size_t point) const
{
    const CapacityPoint& shown = points.at(point);
    const QString count = utf8(grouped(shown.at));
    const QString amount = utf8(in_unit({std::llround(shown.bytes)}, unit));
    return (axis == CapacityAxis::context ? tr("%1 tokens: %2") : tr("%1 sequences: %2")).arg(count, amount);
}

QRectF CapacityLayout::pointRect(std::size_t point) const
{
    return markRect(points.at(point).position, pointRadius);
}

std::optional<std::size_t> CapacityLayout::pointAt(QPointF position) const
{
    if (points.empty() || !plot.contains(position))
        return std::nullopt;
    const auto nearest = std::min_element(points.begin(), points.end(), [&](const auto& a, const auto& b) {
        return std::abs(a.position.x() - position.x()) < std::abs(b.position.x() - position.x());
    });
    return static_cast<std::size_t>(nearest - points.begin());
}

void CapacityLayout::paint(QPainter& painter, const Theme& theme, const Typography& type,
                           std::optional<std::size_t> current) const
{
    if (points.empty())
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    drawCapacityFrame(painter, *this, theme, type);
    drawCurve(painter, *this, theme);
    drawLines(painter, *this, theme, type);
    if (mark) {
        painter.setPen(QPen(theme.surface, 1.5));
        painter.setBrush(theme.seriesColor(0));
        painter.drawEllipse(*mark, pointRadius * 1.3, pointRadius * 1.3);
    }
    if (current && *current < points.size())
        drawCurrentPoint(painter, *this, *current, theme, type);
}

} // namespace weighbridge
