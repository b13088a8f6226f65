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

    /// Breaking words into lines is dear, and a grid asks for the same width several times for one layout.
    int heightForWidth(int width) const override;

protected:
    bool event(QEvent* event) override;

private:
    mutable QString knownText_; ///< what knownHeight_ is of
    mutable int knownWidth_ = -1;
    mutable int knownHeight_ = 0;
};

} // namespace weighbridge
