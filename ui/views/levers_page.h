#pragma once

#include "core/answers/levers.h"
#include "ui/views/page.h"

class QCheckBox;
class QLabel;
class QProgressBar;
class QPushButton;

namespace weighbridge {

class Background;
class TableSheet;

/// What would make it fit, or free memory: every change that the scenario takes, with what it saves and costs. A row
/// can be applied to the form.
class LeversPage : public Page
{
    Q_OBJECT

public:
    explicit LeversPage(QWidget* parent = nullptr);

    void display(const ViewState& state) override;
    std::vector<Table> tables() const override;
    std::optional<WantedFile> file(const QString& ending) const override;
    /// What is shown; null before the first answer.
    LeversPointer levers() const { return levers_; }

protected:
    void style() override;
    void hideEvent(QHideEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildTools();
    void ask();
    void take(const EstimatePointer& about, const LeversPointer& levers, const QString& problem);
    void showRows();
    void applyRow();
    bool isOld() const { return state_.stale || shown_ != state_.estimate; }

    ViewState state_;
    EstimatePointer asked_; ///< what is being worked out, or was
    EstimatePointer shown_; ///< what the rows are of
    LeversPointer levers_;
    Background* background_;
    QLabel* heading_ = nullptr;
    QCheckBox* sufficing_ = nullptr;
    QPushButton* apply_ = nullptr;
    QProgressBar* progress_ = nullptr;
    TableSheet* table_ = nullptr;
    QLabel* note_ = nullptr;
};

} // namespace weighbridge
