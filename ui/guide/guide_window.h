#pragma once

#include "ui/guide/guide_answers.h"
#include "ui/models/model_source.h"
#include "ui/session/session.h"

#include <QWidget>

#include <array>
#include <functional>

class QBoxLayout;
class QLabel;
class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace weighbridge {

class DecisionPane;
class ElidedLabel;
class Form;
class StepBar;

/// What the guide reaches beyond itself by.
struct GuideServices
{
    HubAccess hub;
    std::function<QList<RecentModel>()> recentModels;
    std::function<void(const RecentModel& model)> remember;
};

/// File > Guided Setup: the appendix's decisions one after the other, tried out on a session of its own. Finish makes
/// the window's session what that one is, in one undo step; Cancel leaves everything as it was. Beside the window,
/// never in its way.
class GuideWindow : public QWidget
{
    Q_OBJECT

public:
    GuideWindow(Session& target, GuideServices services, QWidget* parent = nullptr);
    ~GuideWindow() override;

    void present();
    std::size_t step() const { return step_; }
    void goTo(std::size_t step);
    /// The scenario as far as it has been decided.
    Session& session() { return session_; }
    /// Works out at once what is pending; for tests.
    void flush();

Q_SIGNALS:
    /// The window's session has taken the scenario over.
    void finished();

protected:
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void buildMiddle();
    void buildLeft();
    QWidget* buildBottom();
    void addShortcuts();
    Form* formOf(std::size_t step);
    Form* makeForm(std::size_t step);
    void next();
    void back();
    void finish();
    void refresh();
    void showDecision();
    void showSummaries();
    void showMessage();
    Question question() const;
    const Issue* errorHere() const;
    void placeOnSmallest();
    void take(const Recommendation& row);
    void takeAlternative(const Alternative& alternative);
    void chooseModel(const QString& value);
    void openPath(const QString& path);
    void focusStep();
    void orderTabs();
    void arrange();
    void style();

    Session& target_;
    GuideServices services_;
    Session session_;
    ModelSource* source_;
    GuideAnswers answers_;
    std::size_t step_ = 0;
    std::array<bool, 4> visited_ = {true, false, false, false};
    HardwareChoice unchosen_; ///< the hardware that nobody chose in the guide
    QString said_;            ///< what went wrong last, until the next edit

    StepBar* bar_ = nullptr;
    QWidget* left_ = nullptr;
    QLabel* question_ = nullptr;
    QLabel* help_ = nullptr;
    QScrollArea* area_ = nullptr;
    QBoxLayout* beside_ = nullptr; ///< form and decision, below one another where there is little room
    QVBoxLayout* forms_ = nullptr;
    std::array<Form*, 4> stepForms_ = {};
    DecisionPane* decision_ = nullptr;
    ElidedLabel* message_ = nullptr;
    QPushButton* cancel_ = nullptr;
    QPushButton* back_ = nullptr;
    QPushButton* next_ = nullptr;
};

} // namespace weighbridge
