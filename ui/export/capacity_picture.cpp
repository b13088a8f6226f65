#include "ui/export/capacity_picture.h"

#include "core/report/answers_report.h"
#include "core/report/summary.h"
#include "core/report/table_writers.h"
#include "ui/charts/capacity_layout.h"
#include "ui/export/chart_picture.h"
#include "ui/theme/text.h"

#include <QPainter>

namespace weighbridge {

namespace {

constexpr qreal curvesWidth = 760;
constexpr qreal chartHeight = 330;

CapacityMark markOf(const Estimate& estimate, CapacityAxis axis)
{
    const InferenceChoice& inference = estimate.scenario.inference;
    return {axis == CapacityAxis::context ? inference.tokens() : inference.concurrent_sequences, estimate.total};
}

} // namespace

QImage capacityImage(const Estimate& estimate, const ServingCapacity& serving, ByteUnit unit)
{
    const ChartPicture picture =
        ChartPicture::headed(utf8(estimate.model->name), utf8(workload_line(estimate)), 3, curvesWidth);
    constexpr qreal step = chartHeight + chartPictureMargin;
    return picture.painted(picture.bottom + 2 * step + chartPictureMargin, [&](QPainter& painter) {
        qreal top = picture.bottom + chartPictureMargin;
        for (const CapacityAxis axis : {CapacityAxis::context, CapacityAxis::concurrency}) {
            const QRectF rect(chartPictureMargin, top, picture.innerWidth(), chartHeight);
            CapacityLayout::of(serving, axis, markOf(estimate, axis), unit, rect, picture.type)
                .paint(painter, picture.theme, picture.type);
            top += step;
        }
    });
}

Result<QByteArray> capacityPng(const Estimate& estimate, const ServingCapacity& serving, ByteUnit unit)
{
    return pngBytes(capacityImage(estimate, serving, unit));
}

QByteArray capacityCsv(const ServingCapacity* serving, const Recommendations* recommendations)
{
    std::vector<Table> tables;
    if (serving != nullptr)
        tables = serving_tables(*serving);
    if (recommendations != nullptr)
        tables.push_back(recommendation_table(*recommendations));
    const std::string text = tables_csv(tables);
    return {text.data(), static_cast<qsizetype>(text.size())};
}

} // namespace weighbridge
