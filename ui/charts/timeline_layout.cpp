#include "ui/charts/timeline_layout.h"

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

/// The colours of moments and terms, where there is one of that name.
std::size_t timelineSeries(const TimelineKindRow& kind)
{
    constexpr std::size_t ofWorkspace = 3;
    return kind.kind == TimelineKind::workspace ? ofWorkspace
                                                : seriesOf(kind.id, static_cast<std::size_t>(kind.kind) + 1);
}

QString phaseOf(const TimelinePoint& point)
{
    const std::string_view operation = point.operation;
    if (operation == "forward")
        return TimelineLayout::tr("Forward");
    if (operation == "loss" || operation == "loss_backward")
        return TimelineLayout::tr("Loss");
    if (operation.starts_with("backward"))
        return TimelineLayout::tr("Backward");
    return coreText(point.label);
}

class TimelineBuilder
{
public:
    TimelineBuilder(const Estimate& estimate, const Timeline& timeline, std::int64_t stage, ByteUnit unit,
                    const QRectF& rect, const Typography& type)
        : estimate_(estimate), points_(timeline.of_stage(stage)), unit_(unit), rect_(rect), type_(type),
          line_(QFontMetricsF(type.body).height())
    {
    }

    TimelineLayout build()
    {
        if (points_.empty())
            return {};
        placeLegend();
        placePlot();
        for (std::size_t index = 0; index < points_.size(); ++index)
            addColumn(index);
        addPhases();
        addTicks();
        addCapacity();
        addPeak();
        layout_.name = TimelineLayout::tr("A training step from left to right, %n point(s)", nullptr,
                                          static_cast<int>(points_.size()));
        return std::move(layout_);
    }

private:
    double inUnit(double bytes) const { return bytes / bytesPer(unit_); }

    bool isThere(TimelineKind kind) const
    {
        return std::any_of(points_.begin(), points_.end(), [&](const TimelinePoint* point) {
            return point->bytes[static_cast<std::size_t>(kind)].count > 0;
        });
    }

    /// Above the plot, in as many lines as it takes.
    void placeLegend()
    {
        const qreal swatch = line_ * 0.6;
        qreal x = rect_.left();
        top_ = rect_.top();
        for (const TimelineKindRow& kind : timeline_kinds()) {
            if (!isThere(kind.kind))
                continue;
            const QString text = coreText(kind.label);
            const QSizeF size = textSize(text, type_.small);
            if (x > rect_.left() && x + swatch + line_ / 4 + size.width() > rect_.right()) {
                x = rect_.left();
                top_ += size.height() + line_ / 4;
            }
            layout_.legend.push_back({timelineSeries(kind),
                                      QRectF(x, top_ + (size.height() - swatch) / 2, swatch, swatch),
                                      textAt(text, type_.small, {x + swatch + line_ / 4, top_})});
            x = layout_.legend.back().label.rect.right() + line_;
        }
        top_ += line_ * 1.2;
    }

    void placePlot()
    {
        double most = 0;
        for (const TimelinePoint* point : points_)
            most = std::max(most, static_cast<double>(point->total.count));
        const double left = static_cast<double>(estimate_.fit.usable.count - estimate_.training->overhead.bytes.count);
        constexpr double inSight = 1.5;
        showsCapacity_ = left > 0 && left < most * inSight;
        constexpr double headroom = 1.08;
        y_.high = std::max(inUnit(showsCapacity_ ? std::max(most, left) : most) * headroom, 1e-3);
        capacity_ = inUnit(left);
        qreal widest = 0;
        for (const double value : y_.ticks(atMost(), base()))
            widest = std::max(widest, textSize(utf8(formula_number(value)), type_.smallNumber).width());
        layout_.unitTitle =
            textAt(TimelineLayout::tr("%1 allocated").arg(utf8(unit_name(unit_))), type_.small, {rect_.left(), top_});
        const qreal plotTop = layout_.unitTitle.rect.bottom() + line_ * 0.4;
        layout_.plot = QRectF(QPointF(rect_.left() + widest + line_ * 0.6, plotTop),
                              QPointF(rect_.right(), rect_.bottom() - line_ * 1.5));
        layout_.plot.setWidth(std::max(1.0, layout_.plot.width()));
        layout_.plot.setHeight(std::max(1.0, layout_.plot.height()));
        y_.from = layout_.plot.bottom();
        y_.to = layout_.plot.top();
    }

    int atMost() const { return std::max(2, static_cast<int>(rect_.height() / (line_ * 3))); }
    TickBase base() const { return unit_ == ByteUnit::gib ? TickBase::binary : TickBase::decimal; }

    void addColumn(std::size_t index)
    {
        const TimelinePoint& point = *points_[index];
        const qreal width = layout_.plot.width() / static_cast<qreal>(points_.size());
        const qreal left = layout_.plot.left() + static_cast<qreal>(index) * width;
        TimelineColumn column;
        column.rect = QRectF(left, layout_.plot.top(), width, layout_.plot.height());
        column.peak = point.peak;
        QStringList lines{coreText(point.label) % u": "_s % inBothUnits(point.total, unit_)};
        double sum = 0;
        for (const TimelineKindRow& kind : timeline_kinds()) {
            const Bytes bytes = point.bytes[static_cast<std::size_t>(kind.kind)];
            if (bytes.count <= 0)
                continue;
            const qreal bottom = y_.map(inUnit(sum));
            sum += static_cast<double>(bytes.count);
            const qreal top = y_.map(inUnit(sum));
            column.segments.push_back({timelineSeries(kind), QRectF(left, top, width, bottom - top)});
            lines << coreText(kind.label) % u": "_s % inBothUnits(bytes, unit_);
        }
        column.name = coreText(point.label) % u": "_s % utf8(in_unit(point.total, unit_));
        if (point.peak)
            column.name = column.name % u", "_s % TimelineLayout::tr("peak");
        column.toolTip = lines.join(u'\n');
        layout_.columns.push_back(std::move(column));
    }

