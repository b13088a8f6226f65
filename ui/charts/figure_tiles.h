#pragma once

#include "ui/charts/parts_widget.h"

#include <vector>

namespace weighbridge {

/// A figure with its name and its range.
struct FigureTile
{
    QString title;
    QString value;
    QString range;     ///< "11 – 22 tok/s"; or why there is no value
    QString toolTip;   ///< the whole of it in a sentence
    bool miss = false; ///< it is not what is wanted
    QString page = {}; ///< id of the page that says more; empty where the tile leads nowhere
};

/// How tiles stand.
enum class TileForm
{
    stacked, ///< the range below the value, in as many rows of tiles as they need
    line,    ///< the range behind the value, in one row; those without room at the right are left out
};

/// Figures side by side; the arrow keys go through them.
class FigureTiles : public PartsWidget
{
    Q_OBJECT

public:
    explicit FigureTiles(QWidget* parent = nullptr, TileForm form = TileForm::stacked);

    void display(std::vector<FigureTile> tiles, bool stale);
    const std::vector<FigureTile>& tiles() const { return tiles_; }

    std::size_t partCount() const override;
    QString partName(std::size_t part) const override;
    QRectF partRect(std::size_t part) const override;
    QString partToolTip(std::size_t part) const override { return tiles_.at(part).toolTip; }
    void activatePart(std::size_t part) override;
    bool partsActivate() const override { return form_ == TileForm::line; }
    QAccessible::Role widgetRole() const override { return QAccessible::List; }

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    /// The same into any rectangle, for pictures.
    static void paintTiles(QPainter& painter, const std::vector<FigureTile>& tiles, const QRectF& rect,
                           const Theme& theme, const Typography& type, TileForm form = TileForm::stacked);
    static qreal heightOf(const std::vector<FigureTile>& tiles, qreal width, const Typography& type,
                          TileForm form = TileForm::stacked);

Q_SIGNALS:
    void pageWanted(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void fontsChanged() override { updateGeometry(); }

private:
    std::vector<FigureTile> tiles_;
    TileForm form_;
};

} // namespace weighbridge
