#include "ui/widgets/selectable_label.h"

#include <QEvent>

namespace weighbridge {

SelectableLabel::SelectableLabel(QWidget* parent) : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
}

int SelectableLabel::heightForWidth(int width) const
{
    if (knownWidth_ != width || knownText_ != text()) {
        knownHeight_ = QLabel::heightForWidth(width);
        knownWidth_ = width;
        knownText_ = text();
    }
    return knownHeight_;
}

bool SelectableLabel::event(QEvent* event)
{
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        knownWidth_ = -1;
    const bool pointed = event->type() == QEvent::Enter || event->type() == QEvent::MouseButtonPress;
    if (pointed && !textInteractionFlags().testFlag(Qt::TextSelectableByMouse))
        setTextInteractionFlags(Qt::TextSelectableByMouse);
    return QLabel::event(event);
}

} // namespace weighbridge
