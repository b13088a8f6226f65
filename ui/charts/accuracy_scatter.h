#pragma once

#include "ui/charts/parts_widget.h"
#include "ui/charts/scatter_layout.h"

namespace weighbridge {

/// One figure's runs: predicted over measured, with the diagonal. The arrow keys go from the smallest run to the
/// largest.
class AccuracyScatter : public PartsWidget
{
    Q_OBJECT

public:
    explicit AccuracyScatter(QWidget* parent = nullptr);

    /// Shows figure `figure` of set `set`.
    void display(AccuracyPointer accuracy, std::size_t set, std::size_t figure);
    const ScatterLayout& chartLayout() const { return layout_; }
    /// The run that is ringed and named, in FigureAccuracy::points.
    std::optional<std::size_t> chosenPoint() const;
    void choosePoint(std::size_t point);

    std::size_t partCount() const override { return layout_.points.size(); }
    QString partName(std::size_t part) const override { return layout_.points.at(part).name; }
    QRectF partRect(std::size_t part) const override { return layout_.pointRect(part); }
    std::optional<std::size_t> partAt(QPointF point) const override { return layout_.pointAt(point); }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    std::optional<std::size_t> neighbour(std::size_t from, int key) const override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void fontsChanged() override { layOut(); }

private:
    void layOut();

    AccuracyPointer accuracy_;
    std::size_t set_ = 0;
    std::size_t figure_ = 0;
    ScatterLayout layout_;
};

} // namespace weighbridge
