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

/// One first-level term in the bar.
struct BarSegment
{
    QString id;
    std::size_t series = 0;
    QRectF rect;
    ChartText label; ///< "Weights"; shown only where the whole text fits
    ChartText value; ///< "32.9 GiB"
    QString name;    ///< what a screen reader says: "Weights, 32.86 GiB, 50.0 %"
    QString toolTip; ///< both units, range, basis, source
};

/// Where everything in the bar stands: painted, hit-tested, exported and read aloud from this.
struct StackedBarLayout
{
    Q_DECLARE_TR_FUNCTIONS(StackedBar)

public:
    QRectF bar;                       ///< the whole scale: the capacity, or the total where that is more
    std::vector<BarSegment> segments; ///< from left to right without gaps; terms of nothing have none
    QRectF free;                      ///< empty where nothing is free
    QRectF reserved;                  ///< of the capacity, what may not be used; empty where all may
    bool exceeds = false;             ///< more than may be used
    qreal capacityX = 0;              ///< where the capacity ends; the bar's right edge unless it exceeds
    qreal limitX = 0;                 ///< where what may be used of it ends
    std::vector<ChartTick> ticks;
    ChartText endTick; ///< the capacity in full: "79.6 GiB"; empty where the limit's label lies there
    ChartText limit;   ///< "limit 73.4 GiB"; empty where that is the capacity and it holds
    QString name;      ///< "Memory per GPU, 65.7 of 79.6 GiB used: Fits"
    qreal radius = 0;

    /// Whether less than the capacity may be used.
    bool isLimited() const { return limitX < capacityX - 0.5; }

    /// Lays out the bar in a rectangle `heightFor()` high. Pure: the same estimate, rectangle and fonts give the same
    /// layout.
    static StackedBarLayout of(const Estimate& estimate, ByteUnit unit, const QRectF& rect, const Typography& type);
    static qreal heightFor(const Typography& type);

    /// The segment at a point, counted from 0.
    std::optional<std::size_t> segmentAt(QPointF point) const;

    /// `current` is outlined, where given.
    void paint(QPainter& painter, const Theme& theme, const Typography& type,
               std::optional<std::size_t> current = {}) const;
};

} // namespace weighbridge
