#include "ui/charts/accuracy_scatter.h"

#include <QPainter>

#include <utility>

namespace weighbridge {

AccuracyScatter::AccuracyScatter(QWidget* parent) : PartsWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void AccuracyScatter::display(AccuracyPointer accuracy, std::size_t set, std::size_t figure)
{
    accuracy_ = std::move(accuracy);
    set_ = set;
    figure_ = figure;
    layOut();
}

void AccuracyScatter::layOut()
{
    if (!accuracy_ || set_ >= accuracy_->sets.size() || figure_ >= accuracy_->sets[set_].figures.size()) {
        layout_ = {};
        return;
    }
    const SetAccuracy& set = accuracy_->sets[set_];
    layout_ = ScatterLayout::of(set, set.figures[figure_], QRectF(rect()), typography());
    setAccessibleName(layout_.name);
    partsChanged();
}

std::optional<std::size_t> AccuracyScatter::chosenPoint() const
{
    const auto part = currentPart();
    return part ? std::optional(layout_.points[*part].point) : std::nullopt;
}

void AccuracyScatter::choosePoint(std::size_t point)
{
    for (std::size_t part = 0; part < layout_.points.size(); ++part)
        if (layout_.points[part].point == point) {
            setCurrentPart(part);
            return;
        }
}

/// Up and down as right and left: along the diagonal both are the same.
std::optional<std::size_t> AccuracyScatter::neighbour(std::size_t from, int key) const
{
    const bool mirrored = isRightToLeft();
    if (key == Qt::Key_Up)
        key = mirrored ? Qt::Key_Left : Qt::Key_Right;
    else if (key == Qt::Key_Down)
        key = mirrored ? Qt::Key_Right : Qt::Key_Left;
    return PartsWidget::neighbour(from, key);
}

QSize AccuracyScatter::sizeHint() const
{
    return minimumSizeHint(); // and it takes what is left over
}

QSize AccuracyScatter::minimumSizeHint() const
{
    return {15 * spacing().l, 15 * spacing().l};
}

void AccuracyScatter::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    layout_.paint(painter, theme(), typography(), currentPart());
    if (hasFocus())
        paintFocus(painter, layout_.plot);
}

void AccuracyScatter::resizeEvent(QResizeEvent* event)
{
    PartsWidget::resizeEvent(event);
    layOut();
}

} // namespace weighbridge
