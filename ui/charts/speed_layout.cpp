#include "ui/charts/speed_layout.h"

#include "core/quantity/display.h"
#include "core/report/speed_report.h"
#include "ui/charts/point_hit.h"
#include "ui/charts/scale.h"
#include "ui/theme/text.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

using Figure = std::optional<SpeedFigure>;

QString loadText(SpeedAxis axis, double at)
{
    switch (axis) {
    case SpeedAxis::requests:
        return at == 1 ? SpeedChartLayout::tr("1 request")
                       : SpeedChartLayout::tr("%1 requests").arg(utf8(grouped(std::llround(at))));
    case SpeedAxis::per_second:
        return SpeedChartLayout::tr("%1 requests per second").arg(utf8(rate_text(at)));
    case SpeedAxis::context:
        return SpeedChartLayout::tr("%1 tokens").arg(utf8(grouped(std::llround(at))));
    }
    return {};
}

QString axisTitle(SpeedAxis axis)
{
    switch (axis) {
    case SpeedAxis::requests:
        return SpeedChartLayout::tr("requests at a time");
    case SpeedAxis::per_second:
        return SpeedChartLayout::tr("requests per second");
    case SpeedAxis::context:
        return SpeedChartLayout::tr("tokens of a request");
    }
    return {};
}

QString markName(SpeedAxis axis, const SpeedPoint& point)
{
    const Figure& each = point.speed->decode_tokens_per_second;
    const Figure& all = point.speed->output_tokens_per_second;
    const Figure& first = point.speed->time_to_first_token_seconds;
    QString text = loadText(axis, point.at);
    if (each)
        text = SpeedChartLayout::tr("%1: %2 tok/s each, %3\u00A0– %4")
                   .arg(text, utf8(rate_text(each->value)), utf8(rate_text(each->low)), utf8(rate_text(each->high)));
    if (all && axis != SpeedAxis::context)
        text = SpeedChartLayout::tr("%1, %2 in all").arg(text, utf8(rate_text(all->value)));
    if (first)
        text = SpeedChartLayout::tr("%1, first token after %2").arg(text, utf8(seconds_text(first->value)));
    return text;
}

/// Lays out one chart.
class SpeedPlacer
{
public:
    SpeedPlacer(SpeedChartLayout& layout, const SpeedCurve& curve, const QRectF& rect, const Typography& type)
        : layout_(layout), curve_(curve), rect_(rect), type_(type), line_(QFontMetricsF(type.small).height()),
          both_(curve.axis != SpeedAxis::context)
    {
    }

    void place()
    {
        layout_.pointRadius = QFontMetricsF(type_.body).height() * 0.24;
        chooseScales();
        placePlot();
        placeAxes();
        placeCurves();
        placeFull();
        placeLabels();
    }

private:
    void chooseScales()
    {
        constexpr double headroom = 1.08;
        constexpr double least = 1e-9;
        double each = least;
        double all = least;
        for (const SpeedPoint& point : curve_.points) {
            if (const Figure& figure = point.speed->decode_tokens_per_second)
                each = std::max(each, figure->high);
            if (const Figure& figure = point.speed->output_tokens_per_second)
                all = std::max(all, figure->value);
        }
        left_.high = each * headroom;
        right_.high = all * headroom;
        x_.high = curve_.points.back().at;
    }

    int rows() const { return std::max(2, static_cast<int>(rect_.height() / (line_ * 3.2))); }

    static QString tickText(double value, int decimals) { return utf8(decimal_text(value, decimals)); }

    qreal widest(const LinearScale& scale) const
    {
        const std::vector<double> ticks = scale.ticks(rows());
        qreal width = 0;
        for (const double value : ticks)
            width = std::max(width, textSize(tickText(value, tickDecimals(ticks)), type_.smallNumber).width());
        return width;
    }

    void placePlot()
    {
        const qreal right = both_ ? widest(right_) + line_ * 0.6 : line_ * 0.8;
        layout_.plot = rect_.adjusted(widest(left_) + line_ * 0.6, line_ * 1.8, -right, -line_ * 2.9);
        layout_.plot.setWidth(std::max(1.0, layout_.plot.width()));
        layout_.plot.setHeight(std::max(1.0, layout_.plot.height()));
        x_.from = layout_.plot.left();
        x_.to = layout_.plot.right();
        for (LinearScale* scale : {&left_, &right_}) {
            scale->from = layout_.plot.bottom();
            scale->to = layout_.plot.top();
        }
    }

