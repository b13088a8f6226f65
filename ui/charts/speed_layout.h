#pragma once

#include "core/answers/speed_curve.h"
#include "ui/charts/chart_text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QCoreApplication>
#include <QPolygonF>

#include <optional>
#include <vector>

namespace weighbridge {

/// What one load comes to.
struct SpeedMark
{
    QPointF position; ///< on the curve of each request, which has the range
    std::optional<QPointF> all;
    QString name;       ///< "12 requests: 16.2 tok/s each, 173 in all"
    bool waits = false; ///< more than run
};

/// Tokens per second over the load: of each request with its range at the left, of all together at the right.
struct SpeedChartLayout
{
    Q_DECLARE_TR_FUNCTIONS(SpeedChart)

public:
    QRectF plot;
    std::vector<ChartTick> xTicks;
    std::vector<ChartTick> leftTicks;
    std::vector<ChartTick> rightTicks; ///< none where only one request is known
    ChartText xTitle;
    ChartText leftTitle;
    ChartText rightTitle;
    QPolygonF band;
    std::vector<SpeedMark> marks;
    std::optional<qreal> full; ///< from where on others wait
    ChartText fullLabel;
    std::optional<std::size_t> own; ///< the scenario's mark
    ChartText eachLabel;
    ChartText allLabel;
    QString name;
    qreal pointRadius = 4;

    /// Pure: the same curve, rectangle and fonts give the same layout.
    static SpeedChartLayout of(const SpeedCurve& curve, const QRectF& rect, const Typography& type);
    static QString title(const SpeedCurve& curve);

    QRectF markRectOf(std::size_t mark) const;
    std::optional<std::size_t> markAt(QPointF position) const;
    void paint(QPainter& painter, const Theme& theme, const Typography& type,
               std::optional<std::size_t> current = {}) const;
};

} // namespace weighbridge
