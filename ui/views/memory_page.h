#pragma once

#include "core/answers/more_answers.h"
#include "ui/views/page.h"

class QLabel;

namespace weighbridge {

class FigureList;
class FitCards;
class MemoryTable;
class ModelPanel;
class MomentsView;
class TableSheet;
class TimelineView;

/// The first tab: the moments of a training step and its timeline, the table of terms, what each device and the host
/// hold, what the engine would print, where it fits, and the derivations, on one scrolling page.
class MemoryPage : public Page
{
    Q_OBJECT

public:
    explicit MemoryPage(QWidget* parent = nullptr);

    void display(const ViewState& state) override;
    MemoryTable& table() { return *table_; }
    /// What was asked for has come.
    void showAnswers(const EstimatePointer& about, const EstimatePointer& answers);

Q_SIGNALS:
    void answersWanted(const weighbridge::EstimatePointer& about, const weighbridge::MoreAnswers& wanted);

protected:
    void changeEvent(QEvent* event) override;

private:
    void styleColumn();
    void inkTitle();
    void showMoments(const ViewState& state);
    void showDevices(const ViewState& state);
    void showPrints(const ViewState& state);
    void styleLists();

    MemoryTable* table_ = nullptr;
    MomentsView* moments_ = nullptr;   ///< there while training is estimated
    TimelineView* timeline_ = nullptr; ///< the same
    TableSheet* devices_ = nullptr;    ///< there while there is more to say than of one kind of device
    FigureList* prints_ = nullptr;     ///< made when an engine first prints something
    QLabel* fitsTitle_ = nullptr;
    FitCards* cards_ = nullptr;
    ModelPanel* panel_ = nullptr; ///< made last
    EstimatePointer asked_;       ///< what was asked last for its timeline and what would lower its peak
    bool stale_ = false;
};

} // namespace weighbridge
