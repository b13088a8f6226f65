// One measured program of bench_window: leaves as soon as its first frame is painted, or prints what a key press costs.
//
//   bench_frame empty | window | keypress | capacity

#include "core/answers/serving.h"
#include "ui/charts/capacity_layout.h"
#include "ui/session/session.h"
#include "ui/window/appearance.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QImage>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include <unistd.h>

namespace {

using namespace weighbridge;

/// Ends the process when the widget has painted for the first time, without the time that tearing down would take.
class LeaveAfterFirstFrame : public QObject
{
public:
    explicit LeaveAfterFirstFrame(QWidget& window) : window_(window) { window.installEventFilter(this); }

    bool eventFilter(QObject* object, QEvent* event) override
    {
        if (object == &window_ && event->type() == QEvent::Paint) // the children's frames follow in the same pass
            QMetaObject::invokeMethod(
                this, [] { _exit(0); }, Qt::QueuedConnection);
        return false;
    }

private:
    QWidget& window_;
};

int first_frame(QWidget& window)
{
    const LeaveAfterFirstFrame watcher(window);
    window.resize(1440, 900);
    window.show();
    return QApplication::exec();
}

/// Types a digit or takes it back, and waits until everything that follows from it is painted.
double key_press(MainWindow& window, QLineEdit& editor, bool type)
{
    bool changed = false;
    const auto connection = QObject::connect(&window.session(), &Session::changed, &window, [&] { changed = true; });
    QElapsedTimer timer;
    timer.start();
    QKeyEvent press(QEvent::KeyPress, type ? Qt::Key_0 : Qt::Key_Backspace, Qt::NoModifier,
                    type ? QStringLiteral("0") : QString());
    QApplication::sendEvent(&editor, &press);
    while (!changed)
        QApplication::processEvents();
    QApplication::processEvents();
    const double milliseconds = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    QObject::disconnect(connection);
    return milliseconds;
}

double median_of(std::vector<double>& times)
{
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

/// Both charts of serving capacity, 2 x 200 points: asked for, laid out and painted.
int measure_capacity(MainWindow& window)
{
    const Question question = question_of(*window.session().state().estimate);
    const Typography type = Typography::from(window.font());
    const Theme theme = Theme::from(window.palette());
    QImage image(620, 300, QImage::Format_RGB32);
    std::vector<double> asking;
    std::vector<double> drawing;
    for (int turn = 0; turn < 100; ++turn) {
        QElapsedTimer timer;
        timer.start();
        const auto serving = serving_capacity(question);
        asking.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
        timer.restart();
        for (const CapacityAxis axis : {CapacityAxis::context, CapacityAxis::concurrency}) {
            image.fill(Qt::white);
            QPainter painter(&image);
            CapacityLayout::of(**serving, axis, {}, ByteUnit::gib, QRectF(image.rect()), type)
                .paint(painter, theme, type);
        }
        drawing.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    std::printf(
        "charts of 2 x 200 points, ms: median %.2f to work out with the tables, %.2f to lay out and paint (aim 8 "
        "together)\n",
        median_of(asking), median_of(drawing));
    return 0;
}

void let_it_settle()
{
    for (int turn = 0; turn < 20; ++turn)
        QApplication::processEvents();
}

/// In the field of the sequence length of one task.
int measure_key_presses(MainWindow& window, const QString& task)
{
    window.session().setField(QStringLiteral("task"), task);
    let_it_settle();
    auto* editor = window.findChild<QLineEdit*>(task + QStringLiteral(".sequence_length"));
    if (editor == nullptr) {
        std::fprintf(stderr, "bench_frame: there is no editor of the sequence length\n");
        return 1;
    }
    editor->setFocus();
    editor->end(false);
    std::vector<double> times;
    for (int press = 0; press < 200; ++press)
        times.push_back(key_press(window, *editor, press % 2 == 0));
    std::sort(times.begin(), times.end());
    std::printf("key press to repainted window, %s, ms: median %.2f, 95 %% of %zu presses within %.2f (aim 8)\n",
                task.toLocal8Bit().constData(), times[times.size() / 2], times.size(), times[times.size() * 95 / 100]);
    return 0;
}

int measure_tasks(MainWindow& window)
{
    window.resize(1440, 900);
    window.show();
    let_it_settle();
    for (const QString& task : {QStringLiteral("inference"), QStringLiteral("fine_tune"), QStringLiteral("train")})
        if (const int failed = measure_key_presses(window, task))
            return failed;
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM") && qEnvironmentVariableIsEmpty("DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const std::string_view what = argc > 1 ? argv[1] : "";
    QApplication application(argc, argv);
    if (what == "empty") {
        QWidget window;
        return first_frame(window);
    }
    Appearance appearance;
    WindowServices services = WindowServices::standard();
    services.settingsPath.clear(); // nobody's settings are read or written
    MainWindow window(std::move(services), appearance);
    if (what == "capacity")
        return measure_capacity(window);
    return what == "keypress" ? measure_tasks(window) : first_frame(window);
}
