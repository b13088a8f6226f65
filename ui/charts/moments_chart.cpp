#include "ui/charts/moments_chart.h"

#include <QPainter>

#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

MomentsChart::MomentsChart(QWidget* parent) : PartsWidget(parent)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void MomentsChart::display(const ViewState& state)
{
    state_ = state;
    setStale(state.stale);
    layOut();
}

/// What the height depends on, beside the width: the rows, which of them is emphasised, the legend and the font.
QStringList MomentsChart::shape() const
{
    QStringList shape{typography().small.key()};
    for (const MomentBar& bar : layout_.bars)
        shape << bar.label.text << (bar.peak ? u"peak"_s : QString());
    for (const MomentLegend& entry : layout_.legend)
        shape << entry.label.text;
    return shape;
}

void MomentsChart::layOut()
{
    if (!state_.estimate)
        return;
    layout_ = MomentsLayout::of(*state_.estimate, state_.unit, QRectF(rect()), typography());
    setAccessibleName(layout_.name);
    if (QStringList now = shape(); now != shape_) { // most keys change lengths alone, and the page need not be laid out
        shape_ = std::move(now);
        heights_.clear();
        updateGeometry();
    }
    partsChanged();
}

int MomentsChart::heightForWidth(int width) const
{
    if (!state_.estimate)
        return 0;
    const auto [height, isNew] = heights_.try_emplace(width, 0);
    if (isNew)
        height->second = static_cast<int>(MomentsLayout::heightFor(*state_.estimate, width, typography()));
    return height->second;
}

QSize MomentsChart::sizeHint() const
{
    const int width = 32 * spacing().l;
    return {width, heightForWidth(width)};
}

QSize MomentsChart::minimumSizeHint() const
{
    const int width = 10 * spacing().l; // the page has it in twice the usual font, too
    return {width, heightForWidth(width)};
}

std::optional<std::size_t> MomentsChart::neighbour(std::size_t from, int key) const
{
    if (key == Qt::Key_Down)
        return from + 1 < partCount() ? std::optional(from + 1) : std::nullopt;
    if (key == Qt::Key_Up)
        return from > 0 ? std::optional(from - 1) : std::nullopt;
    return PartsWidget::neighbour(from, key);
}

void MomentsChart::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    layout_.paint(painter, theme(), typography(), focusedPart());
}

void MomentsChart::resizeEvent(QResizeEvent* event)
{
    PartsWidget::resizeEvent(event);
    layOut();
}

} // namespace weighbridge
