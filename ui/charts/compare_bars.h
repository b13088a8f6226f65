#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/display.h"
#include "ui/charts/parts_widget.h"

#include <vector>

namespace weighbridge {

/// A setup in a line: its name, its terms on the scale of the largest, its total and verdict.
struct CompareBar
{
    QString letter; ///< "A"
    QString text;   ///< "Llama-3.1-70B · vLLM · 4 × H100 SXM 80 GB"
    EstimatePointer estimate;
};

/// Setups as bars on one scale, with what may be used of each as a mark.
class CompareBars : public PartsWidget
{
    Q_OBJECT

public:
    explicit CompareBars(QWidget* parent = nullptr);

    void display(std::vector<CompareBar> bars, ByteUnit unit, bool stale);

    std::size_t partCount() const override { return bars_.size(); }
    QString partName(std::size_t part) const override;
    QRectF partRect(std::size_t part) const override;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void fontsChanged() override { updateGeometry(); }
    std::optional<std::size_t> neighbour(std::size_t from, int key) const override;

private:
    QString totalText(const CompareBar& bar) const;
    void paintBar(QPainter& painter, const CompareBar& bar, const QRectF& row, double scale) const;

    std::vector<CompareBar> bars_;
    ByteUnit unit_ = ByteUnit::gib;
};

} // namespace weighbridge
