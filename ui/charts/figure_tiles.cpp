#include "ui/charts/figure_tiles.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

/// Where tiles stand in a width.
struct TileGrid
{
    std::size_t columns = 1;
    std::size_t rows = 1;
    qreal tileWidth = 1;
    qreal tileHeight = 1;
    qreal padding = 0;
    qreal gap = 0; ///< between a value and the range behind it

    TileGrid(const std::vector<FigureTile>& tiles, qreal width, const Typography& type, TileForm form)
    {
        padding = QFontMetricsF(type.body).height() * 0.55;
        const QFontMetricsF title(type.small);
        const QFontMetricsF value(type.strongNumber);
        const QFontMetricsF range(type.smallNumber);
        gap = range.averageCharWidth();
        qreal widest = 1;
        for (const FigureTile& tile : tiles) {
            const qreal first = value.horizontalAdvance(tile.value);
            const qreal second = range.horizontalAdvance(tile.range);
            widest = std::max({widest, title.horizontalAdvance(tile.title),
                               form == TileForm::line ? first + gap + second : std::max(first, second)});
        }
        tileHeight = title.height() + value.height() + (form == TileForm::line ? 0 : range.height()) + 1.6 * padding;
        const std::size_t count = std::max<std::size_t>(1, tiles.size());
        const auto room = static_cast<std::size_t>(std::max(1.0, width / (widest + 2 * padding)));
        if (form == TileForm::line) {
            columns = std::min(room, count);
            tileWidth = width / static_cast<qreal>(columns);
            return;
        }
        rows = (count + std::min(room, count) - 1) / std::min(room, count);
        columns = (count + rows - 1) / rows;
        tileWidth = width / static_cast<qreal>(columns);
    }

    QRectF rect(std::size_t tile, QPointF origin) const
    {
        const std::size_t row = tile / columns;
        return {origin.x() + static_cast<qreal>(tile % columns) * tileWidth,
                origin.y() + static_cast<qreal>(row) * tileHeight, tileWidth, tileHeight};
    }

    qreal height() const { return static_cast<qreal>(rows) * tileHeight; }
};

/// `gap`: between value and range on one line; below 0: the range stands below the value.
void paintTile(QPainter& painter, const FigureTile& tile, QRectF line, const Theme& theme, const Typography& type,
               qreal gap)
{
    const auto write = [&painter](const QString& text, const QFont& font, const QColor& color, QPointF place,
                                  qreal width) {
        const QFontMetricsF metrics(font);
        painter.setFont(font);
        painter.setPen(color);
        painter.drawText(place + QPointF(0, metrics.ascent()), metrics.elidedText(text, Qt::ElideRight, width + 1));
        return metrics.height();
    };
    line.setTop(line.top() + write(tile.title, type.small, theme.mutedText, line.topLeft(), line.width()));
    const QFontMetricsF value(type.strongNumber);
    const QPointF behind = gap < 0 ? QPointF(0, value.height())
                                   : QPointF(value.horizontalAdvance(tile.value) + gap,
                                             value.ascent() - QFontMetricsF(type.smallNumber).ascent());
    write(tile.value, type.strongNumber, tile.miss ? theme.exceeds.text : theme.text, line.topLeft(), line.width());
    write(tile.range, type.smallNumber, theme.mutedText, line.topLeft() + behind,
          gap < 0 ? line.width() : line.width() - behind.x());
}

} // namespace

FigureTiles::FigureTiles(QWidget* parent, TileForm form) : PartsWidget(parent), form_(form)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void FigureTiles::display(std::vector<FigureTile> tiles, bool stale)
{
    tiles_ = std::move(tiles);
    setStale(stale);
    updateGeometry();
    partsChanged();
}

std::size_t FigureTiles::partCount() const
{
    if (form_ == TileForm::stacked || tiles_.empty())
        return tiles_.size();
    return TileGrid(tiles_, width(), typography(), form_).columns;
}

void FigureTiles::activatePart(std::size_t part)
{
    if (const QString& page = tiles_.at(part).page; !page.isEmpty())
        Q_EMIT pageWanted(page);
}

QString FigureTiles::partName(std::size_t part) const
{
    const FigureTile& tile = tiles_.at(part);
    const QString figure = tile.title % u": "_s % tile.value;
    return tile.range.isEmpty() ? figure : QString(figure % u", "_s % tile.range);
}

QRectF FigureTiles::partRect(std::size_t part) const
{
    return TileGrid(tiles_, width(), typography(), form_).rect(part, {});
}

qreal FigureTiles::heightOf(const std::vector<FigureTile>& tiles, qreal width, const Typography& type, TileForm form)
{
    return TileGrid(tiles, width, type, form).height();
}

int FigureTiles::heightForWidth(int width) const
{
    return static_cast<int>(std::ceil(heightOf(tiles_, width, typography(), form_))) + 1;
}

QSize FigureTiles::sizeHint() const
{
    const int width = 50 * spacing().l;
    return {width, heightForWidth(width)};
}

QSize FigureTiles::minimumSizeHint() const
{
    return {10 * spacing().l, 4 * spacing().l};
}

void FigureTiles::paintTiles(QPainter& painter, const std::vector<FigureTile>& tiles, const QRectF& rect,
                             const Theme& theme, const Typography& type, TileForm form)
{
    const TileGrid grid(tiles, rect.width(), type, form);
    const QRectF whole(rect.topLeft(), QSizeF(rect.width(), grid.height()));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.border, 1));
    painter.setBrush(theme.card);
    painter.drawRoundedRect(whole.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    const std::size_t shown = form == TileForm::line ? std::min(tiles.size(), grid.columns) : tiles.size();
    for (std::size_t i = 0; i < shown; ++i) {
        const FigureTile& tile = tiles[i];
        const QRectF cell = grid.rect(i, rect.topLeft());
        painter.setPen(QPen(theme.border, 1));
        if (i % grid.columns > 0)
            painter.drawLine(cell.topLeft() + QPointF(0, grid.padding * 0.8),
                             cell.bottomLeft() - QPointF(0, grid.padding * 0.8));
        paintTile(painter, tile, cell.adjusted(grid.padding, grid.padding * 0.8, -grid.padding, 0), theme, type,
                  form == TileForm::line ? grid.gap : -1);
    }
}

void FigureTiles::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintTiles(painter, tiles_, QRectF(rect()), theme(), typography(), form_);
    if (const auto part = focusedPart())
        paintFocus(painter, partRect(*part).adjusted(3, 3, -3, -3));
}

} // namespace weighbridge
