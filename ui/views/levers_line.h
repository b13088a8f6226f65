#pragma once

#include "core/answers/levers.h"
#include "ui/session/view_state.h"

#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;
class QTimer;

namespace weighbridge {

class Background;

/// Below a verdict that does not fit: the best levers, each a button that applies it, and the way to all of them. Asked
/// in the background a moment after the last change; out of sight while it fits.
class LeversLine : public QWidget
{
    Q_OBJECT

public:
    explicit LeversLine(QWidget* parent = nullptr);

    void display(const ViewState& state);

Q_SIGNALS:
    void scenarioWanted(const weighbridge::Scenario& scenario, const QString& what);
    void allWanted();

protected:
    void changeEvent(QEvent* event) override;

private:
    void ask();
    void take(const EstimatePointer& about, const LeversPointer& levers);
    void showButtons();
    void style();
    bool isOld() const { return state_.stale || shown_ != state_.estimate; }

    ViewState state_;
    EstimatePointer shown_;
    LeversPointer levers_;
    Background* background_;
    QTimer* pause_;
    QLabel* heading_;
    std::vector<QPushButton*> buttons_;
    QPushButton* all_;
};

} // namespace weighbridge
