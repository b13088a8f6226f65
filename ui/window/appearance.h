#pragma once

#include "ui/settings/settings.h"

#include <QFont>
#include <QPalette>

namespace weighbridge {

/// Style, colours and font size of the application. Made once, after the QApplication.
class Appearance
{
public:
    Appearance();

    void setTheme(ThemeChoice choice);
    /// Tenths of the desktop's font size to add.
    void setFontStep(int step);

private:
    QPalette desktopPalette_;
    QFont desktopFont_;
    bool desktopHasPalette_; ///< the desktop brings colours of its own: they are kept unless the person chooses
                             ///< otherwise
};

} // namespace weighbridge
