#pragma once

#include "ui/charts/parts_widget.h"
#include "ui/charts/stacked_bar_layout.h"
#include "ui/session/view_state.h"

namespace weighbridge {

/// The first-level terms side by side against the accelerator's memory, with a scale.
class StackedBar : public PartsWidget
{
    Q_OBJECT

public:
    explicit StackedBar(QWidget* parent = nullptr);

    void display(const ViewState& state);
    const StackedBarLayout& barLayout() const { return layout_; }

    std::size_t partCount() const override { return layout_.segments.size(); }
    QString partName(std::size_t part) const override { return layout_.segments.at(part).name; }
    QRectF partRect(std::size_t part) const override { return layout_.segments.at(part).rect; }
    QString partToolTip(std::size_t part) const override { return layout_.segments.at(part).toolTip; }
    std::optional<std::size_t> partAt(QPointF point) const override { return layout_.segmentAt(point); }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void fontsChanged() override { layOut(); }

private:
    void layOut();

    ViewState state_;
    StackedBarLayout layout_;
};

} // namespace weighbridge
