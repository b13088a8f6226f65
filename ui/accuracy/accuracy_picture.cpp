#include "ui/accuracy/accuracy_picture.h"

#include "ui/accuracy/accuracy_words.h"
#include "ui/charts/scatter_layout.h"
#include "ui/export/chart_picture.h"
#include "ui/theme/text.h"

#include <QPainter>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

constexpr qreal pictureWidth = 720;

} // namespace

QImage accuracyImage(const SetAccuracy& set, const FigureAccuracy& figure)
{
    const ChartPicture picture =
        ChartPicture::headed(coreText(set.set->title) % u": "_s % coreText(figure.figure->title),
                             figureSentence(figure) % u' ' % figureDetails(figure), 5, pictureWidth, 8);
    const qreal height = picture.bottom + chartPictureMargin + pictureWidth;
    return picture.painted(height, [&](QPainter& painter) {
        const QRectF rest(chartPictureMargin, picture.bottom + chartPictureMargin / 2, picture.innerWidth(),
                          height - picture.bottom - chartPictureMargin);
        ScatterLayout::of(set, figure, rest, picture.type).paint(painter, picture.theme, picture.type);
    });
}

Result<QByteArray> accuracyPng(const SetAccuracy& set, const FigureAccuracy& figure)
{
    return pngBytes(accuracyImage(set, figure));
}

} // namespace weighbridge
