#include "ui/charts/moments_chart.h"

#include <QPainter>

namespace weighbridge {

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
    updateGeometry();
    layOut();
}

void MomentsChart::layOut()
{
    if (!state_.estimate)
        return;
    layout_ = MomentsLayout::of(*state_.estimate, state_.unit, QRectF(rect()), typography());
    setAccessibleName(layout_.name);
    partsChanged();
}

int MomentsChart::heightForWidth(int width) const
{
    return state_.estimate ? static_cast<int>(MomentsLayout::heightFor(*state_.estimate, width, typography())) : 0;
}

QSize MomentsChart::sizeHint() const
{
    const int width = 32 * spacing().l;
    return {width, heightForWidth(width)};
}

QSize MomentsChart::minimumSizeHint() const
{
    const int width = 12 * spacing().l; // the page has it in twice the usual font, too
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
