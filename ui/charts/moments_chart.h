#pragma once

#include "ui/charts/moments_layout.h"
#include "ui/charts/parts_widget.h"
#include "ui/session/view_state.h"

#include <QStringList>

#include <map>

namespace weighbridge {

/// The moments of a training step as stacked bars. Up and Down go from one to the next.
class MomentsChart : public PartsWidget
{
    Q_OBJECT

public:
    explicit MomentsChart(QWidget* parent = nullptr);

    /// An estimate of training.
    void display(const ViewState& state);
    const MomentsLayout& chartLayout() const { return layout_; }

    std::size_t partCount() const override { return layout_.bars.size(); }
    QString partName(std::size_t part) const override { return layout_.bars.at(part).name; }
    QRectF partRect(std::size_t part) const override { return layout_.bars.at(part).rect; }
    QString partToolTip(std::size_t part) const override { return layout_.bars.at(part).toolTip; }
    std::optional<std::size_t> partAt(QPointF point) const override { return layout_.barAt(point); }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void fontsChanged() override { layOut(); }
    /// Moments stand below one another.
    std::optional<std::size_t> neighbour(std::size_t from, int key) const override;

private:
    void layOut();
    QStringList shape() const;

    ViewState state_;
    MomentsLayout layout_;
    QStringList shape_;                  ///< of the last layout
    mutable std::map<int, int> heights_; ///< by width, for shape_
};

} // namespace weighbridge
