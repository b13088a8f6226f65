#pragma once

#include "core/answers/ladder.h"
#include "ui/views/page.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;

namespace weighbridge {

class Background;
class TableSheet;

/// Which quantization fits: every format that the engine loads with every usual type of cache. A row can be taken into
/// the form.
class QuantizationsPage : public Page
{
    Q_OBJECT

public:
    explicit QuantizationsPage(QWidget* parent = nullptr);

    void display(const ViewState& state) override;
    std::vector<Table> tables() const override;
    std::optional<WantedFile> file(const QString& ending) const override;
    /// What is shown; null before the first answer.
    LadderPointer ladder() const { return ladder_; }

protected:
    void style() override;
    void hideEvent(QHideEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildTools();
    void ask();
    void take(const EstimatePointer& about, const LadderPointer& ladder, const QString& problem);
    void fillCaches();
    void showRows();
    void takeRow();
    bool isOld() const { return state_.stale || shown_ != state_.estimate; }

    ViewState state_;
    EstimatePointer asked_; ///< what is being worked out, or was
    EstimatePointer shown_; ///< what the rows are of
    LadderPointer ladder_;
    Background* background_;
    QLabel* words_ = nullptr;
    QComboBox* cache_ = nullptr;
    QCheckBox* fitting_ = nullptr;
    QPushButton* use_ = nullptr;
    QProgressBar* progress_ = nullptr;
    TableSheet* table_ = nullptr;
    QLabel* note_ = nullptr;
};

} // namespace weighbridge
