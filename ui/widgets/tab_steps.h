#pragma once

class QTabBar;
class QWidget;

namespace weighbridge {

/// Ctrl+Tab and Ctrl+Shift+Tab anywhere in `window` go to the next and the previous tab, round and round.
void stepTabsByKeys(QTabBar* tabs, QWidget* window);

} // namespace weighbridge