    void placeAxes()
    {
        const qreal widestAt =
            std::max(2 * line_, textSize(utf8(grouped(std::llround(x_.high))), type_.smallNumber).width());
        const std::vector<double> ticks =
            x_.ticks(std::max(2, static_cast<int>(layout_.plot.width() / (widestAt + 1.5 * line_))),
                     curve_.axis == SpeedAxis::context ? TickBase::binary : TickBase::decimal);
        for (const double value : ticks) {
            const QString text = tickText(value, tickDecimals(ticks));
            const QSizeF size = textSize(text, type_.smallNumber);
            const qreal at = x_.map(value);
            const qreal left = std::min(at - size.width() / 2, rect_.right() - size.width());
            layout_.xTicks.push_back(
                {value, at, textAt(text, type_.smallNumber, {left, layout_.plot.bottom() + line_ * 0.35})});
        }
        const std::vector<double> heights = left_.ticks(rows());
        for (const double value : heights) {
            const QString text = tickText(value, tickDecimals(heights));
            const QSizeF size = textSize(text, type_.smallNumber);
            const qreal at = left_.map(value);
            layout_.leftTicks.push_back(
                {value, at,
                 textAt(text, type_.smallNumber,
                        {layout_.plot.left() - line_ * 0.5 - size.width(), at - size.height() / 2})});
        }
        const QString below = axisTitle(curve_.axis);
        layout_.xTitle =
            textAt(below, type_.small,
                   {layout_.plot.right() - textSize(below, type_.small).width(), layout_.plot.bottom() + line_ * 1.6});
        layout_.leftTitle = textAt(both_ ? SpeedChartLayout::tr("each request") : SpeedChartLayout::tr("tok/s"),
                                   type_.small, rect_.topLeft());
        if (both_)
            placeRightAxis();
    }

    void placeRightAxis()
    {
        const std::vector<double> heights = right_.ticks(rows());
        for (const double value : heights) {
            const QString text = tickText(value, tickDecimals(heights));
            const qreal at = right_.map(value);
            layout_.rightTicks.push_back(
                {value, at,
                 textAt(text, type_.smallNumber,
                        {layout_.plot.right() + line_ * 0.5, at - textSize(text, type_.smallNumber).height() / 2})});
        }
        const QString title = SpeedChartLayout::tr("in all");
        layout_.rightTitle =
            textAt(title, type_.small, {rect_.right() - textSize(title, type_.small).width(), rect_.top()});
    }

    void placeCurves()
    {
        QPolygonF lower;
        for (const SpeedPoint& point : curve_.points) {
            const Figure& each = point.speed->decode_tokens_per_second;
            if (!each)
                continue;
            const qreal x = x_.map(point.at);
            SpeedMark mark{.position = {x, left_.map(each->value)},
                           .all = std::nullopt,
                           .name = markName(curve_.axis, point),
                           .waits = curve_.full && point.at > *curve_.full};
            if (const Figure& all = point.speed->output_tokens_per_second; all && both_)
                mark.all = QPointF(x, right_.map(all->value));
            layout_.band << QPointF(x, left_.map(each->high));
            lower << QPointF(x, left_.map(each->low));
            if (point.at == curve_.own)
                layout_.own = layout_.marks.size();
            layout_.marks.push_back(std::move(mark));
        }
        std::reverse(lower.begin(), lower.end());
        layout_.band << lower;
    }

    void placeFull()
    {
        if (!curve_.full || *curve_.full >= x_.high)
            return;
        layout_.full = x_.map(std::max(*curve_.full, 0.0));
        const QString all = SpeedChartLayout::tr("%1: the cache or the engine’s limit is reached, others wait")
                                .arg(utf8(grouped(std::llround(*curve_.full))));
        const QString few = SpeedChartLayout::tr("%1, then others wait").arg(utf8(grouped(std::llround(*curve_.full))));
        const qreal top = layout_.plot.top() - line_ * 0.2 - line_;
        for (const QString& text : {all, few}) {
            const qreal width = textSize(text, type_.small).width();
            const qreal room = layout_.plot.right() - layout_.leftTitle.rect.right() - line_ * 4;
            if (width > room && text != few)
                continue;
            const qreal left = std::clamp(
                *layout_.full + line_ * 0.3, layout_.leftTitle.rect.right() + line_,
                std::max(layout_.leftTitle.rect.right() + line_, layout_.rightTitle.rect.left() - line_ - width));
            layout_.fullLabel = textAt(text, type_.small, {left, top});
            return;
        }
    }

