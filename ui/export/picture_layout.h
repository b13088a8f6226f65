#pragma once

#include "ui/charts/moments_layout.h"
#include "ui/charts/stacked_bar_layout.h"

#include <optional>
#include <vector>

namespace weighbridge {

/// Pixels of a bitmap for one of its layout.
inline constexpr int picturePixelRatio = 2;

/// In pixels, so that every paint device sets the texts as they were measured; the window's zoom does not matter.
Typography pictureType();

/// A row of the table below the bar.
struct LegendRow
{
    std::size_t series = 0;
    QRectF swatch;
    ChartText label;
    ChartText value;
    ChartText share;
    ChartText formula;
    bool total = false;
};

/// Where a training step peaks: the chart of its moments under a title, and the peak in a sentence.
struct MomentsPart
{
    ChartText title;
    MomentsLayout chart;
    std::vector<ChartText> sentence; ///< line by line
};

/// The exported picture as shapes and texts: headline, bar, one row per first-level term; below them the moments of a
/// training step.
struct PictureLayout
{
    Q_DECLARE_TR_FUNCTIONS(PictureLayout)

public:
    QSizeF size;
    ChartText title; ///< model and accelerator
    ChartText total;
    ChartText context;
    ChartText verdict;
    QRectF pill;
    Verdict verdictKind = Verdict::fits;
    StackedBarLayout bar;
    std::vector<LegendRow> rows;
    std::vector<QLineF> rules;
    std::optional<MomentsPart> moments; ///< nothing for inference

    static PictureLayout of(const Estimate& estimate, ByteUnit unit, const Typography& type);
    void paint(QPainter& painter, const Theme& theme, const Typography& type) const;
};

} // namespace weighbridge
