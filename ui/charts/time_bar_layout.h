#pragma once

#include "core/speed/speed.h"
#include "ui/charts/chart_text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QCoreApplication>

#include <optional>
#include <string_view>
#include <vector>

namespace weighbridge {

/// One part of a step.
struct TimeSegment
{
    std::size_t term = 0; ///< in the list of terms
    QRectF rect;
    ChartText label; ///< "Reading weights 12.3", shorter or empty where there is no room
    QString name;    ///< "Reading weights: 12.3 ms, 42 %"
    QString toolTip; ///< with the formula
};

/// The parts of a step one behind the other, on a scale of time.
struct TimeBarLayout
{
    Q_DECLARE_TR_FUNCTIONS(TimeBar)

public:
    QRectF bar;
    std::vector<TimeSegment> segments;
    std::vector<ChartTick> ticks;
    ChartText end; ///< "61.6 ms"
    QString name;

    /// Pure: the same terms, rectangle and fonts give the same layout.
    static TimeBarLayout of(const std::vector<SpeedTerm>& terms, const QRectF& rect, const Typography& type);
    static qreal heightFor(const Typography& type);

    std::optional<std::size_t> segmentAt(QPointF point) const;
    void paint(QPainter& painter, const std::vector<SpeedTerm>& terms, const Theme& theme, const Typography& type,
               std::optional<std::size_t> current = {}) const;
};

/// What is read has the hue that it has in memory; what belongs to no term of memory is grey.
QColor timeColor(std::string_view term, const Theme& theme);

} // namespace weighbridge
