#include "ui/window/task_switch.h"

#include <QPainter>

#include <algorithm>

namespace weighbridge {

TaskSwitch::TaskSwitch(QWidget* parent) : SegmentedControl({tr("Inference"), tr("Fine-tune"), tr("Train")}, parent)
{
    setObjectName(QStringLiteral("task"));
    setAccessibleName(tr("Task"));
    setAccessibleDescription(tr("Fine-tune and Train are not built yet"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(this, &SegmentedControl::currentIndexChanged, this, [this] { setCurrentIndex(0); });
}

QString TaskSwitch::partToolTip(std::size_t part) const
{
    return part == 0 ? tr("What serving the model needs") : tr("%1: not built yet").arg(partName(part));
}

QSize TaskSwitch::minimumSizeHint() const
{
    int widest = 0;
    for (const QString& choice : choices())
        widest = std::max(widest, fontMetrics().horizontalAdvance(choice));
    return {(widest + 12) * static_cast<int>(partCount()), sizeHint().height()};
}

std::optional<std::size_t> TaskSwitch::neighbour(std::size_t, int) const
{
    return std::nullopt;
}

void TaskSwitch::paintEvent(QPaintEvent* event)
{
    SegmentedControl::paintEvent(event);
    QPainter painter(this);
    QColor veil = theme().card;
    veil.setAlphaF(0.5F);
    for (std::size_t part = 1; part < partCount(); ++part)
        painter.fillRect(partRect(part).adjusted(1, 2, -2, -2), veil);
}

} // namespace weighbridge
