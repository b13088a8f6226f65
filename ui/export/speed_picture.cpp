#include "ui/export/speed_picture.h"

#include "core/report/summary.h"
#include "core/speed/speed.h"
#include "ui/charts/roofline_layout.h"
#include "ui/charts/speed_layout.h"
#include "ui/charts/time_bar_layout.h"
#include "ui/export/chart_picture.h"
#include "ui/theme/text.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>

#include <functional>

namespace weighbridge {

namespace {

constexpr qreal speedWidth = 1000;
constexpr qreal curveHeight = 320;
constexpr qreal rooflineHeight = 420;

struct SpeedPictureText
{
    Q_DECLARE_TR_FUNCTIONS(SpeedPicture)
};

/// A chart of the picture with its title above it.
struct PictureBlock
{
    QString title;
    qreal height = 0;
    std::function<void(QPainter&, const QRectF&)> paint;
};

} // namespace

QImage speedImage(const Estimate& estimate, const SpeedCurve* curve, const std::vector<FigureTile>& tiles,
                  const QString& load)
{
    const ChartPicture picture = ChartPicture::headed(
        utf8(estimate.model->name), utf8(workload_line(estimate)) % QStringLiteral(". ") % load, 3, speedWidth);
    const Typography& type = picture.type;
    const Theme& theme = picture.theme;
    const Speed& speed = *estimate.speed;
    std::vector<PictureBlock> blocks;
    blocks.push_back(
        {{}, FigureTiles::heightOf(tiles, picture.innerWidth(), type), [&](QPainter& painter, const QRectF& rect) {
             FigureTiles::paintTiles(painter, tiles, rect, theme, type);
         }});
    const auto addBar = [&](const QString& title, const std::vector<SpeedTerm>& terms) {
        if (!terms.empty())
            blocks.push_back(
                {title, TimeBarLayout::heightFor(type), [&, list = &terms](QPainter& painter, const QRectF& rect) {
                     TimeBarLayout::of(*list, rect, type).paint(painter, *list, theme, type);
                 }});
    };
    addBar(SpeedPictureText::tr("Where the time of a step goes"), speed.terms);
    addBar(SpeedPictureText::tr("Where the time of a prompt goes"), speed.prefill_terms);
    if (curve != nullptr && curve->points.size() > 1)
        blocks.push_back({SpeedChartLayout::title(*curve), curveHeight, [&](QPainter& painter, const QRectF& rect) {
                              SpeedChartLayout::of(*curve, rect, type).paint(painter, theme, type);
                          }});
    if (!estimate.rooflines.empty())
        blocks.push_back({SpeedPictureText::tr("What bounds each operation"), rooflineHeight,
                          [&](QPainter& painter, const QRectF& rect) {
                              RooflineLayout::of(estimate.rooflines.front(), utf8(estimate.accelerator.card_name()),
                                                 rect, type)
                                  .paint(painter, theme, type);
                          }});
    const qreal line = QFontMetricsF(type.strong).height() * 1.4;
    qreal height = picture.bottom + chartPictureMargin;
    for (const PictureBlock& block : blocks)
        height += block.height + (block.title.isEmpty() ? 0 : line) + chartPictureMargin * 0.7;
    return picture.painted(height + chartPictureMargin / 2, [&](QPainter& painter) {
        qreal top = picture.bottom + chartPictureMargin * 0.7;
        for (const PictureBlock& block : blocks) {
            if (!block.title.isEmpty()) {
                drawText(painter, textAt(block.title, type.strong, {chartPictureMargin, top}), type.strong, theme.text);
                top += line;
            }
            block.paint(painter, QRectF(chartPictureMargin, top, picture.innerWidth(), block.height));
            top += block.height + chartPictureMargin * 0.7;
        }
    });
}

Result<QByteArray> speedPng(const Estimate& estimate, const SpeedCurve* curve, const std::vector<FigureTile>& tiles,
                            const QString& load)
{
    return pngBytes(speedImage(estimate, curve, tiles, load));
}

} // namespace weighbridge
