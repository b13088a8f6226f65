#pragma once

#include "core/speed/roofline.h"
#include "ui/charts/chart_text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QCoreApplication>
#include <QLineF>
#include <QPolygonF>

#include <optional>
#include <vector>

namespace weighbridge {

/// One operation under the roof.
struct RooflinePoint
{
    std::size_t row = 0; ///< in Roofline::rows
    std::size_t series = 0;
    QPointF position;
    QString label; ///< "QKV projection"
    QString name;  ///< "QKV projection, 11.9 FLOP/B, memory bound, at most 40 TFLOP/s"
};

/// A label for one point, or for several that lie on one another.
struct RooflineLabel
{
    ChartText text;
    std::vector<std::size_t> points; ///< which points it names
};

/// The ceiling of other arithmetic than the weights': what operations of that type are held against.
struct RooflineCeiling
{
    QPolygonF line; ///< from where it leaves the roof to the right edge
    QLineF ridge;
    ChartText label; ///< "67 TFLOP/s FP32, ridge 20 FLOP/B"; empty where there is no room
};

/// A log-log roofline: performance within reach over arithmetic intensity.
struct RooflineLayout
{
    Q_DECLARE_TR_FUNCTIONS(RooflineChart)

public:
    QRectF plot;
    std::vector<ChartTick> xTicks;
    std::vector<ChartTick> yTicks;
    ChartText xTitle;
    ChartText yTitle;
    QPolygonF roof;                        ///< slope, ridge, flat; empty where the accelerator has no figures
    std::vector<RooflineCeiling> ceilings; ///< of every other type that an operation runs at, highest first
    QLineF ridge;
    ChartText ridgeLabel;
    ChartText peakLabel;
    ChartText bandwidthLabel; ///< to be turned by `slope` degrees about the rectangle's centre
    double slope = 0;
    std::vector<RooflinePoint> points;
    std::vector<RooflineLabel> labels;
    ChartText noFigures; ///< says so in place of a roof
    QString name;
    qreal pointRadius = 4;

    static RooflineLayout of(const Roofline& roofline, const QString& acceleratorName, const QRectF& rect,
                             const Typography& type);

    std::optional<std::size_t> pointAt(QPointF position) const;
    QRectF pointRect(std::size_t point) const;
    void paint(QPainter& painter, const Theme& theme, const Typography& type,
               std::optional<std::size_t> current = {}) const;
};

/// The colour of an operation: projections, attention, feed-forward and norms each have one.
std::size_t operationSeries(std::string_view operationId);

/// "memory", "compute", "unknown".
QString boundWord(Bound bound);

} // namespace weighbridge
