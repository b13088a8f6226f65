#pragma once

#include <QLabel>

namespace weighbridge {

/// Plain text that the mouse can select. A label becomes selectable when the pointer comes to it: it then holds a whole
/// text document, too dear for the many labels that nobody ever points at.
class SelectableLabel : public QLabel
{
    Q_OBJECT

public:
    explicit SelectableLabel(QWidget* parent = nullptr);

protected:
    bool event(QEvent* event) override;
};

} // namespace weighbridge
