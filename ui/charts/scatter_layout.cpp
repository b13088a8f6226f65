#include "ui/charts/scatter_layout.h"

#include "core/accuracy/wording.h"
#include "core/quantity/display.h"
#include "ui/charts/point_hit.h"
#include "ui/charts/scale.h"
#include "ui/theme/text.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

/// From the smallest to the largest positive value; where it is this wide, points near zero would lie on one another.
constexpr double widestLinearSpan = 30;

/// Both axes.
struct ErrorScale
{
    bool logarithmic = false;
    LinearScale linear;
    LogScale log;

    qreal map(double value) const { return logarithmic ? log.map(value) : linear.map(value); }
    double low() const { return logarithmic ? std::pow(10, log.lowDecade) : linear.low; }
    double high() const { return logarithmic ? std::pow(10, log.highDecade) : linear.high; }

    ErrorScale over(qreal from, qreal to) const
    {
        ErrorScale scales = *this;
        scales.linear.from = scales.log.from = from;
        scales.linear.to = scales.log.to = to;
        return scales;
    }
};

struct Span
{
    double low = 0;
    double high = 0;
};

/// Of every finite value on either axis.
Span spanOf(const FigureAccuracy& figure)
{
    std::optional<Span> span;
    for (const AccuracyPoint& point : figure.points)
        for (const double value : {point.comparison.measured, point.comparison.predicted}) {
            if (!std::isfinite(value))
                continue;
            span = span ? Span{std::min(span->low, value), std::max(span->high, value)} : Span{value, value};
        }
    return span.value_or(Span{});
}

ErrorScale errorScale(const FigureAccuracy& figure)
{
    const Span span = spanOf(figure);
    ErrorScale scales;
    scales.logarithmic = span.low > 0 && span.high >= widestLinearSpan * span.low;
    if (scales.logarithmic) {
        const double margin = 0.06 * (std::log10(span.high) - std::log10(span.low));
        scales.log.lowDecade = std::log10(span.low) - margin;
        scales.log.highDecade = std::log10(span.high) + margin;
        return scales;
    }
    const double low = std::min(0.0, span.low);
    const double high = std::max(span.high, low);
    const double margin = high > low ? 0.06 * (high - low) : 1;
    scales.linear.low = low < 0 ? low - margin : 0;
    scales.linear.high = high + margin;
    return scales;
}

QString tickText(double value)
{
    const double size = std::abs(value);
    if (size >= 1e4)
        return utf8(si_text(value));
    const int decimals = size == 0 ? 0 : std::clamp(-static_cast<int>(std::floor(std::log10(size) + 1e-9)), 0, 6);
    return utf8(decimal_text(value, decimals));
}

/// Decades, and where there are few of them 2 and 5 times those.
std::vector<double> logTicks(const LogScale& scale)
{
    const bool few = scale.highDecade - scale.lowDecade < 3;
    std::vector<double> ticks;
    for (int decade = static_cast<int>(std::floor(scale.lowDecade)); decade <= scale.highDecade; ++decade)
        for (const double mantissa : {1.0, 2.0, 5.0}) {
            const double place = decade + std::log10(mantissa);
            const bool inside = place >= scale.lowDecade && place <= scale.highDecade;
            if (inside && (few || mantissa == 1))
                ticks.push_back(mantissa * std::pow(10, decade));
        }
    return ticks;
}

std::vector<ChartTick> ticksOf(const ErrorScale& scales, int atMost)
{
    std::vector<ChartTick> ticks;
    for (const double value : scales.logarithmic ? logTicks(scales.log) : scales.linear.ticks(atMost)) {
        ChartTick& tick = ticks.emplace_back();
        tick.value = value;
        tick.position = scales.map(value);
        tick.label.text = tickText(value);
    }
    return ticks;
}

QString withUnit(const QString& what, const AccuracyFigure& figure)
{
    return figure.unit.empty() || figure.unit == "×" ? what : what % u", "_s % coreText(figure.unit);
}

/// Lays out one figure.
class ScatterPlacer
{
public:
    ScatterPlacer(ScatterLayout& layout, const SetAccuracy& set, const FigureAccuracy& figure, const QRectF& rect,
                  const Typography& type)
        : layout_(layout), set_(set), figure_(figure), rect_(rect), type_(type), scales_(errorScale(figure)),
          line_(QFontMetricsF(type.small).height())
    {
        layout_.logarithmic = scales_.logarithmic;
        layout_.pointRadius = QFontMetricsF(type.body).height() * 0.24;
    }

