#include "ui/export/picture.h"

#include "ui/export/file_export.h"
#include "ui/export/picture_layout.h"

#include <QBuffer>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

struct Picture
{
    Q_DECLARE_TR_FUNCTIONS(Picture)
};

constexpr int dotsPerInch = 96;

Theme pictureTheme()
{
    return Theme::from(applicationPalette(ColorMode::light));
}

QString pictureTitle(const Estimate& estimate)
{
    return QString::fromStdString(estimate.model->name);
}

bool paintSvg(const Estimate& estimate, const PictureLayout& layout, const Typography& type, QBuffer& buffer)
{
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(dotsPerInch);
    generator.setSize(layout.size.toSize());
    generator.setViewBox(QRectF(QPointF(0, 0), layout.size));
    generator.setTitle(pictureTitle(estimate));
    generator.setDescription(layout.bar.name);
    QPainter painter;
    if (!painter.begin(&generator))
        return false;
    layout.paint(painter, pictureTheme(), type);
    return painter.end();
}

bool paintPdf(const Estimate& estimate, const PictureLayout& layout, const Typography& type, QBuffer& buffer)
{
    QPdfWriter writer(&buffer);
    writer.setResolution(dotsPerInch);
    writer.setTitle(pictureTitle(estimate));
    writer.setPageSize(QPageSize(layout.size * 72 / dotsPerInch, QPageSize::Point));
    writer.setPageMargins({});
    QPainter painter;
    if (!painter.begin(&writer))
        return false;
    layout.paint(painter, pictureTheme(), type);
    return painter.end();
}

} // namespace

QImage pictureImage(const Estimate& estimate, ByteUnit unit)
{
    const Typography type = pictureType();
    const PictureLayout layout = PictureLayout::of(estimate, unit, type);
    QImage image((layout.size * picturePixelRatio).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(picturePixelRatio);
    image.fill(Qt::white);
    QPainter painter(&image);
    layout.paint(painter, pictureTheme(), type);
    return image;
}

Result<QByteArray> pictureBytes(const Estimate& estimate, ByteUnit unit, PictureFormat format)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    bool painted = false;
    if (format == PictureFormat::png) {
        painted = pictureImage(estimate, unit).save(&buffer, "PNG");
    } else {
        const Typography type = pictureType();
        const PictureLayout layout = PictureLayout::of(estimate, unit, type);
        painted = format == PictureFormat::svg ? paintSvg(estimate, layout, type, buffer)
                                               : paintPdf(estimate, layout, type, buffer);
    }
    if (!painted)
        return Error{{}, Picture::tr("the picture could not be painted").toStdString()};
    buffer.close();
    return bytes;
}

Outcome exportPicture(const Estimate& estimate, ByteUnit unit, PictureFormat format, const QString& path)
{
    const Result<QByteArray> bytes = pictureBytes(estimate, unit, format);
    if (!bytes)
        return Error{path.toStdString(), path.toStdString() + ": " + bytes.error().message};
    return exportText(*bytes, path);
}

} // namespace weighbridge
