#pragma once

#include "core/answers/more_answers.h"
#include "ui/views/page.h"

#include <memory>

class QGridLayout;
class QHBoxLayout;
class QLabel;
class QPushButton;

namespace weighbridge {

class CapacityChart;
class CountsField;
class TableSheet;

/// The fourth tab: what the hardware serves, as tables and charts, and where the scenario fits. What it shows takes
/// longer than an estimate, so it says what it wants only while it is in sight, and is handed the answers.
class CapacityPage : public Page
{
    Q_OBJECT

public:
    explicit CapacityPage(QWidget* parent = nullptr);

    void display(const ViewState& state) override;
    std::optional<WantedFile> file(const QString& ending) const override;
    /// `answers` is the estimate `about` with what was wanted.
    void showAnswers(const EstimatePointer& about, const EstimatePointer& answers);
    /// What is shown; null before the first answers, and of training there is no serving capacity.
    ServingPointer serving() const { return answers_ ? answers_->serving : nullptr; }
    RecommendationsPointer recommendations() const { return answers_ ? answers_->recommendations : nullptr; }

Q_SIGNALS:
    void answersWanted(const weighbridge::EstimatePointer& about, const weighbridge::MoreAnswers& wanted);

protected:
    void style() override;
    void arrange() override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildServing();
    QWidget* buildRecommended();
    void ask();
    void redraw();
    void showServing();
    void showRecommendations();
    void takeRecommended(int row);

    ViewState state_;
    EstimatePointer asked_;   ///< the estimate that was asked about last
    EstimatePointer answers_; ///< what is shown

    QWidget* servingPart_ = nullptr;
    QLabel* servingTitle_ = nullptr;
    QLabel* servingWords_ = nullptr;
    QLabel* remarks_ = nullptr;
    CountsField* lengthsField_ = nullptr;
    CountsField* concurrenciesField_ = nullptr;
    TableSheet* lengths_ = nullptr;
    TableSheet* concurrencies_ = nullptr;
    CapacityChart* contextChart_ = nullptr;
    CapacityChart* concurrencyChart_ = nullptr;
    QPushButton* png_ = nullptr;
    QGridLayout* grid_ = nullptr;
    QLabel* recommendedTitle_ = nullptr;
    QLabel* recommendedWords_ = nullptr;
    TableSheet* recommended_ = nullptr;
    int columns_ = 0;
};

} // namespace weighbridge