    void place()
    {
        placeKeys();
        placePlot();
        x_ = scales_.over(layout_.plot.left(), layout_.plot.right());
        y_ = scales_.over(layout_.plot.bottom(), layout_.plot.top());
        placeAxes();
        placeDiagonal();
        placePoints();
        liftKeys();
    }

private:
    /// A square, so that the diagonal is one, at the left below the title of the upright axis.
    void placePlot()
    {
        qreal labels = 0;
        for (const ChartTick& tick : ticksOf(scales_.over(0, 1), 5))
            labels = std::max(labels, textSize(tick.label.text, type_.smallNumber).width());
        const qreal left = rect_.left() + labels + line_ * 0.5;
        const qreal top = rect_.top() + line_ * 1.6;
        const qreal bottom = rect_.bottom() - keysHeight_ - line_ * 3;
        const qreal side = std::max<qreal>(line_, std::min(rect_.right() - line_ - left, bottom - top));
        layout_.plot = {left, top, side, side};
    }

    void placeAxes()
    {
        const int atMost = std::max(2, static_cast<int>(layout_.plot.width() / (5 * line_)));
        layout_.xTicks = ticksOf(x_, atMost);
        layout_.yTicks = ticksOf(y_, atMost);
        qreal last = -1e9;
        for (ChartTick& tick : layout_.xTicks) {
            const QSizeF size = textSize(tick.label.text, type_.smallNumber);
            const qreal left = tick.position - size.width() / 2;
            const bool fits = left > last + line_ * 0.4 && left + size.width() <= rect_.right();
            tick.label.rect = {QPointF(left, layout_.plot.bottom() + line_ * 0.25), size};
            if (fits)
                last = left + size.width();
            else
                tick.label.text.clear();
        }
        qreal above = 1e9;
        for (ChartTick& tick : layout_.yTicks) {
            const QSizeF size = textSize(tick.label.text, type_.smallNumber);
            const qreal top = tick.position - size.height() / 2;
            tick.label.rect = {QPointF(layout_.plot.left() - line_ * 0.4 - size.width(), top), size};
            if (top + size.height() <= above)
                above = top;
            else
                tick.label.text.clear();
        }
        layout_.yTitle =
            textAt(withUnit(ScatterLayout::tr("Predicted"), *figure_.figure), type_.small, rect_.topLeft());
        const QString measured = withUnit(ScatterLayout::tr("Measured"), *figure_.figure);
        const QSizeF size = textSize(measured, type_.small);
        layout_.xTitle =
            textAt(measured, type_.small, {layout_.plot.right() - size.width(), layout_.plot.bottom() + line_ * 1.4});
    }

    void placeDiagonal()
    {
        layout_.diagonal = {layout_.plot.bottomLeft(), layout_.plot.topRight()};
        const AccuracyBar& bar = figure_.figure->bar;
        if (bar.kind == BarKind::printed)
            return;
        constexpr int steps = 48;
        QPolygonF upper;
        QPolygonF lower;
        for (int step = 0; step <= steps; ++step) {
            const double share = static_cast<double>(step) / steps;
            const double low = scales_.logarithmic ? scales_.log.lowDecade : scales_.linear.low;
            const double high = scales_.logarithmic ? scales_.log.highDecade : scales_.linear.high;
            const double place = low + share * (high - low);
            const double value = scales_.logarithmic ? std::pow(10, place) : place;
            const double room = bar.kind == BarKind::absolute ? bar.tolerance : bar.tolerance * std::abs(value);
            upper << QPointF(x_.map(value), bounded(y_.map(value + room)));
            lower << QPointF(x_.map(value), bounded(y_.map(value - room)));
        }
        std::reverse(lower.begin(), lower.end());
        layout_.band = upper + lower;
    }

    qreal bounded(qreal y) const { return std::clamp(y, layout_.plot.top(), layout_.plot.bottom()); }

    void placePoints()
    {
        for (std::size_t i = 0; i < figure_.points.size(); ++i) {
            const AccuracyPoint& point = figure_.points[i];
            const Comparison& comparison = point.comparison;
            const MeasuredRun& run = set_.runs[point.run];
            ScatterPoint& shown = layout_.points.emplace_back();
            shown.point = i;
            shown.mark = accuracyMark(point);
            shown.position = {x_.map(comparison.measured), bounded(y_.map(comparison.predicted))};
            shown.range = {shown.position, shown.position};
            if (comparison.low && comparison.high)
                shown.range = {QPointF(shown.position.x(), bounded(y_.map(*comparison.low))),
                               QPointF(shown.position.x(), bounded(y_.map(*comparison.high)))};
            shown.label = utf8(run.id) % u" · "_s % utf8(run.model);
            shown.name = accuracyPointName(set_, figure_, i);
        }
        std::stable_sort(layout_.points.begin(), layout_.points.end(), [&](const auto& a, const auto& b) {
            return figure_.points[a.point].comparison.measured < figure_.points[b.point].comparison.measured;
        });
    }

