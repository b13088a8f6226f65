#include "ui/accuracy/accuracy_picture.h"

#include "ui/accuracy/accuracy_words.h"
#include "ui/charts/scatter_layout.h"
#include "ui/theme/text.h"

#include <QBuffer>
#include <QFontMetricsF>
#include <QGuiApplication>
#include <QPainter>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

struct AccuracyPicture
{
    Q_DECLARE_TR_FUNCTIONS(AccuracyPicture)
};

constexpr int pixelRatio = 2;
constexpr qreal pictureWidth = 720;
constexpr qreal margin = 28;

/// In pixels: the window's zoom does not matter.
Typography pictureType()
{
    QFont font = QGuiApplication::font();
    font.setPixelSize(14);
    return Typography::from(font);
}

/// Title and sentence with their heights.
struct Heading
{
    ChartText title;
    std::vector<ChartText> lines;
    qreal bottom = 0;
};

Heading headingOf(const SetAccuracy& set, const FigureAccuracy& figure, const Typography& type)
{
    Heading heading;
    const qreal width = pictureWidth - 2 * margin;
    const QString title = coreText(set.set->title) % u": "_s % coreText(figure.figure->title);
    heading.title =
        textAt(QFontMetricsF(type.strong).elidedText(title, Qt::ElideRight, width), type.strong, {margin, margin});
    qreal top = heading.title.rect.bottom() + 8;
    for (const QString& line : wrapped(figureSentence(figure) % u' ' % figureDetails(figure), type.small, width, 5)) {
        heading.lines.push_back(textAt(line, type.small, {margin, top}));
        top += QFontMetricsF(type.small).height();
    }
    heading.bottom = top;
    return heading;
}

} // namespace

QImage accuracyImage(const SetAccuracy& set, const FigureAccuracy& figure)
{
    const Typography type = pictureType();
    const Theme theme = Theme::from(applicationPalette(ColorMode::light));
    const Heading heading = headingOf(set, figure, type);
    const QSizeF size(pictureWidth, heading.bottom + margin + pictureWidth);
    QImage image((size * pixelRatio).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(pixelRatio);
    image.fill(Qt::white);
    QPainter painter(&image);
    drawText(painter, heading.title, type.strong, theme.text);
    for (const ChartText& line : heading.lines)
        drawText(painter, line, type.small, theme.mutedText);
    const QRectF rest(margin, heading.bottom + margin / 2, pictureWidth - 2 * margin,
                      size.height() - heading.bottom - margin);
    ScatterLayout::of(set, figure, rest, type).paint(painter, theme, type);
    return image;
}

Result<QByteArray> accuracyPng(const SetAccuracy& set, const FigureAccuracy& figure)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (!accuracyImage(set, figure).save(&buffer, "PNG"))
        return Error{{}, AccuracyPicture::tr("the picture could not be painted").toStdString()};
    return bytes;
}

} // namespace weighbridge
