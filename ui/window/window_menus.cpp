#include "ui/window/window_menus.h"

#include "ui/form/form.h"
#include "ui/help/help_window.h"
#include "ui/session/session.h"
#include "ui/tables/tables_window.h"
#include "ui/views/page.h"
#include "ui/window/main_window.h"
#include "ui/window/result_pane.h"

#include <QAction>
#include <QActionGroup>
#include <QCoreApplication>
#include <QMenu>
#include <QMenuBar>
#include <QUndoStack>

#include <array>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QString tr(const char* text)
{
    return MainWindow::tr(text);
}

} // namespace

void WindowMenus::build()
{
    buildFile();
    buildEdit();
    buildView();
    buildModel();
    buildHelp();
}

QAction* WindowMenus::add(QMenu& menu, const QString& name, const QString& text, const QKeySequence& shortcut,
                          std::function<void()> run)
{
    QAction* action = menu.addAction(text);
    action->setObjectName(name);
    action->setShortcut(shortcut);
    QObject::connect(action, &QAction::triggered, &window_, std::move(run));
    return action;
}

QAction* WindowMenus::addChoice(QMenu& menu, const QString& name, const QString& text, bool chosen,
                                std::function<void()> run)
{
    QAction* action = add(menu, name, text, {}, std::move(run));
    action->setCheckable(true);
    action->setChecked(chosen);
    return action;
}

void WindowMenus::buildFile()
{
    MainWindow* window = &window_;
    QMenu& menu = *window_.menuBar()->addMenu(tr("&File"));
    add(menu, u"file.guide"_s, tr("&Guided Setup …"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_G),
        [window] { window->showGuide(); });
    menu.addSeparator();
    add(menu, u"file.open"_s, tr("&Open …"), QKeySequence::Open, [window] { window->openFile(); });
    add(menu, u"file.openFolder"_s, tr("Open Model &Folder …"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
        [window] { window->openFolder(); });
    add(menu, u"file.save"_s, tr("&Save Scenario …"), QKeySequence::Save, [window] { window->saveScenario(); });
    menu.addSeparator();
    QMenu& exports = *menu.addMenu(tr("&Export"));
    struct Format
    {
        const char* ending;
        const char* text;
    };
    constexpr std::array formats{
        Format{"png", QT_TRANSLATE_NOOP("weighbridge::MainWindow", "&PNG Picture …")},
        Format{"svg", QT_TRANSLATE_NOOP("weighbridge::MainWindow", "&SVG Picture …")},
        Format{"pdf", QT_TRANSLATE_NOOP("weighbridge::MainWindow", "P&DF Picture …")},
        Format{"csv", QT_TRANSLATE_NOOP("weighbridge::MainWindow", "&CSV Tables …")},
        Format{"json", QT_TRANSLATE_NOOP("weighbridge::MainWindow", "&JSON Report …")},
        Format{"md", QT_TRANSLATE_NOOP("weighbridge::MainWindow", "&Markdown Report …")},
    };
    for (const Format& format : formats) {
        const QString ending = QString::fromLatin1(format.ending);
        add(exports, u"export."_s + ending, tr(format.text),
            ending == "png"_L1 ? QKeySequence(Qt::CTRL | Qt::Key_E) : QKeySequence(),
            [window, ending] { window->exportAs(ending); });
    }
    menu.addSeparator();
    add(menu, u"file.quit"_s, tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [window] { window->close(); });
}

void WindowMenus::buildEdit()
{
    MainWindow* window = &window_;
    QMenu& menu = *window_.menuBar()->addMenu(tr("&Edit"));
    QUndoStack& stack = window_.session().undoStack();
    QAction* undo = stack.createUndoAction(window, tr("&Undo"));
    undo->setObjectName(u"edit.undo"_s);
    undo->setShortcut(QKeySequence::Undo);
    QAction* redo = stack.createRedoAction(window, tr("&Redo"));
    redo->setObjectName(u"edit.redo"_s);
    redo->setShortcuts({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)});
    menu.addAction(undo);
    menu.addAction(redo);
    menu.addSeparator();
    add(menu, u"edit.copyPicture"_s, tr("Copy &Picture"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C),
        [window] { window->copyPicture(); });
    add(menu, u"edit.copyTable"_s, tr("Copy &Table"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_T),
        [window] { window->copyEstimateTable(); });
    menu.addSeparator();
    add(menu, u"edit.keep"_s, tr("&Keep for Compare"), QKeySequence(Qt::CTRL | Qt::Key_D), [window] {
        window->session().flush();
        window->results_->keep();
        window->say(Severity::note, tr("Kept for Compare."));
    });
    add(menu, u"edit.nextProblem"_s, tr("&Next Problem"), QKeySequence(Qt::Key_F8),
        [window] { window->goToNextIssue(); });
}

