#include "ui/export/capacity_picture.h"

#include "core/report/answers_report.h"
#include "core/report/summary.h"
#include "ui/charts/capacity_layout.h"
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

constexpr int pixelRatio = 2;
constexpr qreal pictureWidth = 760;
constexpr qreal chartHeight = 330;
constexpr qreal margin = 28;

/// In pixels: the window's zoom does not matter.
Typography pictureType()
{
    QFont font = QGuiApplication::font();
    font.setPixelSize(14);
    return Typography::from(font);
}

CapacityMark markOf(const Estimate& estimate, CapacityAxis axis)
{
    const InferenceChoice& inference = estimate.scenario.inference;
    return {axis == CapacityAxis::context ? inference.sequence_length : inference.concurrent_sequences, estimate.total};
}

} // namespace

QImage capacityImage(const Estimate& estimate, const ServingCapacity& serving, ByteUnit unit)
{
    const Typography type = pictureType();
    const Theme theme = Theme::from(applicationPalette(ColorMode::light));
    const qreal width = pictureWidth - 2 * margin;
    const ChartText title =
        textAt(QFontMetricsF(type.strong).elidedText(utf8(estimate.model->name), Qt::ElideRight, width), type.strong,
               {margin, margin});
    std::vector<ChartText> lines;
    qreal top = title.rect.bottom() + 4;
    for (const QString& line : wrapped(utf8(workload_line(estimate)), type.small, width, 3)) {
        lines.push_back(textAt(line, type.small, {margin, top}));
        top += QFontMetricsF(type.small).height();
    }
    const QSizeF size(pictureWidth, top + 2 * (chartHeight + margin) + margin);
    QImage image((size * pixelRatio).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(pixelRatio);
    image.fill(Qt::white);
    QPainter painter(&image);
    drawText(painter, title, type.strong, theme.text);
    for (const ChartText& line : lines)
        drawText(painter, line, type.small, theme.mutedText);
    for (const CapacityAxis axis : {CapacityAxis::context, CapacityAxis::concurrency}) {
        const QRectF rect(margin, top + margin, width, chartHeight);
        CapacityLayout::of(serving, axis, markOf(estimate, axis), unit, rect, type).paint(painter, theme, type);
        top += chartHeight + margin;
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
    csv::Table table;
    if (serving != nullptr)
        add_serving(table, *serving);
    if (recommendations != nullptr)
        add_recommendations(table, *recommendations);
    const std::string text = std::move(table).take();
    return {text.data(), static_cast<qsizetype>(text.size())};
}

} // namespace weighbridge
