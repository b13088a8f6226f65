#pragma once

#include <QKeySequence>
#include <QString>

#include <functional>

class QAction;
class QMenu;

namespace weighbridge {

class MainWindow;

/// Builds the window's menus; every action has a name, and the frequent ones a shortcut.
class WindowMenus
{
public:
    explicit WindowMenus(MainWindow& window) : window_(window) {}

    void build();

private:
    void buildFile();
    void buildEdit();
    void buildView();
    void buildAppearance(QMenu& view);
    void buildModel();
    void buildHelp();
    QAction* add(QMenu& menu, const QString& name, const QString& text, const QKeySequence& shortcut,
                 std::function<void()> run);
    QAction* addChoice(QMenu& menu, const QString& name, const QString& text, bool chosen, std::function<void()> run);

    MainWindow& window_;
};

} // namespace weighbridge
