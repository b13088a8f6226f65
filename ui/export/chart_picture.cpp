#include "ui/export/chart_picture.h"

#include "ui/export/picture_layout.h"
#include "ui/theme/text.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>

namespace weighbridge {

namespace {

struct ChartPictureText
{
    Q_DECLARE_TR_FUNCTIONS(ChartPictureText)
};

} // namespace

ChartPicture ChartPicture::headed(const QString& title, const QString& text, int mostLines, qreal width, qreal gap)
{
    ChartPicture picture{pictureType(), Theme::from(applicationPalette(ColorMode::light)), {}, {}, width, 0};
    const Typography& type = picture.type;
    const qreal inner = picture.innerWidth();
    picture.title = textAt(QFontMetricsF(type.strong).elidedText(title, Qt::ElideRight, inner), type.strong,
                           {chartPictureMargin, chartPictureMargin});
    picture.bottom = picture.title.rect.bottom() + gap;
    for (const QString& line : wrapped(text, type.small, inner, mostLines)) {
        picture.lines.push_back(textAt(line, type.small, {chartPictureMargin, picture.bottom}));
        picture.bottom += QFontMetricsF(type.small).height();
    }
    return picture;
}

QImage ChartPicture::painted(qreal height, const std::function<void(QPainter&)>& paint) const
{
    const QSizeF size(width, height);
    QImage image((size * picturePixelRatio).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(picturePixelRatio);
    image.fill(Qt::white);
    QPainter painter(&image);
    drawText(painter, title, type.strong, theme.text);
    for (const ChartText& line : lines)
        drawText(painter, line, type.small, theme.mutedText);
    paint(painter);
    return image;
}

Result<QByteArray> pngBytes(const QImage& image)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (!image.save(&buffer, "PNG"))
        return Error{{}, ChartPictureText::tr("the picture could not be painted").toStdString()};
    return bytes;
}

} // namespace weighbridge
