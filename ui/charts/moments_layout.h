#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/display.h"
#include "ui/charts/chart_text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QCoreApplication>

#include <optional>
#include <vector>

namespace weighbridge {

/// One term at one moment.
struct MomentSegment
{
    std::size_t series = 0;
    QRectF rect;
};

/// One moment: its name, its terms side by side, what they add up to.
struct MomentBar
{
    bool peak = false;
    ChartText label; ///< "End of forward"
    ChartText value; ///< "42.6 GiB", of the peak "42.6 GiB peak"
    std::vector<MomentSegment> segments;
    QRectF rect;     ///< the whole row, for the mouse and the focus ring
    QString name;    ///< what a screen reader says: "End of forward, 42.60 GiB, peak"
    QString toolTip; ///< every term in both units, and why the moment is large
};

struct MomentLegend
{
    std::size_t series = 0;
    QRectF swatch;
    ChartText label;
};

/// The moments of a training step below one another, on one scale, with the accelerator's capacity as a line.
struct MomentsLayout
{
    Q_DECLARE_TR_FUNCTIONS(MomentsChart)

public:
    QRectF plot;
    std::vector<MomentBar> bars;
    std::vector<ChartTick> ticks;
    std::vector<MomentLegend> legend;
    qreal capacityX = 0;
    ChartText capacity; ///< "79.6 GiB" below the line
    bool exceeds = false;
    QString name; ///< "Moments of a training step, 5 moments, peak at end of forward"

    /// Of the fullest stage of an estimate with `training`, in a rectangle `heightFor()` high. What lies outside the
    /// allocator stands at every moment, so that bars are comparable with the capacity. Pure.
    static MomentsLayout of(const Estimate& estimate, ByteUnit unit, const QRectF& rect, const Typography& type);
    static qreal heightFor(const Estimate& estimate, qreal width, const Typography& type);

    std::optional<std::size_t> barAt(QPointF point) const;

    void paint(QPainter& painter, const Theme& theme, const Typography& type,
               std::optional<std::size_t> current = {}) const;
};

} // namespace weighbridge
