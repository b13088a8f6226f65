#pragma once

#include "core/accuracy/accuracy.h"
#include "ui/charts/chart_text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QCoreApplication>
#include <QLineF>
#include <QPolygonF>

#include <optional>
#include <vector>

namespace weighbridge {

/// What a point says beside its place; each has a shape of its own.
enum class ScatterMark
{
    within, ///< the bar
    beyond, ///< the bar
    aside,  ///< not held against it
};

/// One run.
struct ScatterPoint
{
    std::size_t point = 0; ///< in FigureAccuracy::points
    ScatterMark mark = ScatterMark::within;
    QPointF position;
    QLineF range;  ///< of the estimate, upright; a point where it has none
    QString label; ///< "vllm-0038 · Kimi-VL"
    QString name;  ///< what a screen reader says: run, model, both figures, error
};

/// What a mark means, below the plot.
struct ScatterKey
{
    ScatterMark mark = ScatterMark::within;
    QPointF centre;
    ChartText label;
};

/// Predicted over measured with the diagonal: both axes have the same scale, logarithmic where the values span much.
struct ScatterLayout
{
    Q_DECLARE_TR_FUNCTIONS(AccuracyScatter)

public:
    QRectF plot;
    bool logarithmic = false;
    std::vector<ChartTick> xTicks;
    std::vector<ChartTick> yTicks;
    ChartText xTitle;
    ChartText yTitle;
    QLineF diagonal;
    QPolygonF band;                   ///< what the bar allows; empty where it asks for equality
    std::vector<ScatterPoint> points; ///< from the smallest measured value to the largest
    std::vector<ScatterKey> keys;     ///< of the marks that occur
    ChartText nothing;                ///< says that there are no runs, in place of all that
    QString name;
    qreal pointRadius = 4;

    /// Pure: the same figure, rectangle and fonts give the same layout.
    static ScatterLayout of(const SetAccuracy& set, const FigureAccuracy& figure, const QRectF& rect,
                            const Typography& type);

    std::optional<std::size_t> pointAt(QPointF position) const;
    QRectF pointRect(std::size_t point) const;
    /// Where the point's label stands: inside the plot, beside the point.
    ChartText labelOf(std::size_t point, const Typography& type) const;
    /// `current` is ringed and named, with its range.
    void paint(QPainter& painter, const Theme& theme, const Typography& type,
               std::optional<std::size_t> current = {}) const;
};

/// "vllm-0038, moonshotai/Kimi-VL: predicted 29.89 GiB, measured 30.74 GiB, −2.8 %, beyond the bar".
QString accuracyPointName(const SetAccuracy& set, const FigureAccuracy& figure, std::size_t point);

ScatterMark accuracyMark(const AccuracyPoint& point);

/// A mark in the middle of a rectangle: a disc, a diamond, a ring.
void drawMark(QPainter& painter, ScatterMark mark, QPointF centre, qreal radius, const Theme& theme);

} // namespace weighbridge
