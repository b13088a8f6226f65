#pragma once

#include "core/accuracy/accuracy.h"
#include "core/quantity/result.h"

#include <QWidget>

#include <functional>

class QLabel;
class QProgressBar;
class QPushButton;
class QStackedLayout;

namespace weighbridge {

class AccuracyPage;
class AccuracyTask;
class ElidedLabel;

/// Asks for the path of a file to write and calls `answer` with it later; not at all when the person gives up.
using SavePathAsker = std::function<void(QWidget* parent, const QString& filter, const QString& suggested,
                                         std::function<void(const QString&)> answer)>;

/// Help > Predicted against Measured: every bundled run, estimated on the spot. Beside the window, never in its way.
class AccuracyWindow : public QWidget
{
    Q_OBJECT

public:
    explicit AccuracyWindow(SavePathAsker askPath, QWidget* parent = nullptr);

    /// Shows the window; the first time it begins to compute.
    void present();
    AccuracyPage& page() { return *page_; }

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QWidget* buildWaiting();
    QWidget* buildBottom();
    void compute();
    void showResult(const AccuracyPointer& accuracy);
    void exportAs(const QString& filter, const QString& suggested, std::function<Result<QByteArray>()> bytes);
    void style();

    SavePathAsker askPath_;
    AccuracyTask* task_;
    AccuracyPage* page_;
    QStackedLayout* pages_;
    QWidget* waiting_;
    QLabel* words_;
    QProgressBar* progress_;
    QPushButton* stop_;
    QPushButton* again_;
    ElidedLabel* message_;
    QWidget* bottom_;
};

} // namespace weighbridge