    void addPhases()
    {
        std::size_t first = 0;
        for (std::size_t index = 0; index < points_.size(); ++index) {
            const QString phase = phaseOf(*points_[index]);
            if (index + 1 < points_.size() && phaseOf(*points_[index + 1]) == phase)
                continue;
            const QRectF span(layout_.columns[first].rect.topLeft(), layout_.columns[index].rect.bottomRight());
            TimelinePhase& added = layout_.phases.emplace_back();
            added.border = {span.topRight(), span.bottomRight()};
            const QSizeF size = textSize(phase, type_.small);
            if (size.width() + line_ / 2 <= span.width())
                added.label = textAt(phase, type_.small,
                                     {span.center().x() - size.width() / 2, layout_.plot.bottom() + line_ * 0.3});
            first = index + 1;
        }
    }

    void addTicks()
    {
        for (const double value : y_.ticks(atMost(), base())) {
            const QString text = utf8(formula_number(value));
            const QSizeF size = textSize(text, type_.smallNumber);
            const qreal y = y_.map(value);
            layout_.ticks.push_back(
                {value, y,
                 textAt(text, type_.smallNumber,
                        {layout_.plot.left() - line_ * 0.4 - size.width(), y - size.height() / 2})});
        }
    }

    void addCapacity()
    {
        if (showsCapacity_)
            layout_.capacity = y_.map(capacity_);
        layout_.exceeds = estimate_.fit.verdict == Verdict::exceeds;
    }

    /// Above its column, moved where it would leave the plot.
    void addPeak()
    {
        for (std::size_t index = 0; index < points_.size(); ++index) {
            if (!points_[index]->peak)
                continue;
            const QString text = TimelineLayout::tr("%1 peak").arg(utf8(in_unit(points_[index]->total, unit_)));
            const QSizeF size = textSize(text, type_.strongNumber);
            const qreal middle = layout_.columns[index].rect.center().x();
            const qreal left = std::clamp(middle - size.width() / 2, layout_.plot.left(),
                                          std::max(layout_.plot.left(), layout_.plot.right() - size.width()));
            layout_.peakLabel = textAt(
                text, type_.strongNumber,
                {left, std::max(layout_.unitTitle.rect.top(),
                                y_.map(inUnit(static_cast<double>(points_[index]->total.count))) - size.height() - 2)});
        }
    }

    const Estimate& estimate_;
    std::vector<const TimelinePoint*> points_;
    ByteUnit unit_;
    QRectF rect_;
    const Typography& type_;
    qreal line_;
    qreal top_ = 0;
    bool showsCapacity_ = false;
    double capacity_ = 0;
    LinearScale y_;
    TimelineLayout layout_;
};

} // namespace

TimelineLayout TimelineLayout::of(const Estimate& estimate, const Timeline& timeline, std::int64_t stage, ByteUnit unit,
                                  const QRectF& rect, const Typography& type)
{
    return estimate.training ? TimelineBuilder(estimate, timeline, stage, unit, rect, type).build() : TimelineLayout();
}

std::optional<std::size_t> TimelineLayout::columnAt(QPointF point) const
{
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].rect.contains(point))
            return i;
    return std::nullopt;
}

void TimelineLayout::paint(QPainter& painter, const Theme& theme, const Typography& type,
                           std::optional<std::size_t> current) const
{
    painter.setRenderHint(QPainter::Antialiasing, false); // columns touch one another
    for (const TimelineColumn& column : columns)
        for (const TimelineSegment& segment : column.segments)
            painter.fillRect(segment.rect, theme.seriesColor(segment.series));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.surface, 1));
    for (const TimelinePhase& phase : phases)
        painter.drawLine(phase.border);
    if (capacity) {
        painter.setPen(QPen(exceeds ? theme.exceeds.text : theme.mutedText, 1.5, Qt::DashLine));
        painter.drawLine(QPointF(plot.left(), *capacity), QPointF(plot.right(), *capacity));
    }
    for (const TimelineColumn& column : columns)
        if (column.peak && !column.segments.empty()) {
            const QRectF top = column.segments.back().rect;
            painter.setPen(QPen(theme.text, 1));
            painter.drawLine(QPointF(column.rect.center().x(), top.top()),
                             QPointF(column.rect.center().x(), plot.bottom()));
        }
    for (const TimelinePhase& phase : phases)
        drawText(painter, phase.label, type.small, theme.mutedText);
    drawText(painter, unitTitle, type.small, theme.mutedText);
    drawText(painter, peakLabel, type.strongNumber, theme.text);
    drawLabels(painter, ticks, type.smallNumber, theme.mutedText);
    for (const TimelineLegend& entry : legend) {
        painter.fillRect(entry.swatch, theme.seriesColor(entry.series));
        drawText(painter, entry.label, type.small, theme.mutedText);
    }
    if (current && *current < columns.size())
        paintFocusRing(painter, columns[*current].rect, theme.accent, theme.surface);
}

} // namespace weighbridge
