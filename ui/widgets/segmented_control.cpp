#include "ui/widgets/segmented_control.h"

#include <QPainter>
#include <QPainterPath>

namespace weighbridge {

SegmentedControl::SegmentedControl(const QStringList& choices, QWidget* parent) : PartsWidget(parent), choices_(choices)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(this, &PartsWidget::currentPartChanged, this,
            [this] { setCurrentIndex(static_cast<int>(*currentPart())); });
}

void SegmentedControl::setCurrentIndex(int index)
{
    if (index < 0 || index >= choices_.size())
        return;
    setCurrentPart(static_cast<std::size_t>(index));
    if (index == index_)
        return;
    index_ = index;
    partsChanged();
    Q_EMIT currentIndexChanged(index);
}

QRectF SegmentedControl::partRect(std::size_t part) const
{
    const qreal each = static_cast<qreal>(width()) / static_cast<qreal>(choices_.size());
    const std::size_t place = isRightToLeft() ? partCount() - 1 - part : part;
    return {each * static_cast<qreal>(place), 0, each, static_cast<qreal>(height())};
}

QSize SegmentedControl::sizeHint() const
{
    const QFontMetrics metrics(typography().strong);
    int widest = 0;
    for (const QString& choice : choices_)
        widest = std::max(widest, metrics.horizontalAdvance(choice));
    const int each = widest + 2 * spacing().l;
    return {each * static_cast<int>(choices_.size()), metrics.height() + 2 * spacing().m - spacing().s};
}

void SegmentedControl::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& colors = theme();
    const qreal radius = spacing().s + 1;
    const QRectF outline = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    QPainterPath shape;
    shape.addRoundedRect(outline, radius, radius);
    painter.fillPath(shape, colors.card);
    QPainterPath chosen;
    chosen.addRect(partRect(static_cast<std::size_t>(index_)));
    painter.fillPath(shape.intersected(chosen), colors.accent);
    painter.setPen(QPen(colors.border, 1));
    painter.drawPath(shape);
    painter.setFont(typography().body);
    for (std::size_t part = 0; part < partCount(); ++part) {
        painter.setPen(partSelected(part) ? colors.onAccent : colors.text);
        painter.drawText(partRect(part), Qt::AlignCenter, partName(part));
    }
    if (hasFocus())
        paintFocus(painter, partRect(static_cast<std::size_t>(index_)).adjusted(1, 1, -1, -1));
}

} // namespace weighbridge
