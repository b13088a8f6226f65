#pragma once

#include "ui/session/view_state.h"
#include "ui/views/wanted_file.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QPushButton;

namespace weighbridge {

class TimelineChart;

/// A training step from left to right: the chart of one pipeline stage, what lives at the point that the keyboard or a
/// click chose, and both as files. Out of sight until there is a timeline.
class TimelineView : public QWidget
{
    Q_OBJECT

public:
    explicit TimelineView(QWidget* parent = nullptr);

    /// What is shown, greyed where it is out of date.
    void display(const ViewState& state);
    /// The estimate that is shown, with its timeline.
    void showAnswers(const EstimatePointer& about, const EstimatePointer& answers);

Q_SIGNALS:
    void exportWanted(const weighbridge::WantedFile& wanted);

protected:
    void changeEvent(QEvent* event) override;

private:
    void showStage();
    void tellPoint();
    void wantPng();
    void wantCsv();
    void style();

    QLabel* title_;
    QComboBox* stage_; ///< in sight where there is more than one
    QPushButton* png_;
    QPushButton* csv_;
    TimelineChart* chart_;
    QLabel* point_;
    ViewState state_;
    EstimatePointer answers_; ///< with the timeline; of the estimate before until the next one comes
};

} // namespace weighbridge
