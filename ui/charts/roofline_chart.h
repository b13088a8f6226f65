#pragma once

#include "ui/charts/parts_widget.h"
#include "ui/charts/roofline_layout.h"
#include "ui/session/view_state.h"

namespace weighbridge {

/// One phase of one kind of layer under the accelerator's roof.
class RooflineChart : public PartsWidget
{
    Q_OBJECT

public:
    explicit RooflineChart(QWidget* parent = nullptr);

    /// Shows `estimate->rooflines[index]`.
    void display(const ViewState& state, std::size_t index);
    const RooflineLayout& chartLayout() const { return layout_; }

    std::size_t partCount() const override { return layout_.points.size(); }
    QString partName(std::size_t part) const override { return layout_.points.at(part).name; }
    QRectF partRect(std::size_t part) const override { return layout_.pointRect(part); }
    QString partToolTip(std::size_t part) const override;
    std::optional<std::size_t> partAt(QPointF point) const override { return layout_.pointAt(point); }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void fontsChanged() override { layOut(); }

private:
    const Roofline* roofline() const;
    void layOut();

    ViewState state_;
    std::size_t index_ = 0;
    RooflineLayout layout_;
};

/// FLOPs, bytes and the formulas of both, for a tool tip.
QString operationToolTip(const RooflineRow& row);

} // namespace weighbridge
