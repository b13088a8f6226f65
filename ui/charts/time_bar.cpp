#include "ui/charts/time_bar.h"

#include <QPainter>

#include <utility>

namespace weighbridge {

TimeBar::TimeBar(QWidget* parent) : PartsWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void TimeBar::display(std::vector<SpeedTerm> terms, bool stale)
{
    terms_ = std::move(terms);
    setStale(stale);
    layOut();
}

void TimeBar::layOut()
{
    // A pixel and a half at the edges is the ring's.
    layout_ = TimeBarLayout::of(terms_, QRectF(rect()).adjusted(2, 2, -2, 0), typography());
    setAccessibleName(layout_.name);
    partsChanged();
}

QSize TimeBar::sizeHint() const
{
    return {40 * spacing().l, static_cast<int>(TimeBarLayout::heightFor(typography())) + 3};
}

QSize TimeBar::minimumSizeHint() const
{
    return {8 * spacing().l, sizeHint().height()};
}

void TimeBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    layout_.paint(painter, terms_, theme(), typography(), focusedPart());
}

void TimeBar::resizeEvent(QResizeEvent* event)
{
    PartsWidget::resizeEvent(event);
    layOut();
}

} // namespace weighbridge
