#pragma once

#include "core/answers/serving.h"
#include "core/quantity/display.h"
#include "ui/charts/chart_text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QCoreApplication>
#include <QLineF>
#include <QPolygonF>

#include <optional>
#include <vector>

namespace weighbridge {

/// What one chart of serving capacity shows.
enum class CapacityAxis
{
    context,     ///< memory over the tokens of a sequence
    concurrency, ///< memory over the sequences at a time
};

/// What the scenario itself asks for: a mark on the curve.
struct CapacityMark
{
    std::int64_t at = 0;
    Bytes bytes;
};

/// A point of the curve.
struct CapacityPoint
{
    QPointF position;
    std::int64_t at = 0;
    double bytes = 0;
};

/// What may be used of one accelerator.
struct CapacityLineShape
{
    QLineF line;
    ChartText label; ///< "H100 SXM 80 GB, 79.65 GiB"; empty where there is no room
    bool chosen = false;
};

/// Memory per GPU over context or concurrency, with a line across for every accelerator that is chosen or pinned.
struct CapacityLayout
{
    Q_DECLARE_TR_FUNCTIONS(CapacityChart)

public:
    QRectF plot;
    std::vector<ChartTick> xTicks;
    std::vector<ChartTick> yTicks;
    ChartText xTitle;
    ChartText yTitle;
    QPolygonF area; ///< below the curve
    std::vector<CapacityPoint> points;
    std::vector<CapacityLineShape> lines; ///< the higher ones first
    std::optional<QPointF> mark;
    QString name;
    CapacityAxis axis = CapacityAxis::context;
    ByteUnit unit = ByteUnit::gib;
    qreal pointRadius = 4;

    /// Pure: the same capacity, rectangle and fonts give the same layout.
    static CapacityLayout of(const ServingCapacity& serving, CapacityAxis axis, const CapacityMark& mark, ByteUnit unit,
                             const QRectF& rect, const Typography& type);

    /// "32,768 tokens: 41.20 GiB".
    QString pointName(std::size_t point) const;
    /// The point above or below a place inside the plot.
    std::optional<std::size_t> pointAt(QPointF position) const;
    QRectF pointRect(std::size_t point) const;
    void paint(QPainter& painter, const Theme& theme, const Typography& type,
               std::optional<std::size_t> current = {}) const;
};

} // namespace weighbridge