void WindowMenus::buildView()
{
    MainWindow* window = &window_;
    QMenu& menu = *window_.menuBar()->addMenu(tr("&View"));
    int number = 0;
    for (const PageEntry& page : pages()) {
        QAction* action = add(menu, u"view."_s + QLatin1StringView(page.id),
                              QCoreApplication::translate("weighbridge::Page", page.title),
                              QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + number)),
                              [window, number] { window->results_->setPage(number); });
        QObject::connect(window->results_, &ResultPane::offeredChanged, action,
                         [window, action, number] { action->setEnabled(window->results_->isOffered(number)); });
        ++number;
    }
    menu.addSeparator();
    auto* units = new QActionGroup(window);
    const bool gb = window_.settings_.settings().unit == ByteUnit::gb;
    units->addAction(
        addChoice(menu, u"view.gib"_s, tr("G&iB: 2³⁰ bytes"), !gb, [window] { window->setUnit(ByteUnit::gib); }));
    units->addAction(
        addChoice(menu, u"view.gb"_s, tr("G&B: 10⁹ bytes"), gb, [window] { window->setUnit(ByteUnit::gb); }));
    menu.addSeparator();
    buildAppearance(menu);
}

void WindowMenus::buildAppearance(QMenu& menu)
{
    MainWindow* window = &window_;
    QMenu& themes = *menu.addMenu(tr("&Theme"));
    auto* group = new QActionGroup(window);
    const ThemeChoice theme = window_.settings_.settings().theme;
    const auto addTheme = [&](const QString& name, const QString& text, ThemeChoice choice) {
        group->addAction(
            addChoice(themes, name, text, theme == choice, [window, choice] { window->setTheme(choice); }));
    };
    addTheme(u"view.system"_s, tr("&System"), ThemeChoice::system);
    addTheme(u"view.light"_s, tr("&Light"), ThemeChoice::light);
    addTheme(u"view.dark"_s, tr("&Dark"), ThemeChoice::dark);
    const auto step = [window] { return window->settings_.settings().fontStep; };
    QAction* larger =
        add(menu, u"view.larger"_s, tr("Lar&ger Text"), {}, [window, step] { window->setFontStep(step() + 1); });
    larger->setShortcuts({QKeySequence(Qt::CTRL | Qt::Key_Plus), QKeySequence(Qt::CTRL | Qt::Key_Equal)});
    add(menu, u"view.smaller"_s, tr("&Smaller Text"), QKeySequence(Qt::CTRL | Qt::Key_Minus),
        [window, step] { window->setFontStep(step() - 1); });
    add(menu, u"view.usual"_s, tr("&Usual Text Size"), QKeySequence(Qt::CTRL | Qt::Key_0),
        [window] { window->setFontStep(0); });
}

void WindowMenus::buildModel()
{
    MainWindow* window = &window_;
    QMenu& menu = *window_.menuBar()->addMenu(tr("&Model"));
    const auto addGoTo = [&](const QString& name, const QString& text, const QString& key,
                             const QKeySequence& shortcut) {
        add(menu, name, text, shortcut, [window, key] { window->form().reveal(key); });
    };
    addGoTo(u"model.choose"_s, tr("&Choose Model"), u"model"_s, QKeySequence(Qt::CTRL | Qt::Key_M));
    addGoTo(u"model.fetch"_s, tr("&Fetch from Hugging Face"), u"hub.id"_s, QKeySequence(Qt::CTRL | Qt::Key_L));
    add(menu, u"model.custom"_s, tr("&Edit as Custom Architecture"), {}, [window] { window->editAsCustom(); });
    menu.addSeparator();
    addGoTo(u"model.gpu"_s, tr("Choose &GPU"), u"hardware.accelerator"_s, QKeySequence(Qt::CTRL | Qt::Key_G));
    addGoTo(u"model.workload"_s, tr("&Workload"), u"inference.sequence_length"_s, QKeySequence(Qt::CTRL | Qt::Key_W));
}

void WindowMenus::buildHelp()
{
    MainWindow* window = &window_;
    QMenu& menu = *window_.menuBar()->addMenu(tr("&Help"));
    add(menu, u"help.notes"_s, tr("&Notes"), QKeySequence::HelpContents,
        [window] { window->showHelp(HelpPage::notes); });
    add(menu, u"help.references"_s, tr("&References"), {}, [window] { window->showHelp(HelpPage::references); });
    add(menu, u"help.citation"_s, tr("&Citation"), {}, [window] { window->showHelp(HelpPage::citation); });
    add(menu, u"help.tables"_s, tr("Reference &Tables"), {}, [window] { window->showTables(TablesPage::models); });
    add(menu, u"help.hardware"_s, tr("&Hardware Table"), {}, [window] { window->showTables(TablesPage::hardware); });
    add(menu, u"help.precision"_s, tr("Precision &Guide"), {}, [window] { window->showTables(TablesPage::precision); });
    add(menu, u"help.accuracy"_s, tr("&Predicted against Measured"), {}, [window] { window->showAccuracy(); });
    menu.addSeparator();
    add(menu, u"help.about"_s, tr("&About Weighbridge"), {}, [window] { window->showHelp(HelpPage::about); });
}

} // namespace weighbridge