    /// In one line, or where that is too long in several, at the bottom; the plot stands above them.
    void placeKeys()
    {
        struct Meaning
        {
            ScatterMark mark;
            QString text;
        };
        const std::array<Meaning, 3> meanings = {{
            {ScatterMark::within, ScatterLayout::tr("within the bar")},
            {ScatterMark::beyond, ScatterLayout::tr("beyond it")},
            {ScatterMark::aside, ScatterLayout::tr("not held against it")},
        }};
        const qreal disc = layout_.pointRadius * 2 + line_ * 0.4;
        QPointF corner = rect_.topLeft();
        for (const Meaning& meaning : meanings) {
            const bool occurs = std::any_of(figure_.points.begin(), figure_.points.end(),
                                            [&](const AccuracyPoint& p) { return accuracyMark(p) == meaning.mark; });
            if (!occurs)
                continue;
            const QSizeF size = textSize(meaning.text, type_.small);
            if (corner.x() + disc + size.width() > rect_.right() && corner.x() > rect_.left())
                corner = {rect_.left(), corner.y() + line_ * 1.1};
            ScatterKey& key = layout_.keys.emplace_back();
            key.mark = meaning.mark;
            key.centre = corner + QPointF(layout_.pointRadius, size.height() / 2);
            key.label = textAt(meaning.text, type_.small, corner + QPointF(disc, 0));
            corner.rx() += disc + size.width() + line_ * 1.2;
        }
        keysHeight_ = corner.y() - rect_.top() + line_;
        for (ScatterKey& key : layout_.keys) {
            const qreal down = rect_.bottom() - keysHeight_ - rect_.top();
            key.centre.ry() += down;
            key.label.rect.translate(0, down);
        }
    }

    /// Right below the title of the lower axis, where the plot is lower than it might be.
    void liftKeys()
    {
        const qreal up = layout_.xTitle.rect.bottom() + line_ * 0.5 - (rect_.bottom() - keysHeight_);
        for (ScatterKey& key : layout_.keys) {
            key.centre.ry() += up;
            key.label.rect.translate(0, up);
        }
    }

    ScatterLayout& layout_;
    const SetAccuracy& set_;
    const FigureAccuracy& figure_;
    QRectF rect_;
    const Typography& type_;
    ErrorScale scales_;
    ErrorScale x_;
    ErrorScale y_;
    qreal line_;
    qreal keysHeight_ = 0;
};

void drawScatterFrame(QPainter& painter, const ScatterLayout& layout, const Theme& theme, const Typography& type)
{
    painter.setPen(QPen(theme.border, 1));
    for (const ChartTick& tick : layout.xTicks)
        painter.drawLine(QPointF(tick.position, layout.plot.top()), QPointF(tick.position, layout.plot.bottom()));
    for (const ChartTick& tick : layout.yTicks)
        painter.drawLine(QPointF(layout.plot.left(), tick.position), QPointF(layout.plot.right(), tick.position));
    drawLabels(painter, layout.xTicks, type.smallNumber, theme.mutedText);
    drawLabels(painter, layout.yTicks, type.smallNumber, theme.mutedText);
    drawText(painter, layout.xTitle, type.small, theme.mutedText);
    drawText(painter, layout.yTitle, type.small, theme.mutedText);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.accentTint);
    painter.drawPolygon(layout.band);
    painter.setPen(QPen(theme.mutedText, 1.2));
    painter.drawLine(layout.diagonal);
}

void drawCurrentRun(QPainter& painter, const ScatterLayout& layout, std::size_t current, const Theme& theme,
                    const Typography& type)
{
    const ScatterPoint& point = layout.points[current];
    painter.setPen(QPen(theme.text, 1.6));
    painter.drawLine(point.range);
    drawMark(painter, point.mark, point.position, layout.pointRadius, theme);
    painter.setPen(QPen(theme.text, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(layout.pointRect(current).adjusted(-3, -3, 3, 3));
    const ChartText label = layout.labelOf(current, type);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.surface);
    painter.drawRoundedRect(label.rect.adjusted(-4, -1, 4, 1), 3, 3);
    drawText(painter, label, type.small, theme.text);
}

} // namespace

ScatterMark accuracyMark(const AccuracyPoint& point)
{
    if (!point.counts())
        return ScatterMark::aside;
    return point.within ? ScatterMark::within : ScatterMark::beyond;
}

