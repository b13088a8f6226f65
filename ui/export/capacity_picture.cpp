#include "ui/export/capacity_picture.h"

#include "core/report/answers_report.h"
#include "core/report/summary.h"
#include "core/report/table_writers.h"
#include "ui/charts/capacity_layout.h"
#include "ui/export/picture_layout.h"
#include "ui/theme/text.h"

#include <QBuffer>
#include <QFontMetricsF>
#include <QGuiApplication>
#include <QPainter>

namespace weighbridge {

namespace {

struct CapacityPicture
{
    Q_DECLARE_TR_FUNCTIONS(CapacityPicture)
};

constexpr qreal curvesWidth = 760;
constexpr qreal chartHeight = 330;
constexpr qreal curvesMargin = 28;

CapacityMark markOf(const Estimate& estimate, CapacityAxis axis)
{
    const InferenceChoice& inference = estimate.scenario.inference;
    return {axis == CapacityAxis::context ? inference.tokens() : inference.concurrent_sequences, estimate.total};
}

} // namespace

QImage capacityImage(const Estimate& estimate, const ServingCapacity& serving, ByteUnit unit)
{
    const Typography type = pictureType();
    const Theme theme = Theme::from(applicationPalette(ColorMode::light));
    const qreal width = curvesWidth - 2 * curvesMargin;
    const ChartText title =
        textAt(QFontMetricsF(type.strong).elidedText(utf8(estimate.model->name), Qt::ElideRight, width), type.strong,
               {curvesMargin, curvesMargin});
    std::vector<ChartText> lines;
    qreal top = title.rect.bottom() + 4;
    for (const QString& line : wrapped(utf8(workload_line(estimate)), type.small, width, 3)) {
        lines.push_back(textAt(line, type.small, {curvesMargin, top}));
        top += QFontMetricsF(type.small).height();
    }
    const QSizeF size(curvesWidth, top + 2 * (chartHeight + curvesMargin) + curvesMargin);
    QImage image((size * picturePixelRatio).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(picturePixelRatio);
    image.fill(Qt::white);
    QPainter painter(&image);
    drawText(painter, title, type.strong, theme.text);
    for (const ChartText& line : lines)
        drawText(painter, line, type.small, theme.mutedText);
    for (const CapacityAxis axis : {CapacityAxis::context, CapacityAxis::concurrency}) {
        const QRectF rect(curvesMargin, top + curvesMargin, width, chartHeight);
        CapacityLayout::of(serving, axis, markOf(estimate, axis), unit, rect, type).paint(painter, theme, type);
        top += chartHeight + curvesMargin;
    }
    return image;
}

Result<QByteArray> capacityPng(const Estimate& estimate, const ServingCapacity& serving, ByteUnit unit)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (!capacityImage(estimate, serving, unit).save(&buffer, "PNG"))
        return Error{{}, CapacityPicture::tr("the picture could not be painted").toStdString()};
    return bytes;
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
