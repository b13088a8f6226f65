#pragma once

#include "ui/charts/parts_widget.h"
#include "ui/charts/time_bar_layout.h"

namespace weighbridge {

/// Where the time of a step goes.
class TimeBar : public PartsWidget
{
    Q_OBJECT

public:
    explicit TimeBar(QWidget* parent = nullptr);

    void display(std::vector<SpeedTerm> terms, bool stale);
    const TimeBarLayout& barLayout() const { return layout_; }

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

    std::vector<SpeedTerm> terms_;
    TimeBarLayout layout_;
};

} // namespace weighbridge
