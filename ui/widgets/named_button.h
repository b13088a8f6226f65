#pragma once

#include <QPushButton>
#include <QString>

namespace weighbridge {

/// A button with an object name; Enter presses it only while it has the focus.
inline QPushButton* namedButton(QWidget* parent, const QString& name, const QString& text)
{
    auto* button = new QPushButton(text, parent);
    button->setObjectName(name);
    button->setAutoDefault(false);
    return button;
}

} // namespace weighbridge
