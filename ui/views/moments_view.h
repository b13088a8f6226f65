#pragma once

#include "ui/views/view_state.h"

#include <QWidget>

class QLabel;

namespace weighbridge {

class FigureList;
class MomentsChart;

/// Where the memory of a training step peaks: the moments as a chart, the peak in a sentence, and the stages of the
/// pipeline where there is more than one.
class MomentsView : public QWidget
{
    Q_OBJECT

public:
    explicit MomentsView(QWidget* parent = nullptr);

    /// An estimate of training.
    void display(const ViewState& state);

protected:
    void changeEvent(QEvent* event) override;

private:
    void style();
    void showStages(const ViewState& state);

    MomentsChart* chart_;
    QLabel* sentence_;
    FigureList* stages_ = nullptr; ///< null where there is one stage
    bool stale_ = false;
};

} // namespace weighbridge
