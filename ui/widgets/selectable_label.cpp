#include "ui/widgets/selectable_label.h"

#include <QEvent>

namespace weighbridge {

SelectableLabel::SelectableLabel(QWidget* parent) : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
}

bool SelectableLabel::event(QEvent* event)
{
    const bool pointed = event->type() == QEvent::Enter || event->type() == QEvent::MouseButtonPress;
    if (pointed && !textInteractionFlags().testFlag(Qt::TextSelectableByMouse))
        setTextInteractionFlags(Qt::TextSelectableByMouse);
    return QLabel::event(event);
}

} // namespace weighbridge
