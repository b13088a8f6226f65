#pragma once

#include "core/quantity/result.h"
#include "ui/charts/chart_text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QByteArray>
#include <QImage>
#include <QString>

#include <functional>
#include <vector>

class QPainter;

namespace weighbridge {

/// Around everything in an exported chart, in pixels of the layout.
inline constexpr qreal chartPictureMargin = 28;

/// An exported chart: a title and some lines of text, and below them whatever the caller paints.
struct ChartPicture
{
    Typography type;
    Theme theme; ///< the light one, whatever the window has
    ChartText title;
    std::vector<ChartText> lines;
    qreal width = 0;
    qreal bottom = 0; ///< of the lines

    /// The text is wrapped into at most so many lines, `gap` below the title.
    static ChartPicture headed(const QString& title, const QString& text, int mostLines, qreal width, qreal gap = 4);

    qreal innerWidth() const { return width - 2 * chartPictureMargin; }
    QImage painted(qreal height, const std::function<void(QPainter&)>& paint) const;
};

Result<QByteArray> pngBytes(const QImage& image);

} // namespace weighbridge
