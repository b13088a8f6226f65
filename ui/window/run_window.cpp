#include "ui/window/run_window.h"

#include "ui/window/appearance.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QIcon>
#include <QTimer>

namespace weighbridge {

using namespace Qt::StringLiterals;

int run_window(int& argc, char** argv)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(u"weighbridge"_s);
    QApplication::setApplicationDisplayName(u"Weighbridge"_s);
    QApplication::setDesktopFileName(u"io.github.weighbridge.Weighbridge"_s);
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