void drawMark(QPainter& painter, ScatterMark mark, QPointF centre, qreal radius, const Theme& theme)
{
    switch (mark) {
    case ScatterMark::within:
        painter.setPen(QPen(theme.surface, 1));
        painter.setBrush(theme.seriesColor(0));
        painter.drawEllipse(centre, radius, radius);
        return;
    case ScatterMark::aside:
        painter.setPen(QPen(theme.mutedText, 1.4));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(centre, radius * 0.85, radius * 0.85);
        return;
    case ScatterMark::beyond:
        break;
    }
    const qreal reach = radius * 1.3;
    painter.setPen(QPen(theme.surface, 1));
    painter.setBrush(theme.exceeds.text);
    painter.drawPolygon(QPolygonF{centre + QPointF(0, -reach), centre + QPointF(reach, 0), centre + QPointF(0, reach),
                                  centre + QPointF(-reach, 0)});
}

QString accuracyPointName(const SetAccuracy& set, const FigureAccuracy& figure, std::size_t point)
{
    const AccuracyPoint& shown = figure.points.at(point);
    const MeasuredRun& run = set.runs.at(shown.run);
    const QString place =
        shown.counts() ? (shown.within ? ScatterLayout::tr("within the bar") : ScatterLayout::tr("beyond the bar"))
                       : ScatterLayout::tr("not held against the bar");
    return ScatterLayout::tr("%1, %2: predicted %3, measured %4, %5, %6")
        .arg(utf8(run.id), utf8(run.model), utf8(figure_value_with_unit(*figure.figure, shown.comparison.predicted)),
             utf8(figure_value_with_unit(*figure.figure, shown.comparison.measured)),
             utf8(signed_error_text(*figure.figure, shown.error)), place);
}

ScatterLayout ScatterLayout::of(const SetAccuracy& set, const FigureAccuracy& figure, const QRectF& rect,
                                const Typography& type)
{
    ScatterLayout layout;
    const QString title = coreText(figure.figure->title);
    if (figure.points.empty()) {
        const QString words = tr("No run of this engine tells this figure.");
        const QSizeF size = textSize(words, type.body);
        layout.plot = rect;
        layout.nothing = textAt(words, type.body, rect.center() - QPointF(size.width() / 2, size.height() / 2));
        layout.name = tr("%1. %2").arg(title, words);
        return layout;
    }
    ScatterPlacer(layout, set, figure, rect, type).place();
    layout.name = tr("%1, predicted over measured: %2 runs").arg(title).arg(layout.points.size());
    return layout;
}

QRectF ScatterLayout::pointRect(std::size_t point) const
{
    return markRect(points.at(point).position, pointRadius);
}

std::optional<std::size_t> ScatterLayout::pointAt(QPointF position) const
{
    return nearestPoint(points, position, pointRadius * 2);
}

ChartText ScatterLayout::labelOf(std::size_t point, const Typography& type) const
{
    const QPointF centre = points.at(point).position;
    const qreal gap = pointRadius + 6;
    const QString text = QFontMetricsF(type.small)
                             .elidedText(points[point].label, Qt::ElideMiddle, std::max<qreal>(0, plot.width() - 12));
    const QSizeF size = textSize(text, type.small);
    // Beside the point where it covers the fewest others.
    ChartText best;
    std::size_t fewest = points.size() + 1;
    for (const bool right : {true, false})
        for (const bool below : {true, false}) {
            const qreal x = right ? centre.x() + gap : centre.x() - gap - size.width();
            const qreal y = below ? centre.y() + gap * 0.4 : centre.y() - gap * 0.4 - size.height();
            const QPointF corner(
                std::clamp(x, plot.left() + 4, std::max(plot.left() + 4, plot.right() - 4 - size.width())),
                std::clamp(y, plot.top() + 2, std::max(plot.top() + 2, plot.bottom() - 2 - size.height())));
            const QRectF area = QRectF(corner, size).adjusted(-pointRadius, -pointRadius, pointRadius, pointRadius);
            const auto covered =
                static_cast<std::size_t>(std::count_if(points.begin(), points.end(), [&](const ScatterPoint& other) {
                    return area.contains(other.position);
                }));
            if (covered >= fewest)
                continue;
            fewest = covered;
            best = textAt(text, type.small, corner);
        }
    return best;
}

void ScatterLayout::paint(QPainter& painter, const Theme& theme, const Typography& type,
                          std::optional<std::size_t> current) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    if (nothing.shown()) {
        drawText(painter, nothing, type.body, theme.mutedText);
        return;
    }
    drawScatterFrame(painter, *this, theme, type);
    for (const ScatterMark mark : {ScatterMark::aside, ScatterMark::within, ScatterMark::beyond})
        for (const ScatterPoint& point : points)
            if (point.mark == mark)
                drawMark(painter, mark, point.position, pointRadius, theme);
    for (const ScatterKey& key : keys) {
        drawMark(painter, key.mark, key.centre, pointRadius, theme);
        drawText(painter, key.label, type.small, theme.mutedText);
    }
    if (current && *current < points.size())
        drawCurrentRun(painter, *this, *current, theme, type);
}

} // namespace weighbridge