    /// Beside the scenario's own mark, on the side where nothing is drawn.
    void placeLabels()
    {
        if (!layout_.own)
            return;
        const SpeedPoint* point = nullptr;
        for (const SpeedPoint& one : curve_.points)
            if (one.at == curve_.own)
                point = &one;
        const SpeedMark& mark = layout_.marks[*layout_.own];
        std::vector<QRectF> taken;
        const QString each = (both_ ? SpeedChartLayout::tr("%1 tok/s each") : SpeedChartLayout::tr("%1 tok/s"))
                                 .arg(utf8(rate_text(point->speed->decode_tokens_per_second->value)));
        layout_.eachLabel = beside(mark.position, each, taken);
        if (layout_.eachLabel.shown())
            taken.push_back(layout_.eachLabel.rect);
        if (mark.all)
            layout_.allLabel = beside(*mark.all,
                                      SpeedChartLayout::tr("%1 tok/s in all")
                                          .arg(utf8(rate_text(point->speed->output_tokens_per_second->value))),
                                      taken);
    }

    ChartText beside(QPointF at, const QString& text, const std::vector<QRectF>& taken) const
    {
        const QSizeF size = textSize(text, type_.strong);
        const qreal away = layout_.pointRadius * 2 + 2;
        const QPointF places[] = {{at.x() + away, at.y() - size.height() - away / 2},
                                  {at.x() + away, at.y() + away / 2},
                                  {at.x() - away - size.width(), at.y() - size.height() - away / 2},
                                  {at.x() - away - size.width(), at.y() + away / 2},
                                  {at.x() - size.width() / 2, at.y() - size.height() - away},
                                  {at.x() - size.width() / 2, at.y() + away}};
        for (const QPointF& place : places) {
            const QRectF rect(place, size);
            if (layout_.plot.contains(rect) && isFree(rect, taken))
                return textAt(text, type_.strong, place);
        }
        for (const QPointF& place : places) {
            const QRectF rect(place, size);
            if (layout_.plot.contains(rect) &&
                std::none_of(taken.begin(), taken.end(), [&](const QRectF& other) { return other.intersects(rect); }))
                return textAt(text, type_.strong, place);
        }
        return {};
    }

    bool isFree(const QRectF& rect, const std::vector<QRectF>& taken) const
    {
        if (layout_.full && *layout_.full > rect.left() && *layout_.full < rect.right())
            return false;
        const auto crosses = [&](QPointF a, QPointF b) {
            constexpr int steps = 8;
            for (int i = 0; i <= steps; ++i)
                if (rect.contains(a + (b - a) * (static_cast<qreal>(i) / steps)))
                    return true;
            return false;
        };
        for (std::size_t i = 1; i < layout_.marks.size(); ++i) {
            const SpeedMark& a = layout_.marks[i - 1];
            const SpeedMark& b = layout_.marks[i];
            if (crosses(a.position, b.position) || (a.all && b.all && crosses(*a.all, *b.all)))
                return false;
        }
        return std::none_of(taken.begin(), taken.end(), [&](const QRectF& other) { return other.intersects(rect); });
    }

    SpeedChartLayout& layout_;
    const SpeedCurve& curve_;
    QRectF rect_;
    const Typography& type_;
    LinearScale x_;
    LinearScale left_;
    LinearScale right_;
    qreal line_;
    bool both_;
};

} // namespace

SpeedChartLayout SpeedChartLayout::of(const SpeedCurve& curve, const QRectF& rect, const Typography& type)
{
    SpeedChartLayout layout;
    layout.name = title(curve);
    if (curve.points.size() > 1)
        SpeedPlacer(layout, curve, rect, type).place();
    if (layout.own)
        layout.name = tr("%1. Now %2").arg(layout.name, layout.marks[*layout.own].name);
    return layout;
}

QString SpeedChartLayout::title(const SpeedCurve& curve)
{
    switch (curve.axis) {
    case SpeedAxis::requests:
        return tr("Tokens per second over requests at a time");
    case SpeedAxis::per_second:
        return tr("Tokens per second over requests per second");
    case SpeedAxis::context:
        return tr("Tokens per second over the length of a request");
    }
    return {};
}

QRectF SpeedChartLayout::markRectOf(std::size_t mark) const
{
    return markRect(marks.at(mark).position, pointRadius);
}

std::optional<std::size_t> SpeedChartLayout::markAt(QPointF position) const
{
    if (marks.empty() || !plot.contains(position))
        return std::nullopt;
    const auto nearest = std::min_element(marks.begin(), marks.end(), [&](const SpeedMark& a, const SpeedMark& b) {
        return std::abs(a.position.x() - position.x()) < std::abs(b.position.x() - position.x());
    });
    return static_cast<std::size_t>(nearest - marks.begin());
}

} // namespace weighbridge
