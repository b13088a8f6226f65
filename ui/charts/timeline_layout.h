#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/display.h"
#include "core/training/timeline.h"
#include "ui/charts/chart_text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QCoreApplication>
#include <QLineF>

#include <optional>
#include <vector>

namespace weighbridge {

/// Bytes of one kind at one point.
struct TimelineSegment
{
    std::size_t series = 0;
    QRectF rect;
};

/// One point of the step: its kinds on top of each other.
struct TimelineColumn
{
    QRectF rect; ///< as high as the plot, for the mouse and the focus ring
    std::vector<TimelineSegment> segments;
    bool peak = false;
    QString name;    ///< what a screen reader says: "Layer 12 forward: 41.20 GiB"
    QString toolTip; ///< every kind in both units
};

/// Points that follow one another and do the same: "Forward".
struct TimelinePhase
{
    QLineF border;   ///< at its right
    ChartText label; ///< empty where there is no room
};

struct TimelineLegend
{
    std::size_t series = 0;
    QRectF swatch;
    ChartText label;
};

/// A training step of one pipeline stage from left to right, with what lives at each point stacked by kind, and what
/// the accelerator leaves for it as a line.
struct TimelineLayout
{
    Q_DECLARE_TR_FUNCTIONS(TimelineChart)

public:
    QRectF plot;
    std::vector<TimelineColumn> columns;
    std::vector<ChartTick> ticks;
    std::vector<TimelinePhase> phases;
    std::vector<TimelineLegend> legend;
    ChartText unitTitle;           ///< "GiB allocated"
    ChartText peakLabel;           ///< "41.20 GiB peak", where the stage has the peak
    std::optional<qreal> capacity; ///< y of what lies beside the overhead; nothing where it is far above the peak
    bool exceeds = false;
    QString name;

    /// Of an estimate with `training`. Pure: the same timeline, rectangle and fonts give the same layout.
    static TimelineLayout of(const Estimate& estimate, const Timeline& timeline, std::int64_t stage, ByteUnit unit,
                             const QRectF& rect, const Typography& type);

    std::optional<std::size_t> columnAt(QPointF point) const;
    void paint(QPainter& painter, const Theme& theme, const Typography& type,
               std::optional<std::size_t> current = {}) const;
};

} // namespace weighbridge
