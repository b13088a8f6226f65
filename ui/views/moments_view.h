#pragma once

#include "ui/session/view_state.h"

#include <QWidget>

class QLabel;

namespace weighbridge {

class MomentsChart;
class TableSheet;

/// Where the memory of a training step peaks: the moments as a chart, the peak in a sentence, what would lower it once
/// that is known, and the stages of the pipeline where there is more than one.
class MomentsView : public QWidget
{
    Q_OBJECT

public:
    explicit MomentsView(QWidget* parent = nullptr);

    /// An estimate of training.
    void display(const ViewState& state);
    /// The same estimate with what would lower its peak.
    void showAnswers(const EstimatePointer& about, const EstimatePointer& answers);

protected:
    void changeEvent(QEvent* event) override;

private:
    void style();
    void showSavings();
    void showStages();

    MomentsChart* chart_;
    QLabel* sentence_;
    QLabel* savings_;
    QLabel* stagesTitle_ = nullptr; ///< null where there is one stage, as is the table
    TableSheet* stages_ = nullptr;
    ViewState state_;
    EstimatePointer answers_; ///< about that estimate; null until they come
};

} // namespace weighbridge
