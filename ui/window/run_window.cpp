#include "ui/window/run_window.h"

#include "ui/window/appearance.h"
#include "ui/window/main_window.h"
#include "ui/window/quit_on_signal.h"

#include <QApplication>
#include <QIcon>
#include <QTimer>

namespace weighbridge {

using namespace Qt::StringLiterals;

int run_window(int& argc, char** argv)
{
    QuitOnSignal quitOnSignal;
    QApplication application(argc, argv);
    QApplication::setApplicationName(u"weighbridge"_s);
    QApplication::setApplicationDisplayName(u"Weighbridge"_s);
    QApplication::setDesktopFileName(u"io.github.weighbridge.Weighbridge"_s);
    quitOnSignal.watch();
    Appearance appearance;
    MainWindow window(WindowServices::standard(), appearance);
    const QStringList arguments = QApplication::arguments();
    for (const QString& argument : arguments.mid(1)) {
        if (argument.startsWith(u'-') && argument.size() > 1)
            continue;
        window.openPath(argument);
        break;
    }
    window.show();
    return QApplication::exec();
}

} // namespace weighbridge
