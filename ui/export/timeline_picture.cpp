#include "ui/export/timeline_picture.h"

#include "core/report/summary.h"
#include "core/report/table_writers.h"
#include "core/report/training_report.h"
#include "ui/charts/timeline_layout.h"
#include "ui/export/chart_picture.h"
#include "ui/theme/text.h"

#include <QPainter>

namespace weighbridge {

namespace {

constexpr qreal stepWidth = 960;
constexpr qreal stepHeight = 380;

} // namespace

QImage timelineImage(const Estimate& estimate, std::int64_t stage, ByteUnit unit)
{
    const ChartPicture picture =
        ChartPicture::headed(utf8(estimate.model->name), utf8(workload_line(estimate)), 3, stepWidth);
    return picture.painted(picture.bottom + stepHeight + 2 * chartPictureMargin, [&](QPainter& painter) {
        const QRectF rect(chartPictureMargin, picture.bottom + chartPictureMargin / 2, picture.innerWidth(),
                          stepHeight);
        TimelineLayout::of(estimate, *estimate.timeline, stage, unit, rect, picture.type)
            .paint(painter, picture.theme, picture.type);
    });
}

Result<QByteArray> timelinePng(const Estimate& estimate, std::int64_t stage, ByteUnit unit)
{
    return pngBytes(timelineImage(estimate, stage, unit));
}

QByteArray timelineCsv(const Timeline& timeline)
{
    const Table table = timeline_table(timeline);
    const std::string text = tables_csv({&table, 1});
    return {text.data(), static_cast<qsizetype>(text.size())};
}

} // namespace weighbridge
