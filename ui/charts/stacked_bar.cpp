#include "ui/charts/stacked_bar.h"

#include <QPainter>

namespace weighbridge {

StackedBar::StackedBar(QWidget* parent) : PartsWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void StackedBar::display(const ViewState& state)
{
    state_ = state;
    setStale(state.stale);
    layOut();
}

void StackedBar::layOut()
{
    if (!state_.estimate)
        return;
    layout_ = StackedBarLayout::of(*state_.estimate, state_.unit, QRectF(rect()), typography());
    setAccessibleName(layout_.name);
    partsChanged();
}

QSize StackedBar::sizeHint() const
{
    const int height = static_cast<int>(StackedBarLayout::heightFor(typography()) + 1);
    return {40 * spacing().l, height};
}

QSize StackedBar::minimumSizeHint() const
{
    return {8 * spacing().l, sizeHint().height()};
}

void StackedBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    layout_.paint(painter, theme(), typography(), focusedPart());
}

void StackedBar::resizeEvent(QResizeEvent* event)
{
    PartsWidget::resizeEvent(event);
    layOut();
}

} // namespace weighbridge
