#pragma once

#include "core/answers/recommend.h"
#include "core/answers/serving.h"
#include "core/quantity/result.h"
#include "ui/views/view_state.h"

#include <QByteArray>
#include <QScrollArea>
#include <QTimer>

#include <functional>
#include <memory>

class QGridLayout;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QSpinBox;

namespace weighbridge {

class CapacityChart;
class RowsTable;

/// What the person wants as a file.
struct CapacityExport
{
    QString filter;    ///< "PNG image (*.png)"
    QString suggested; ///< "capacity.png"
    std::function<Result<QByteArray>()> bytes;
};

/// The fourth tab: what the hardware serves, as tables and charts, and where the scenario fits. What it shows takes
/// longer than an estimate, so it asks the core for it only while it is in sight, after the rest has been painted.
class CapacityPage : public QScrollArea
{
    Q_OBJECT

public:
    explicit CapacityPage(QWidget* parent = nullptr);

    void display(const ViewState& state);
    const ServingPointer& serving() const { return serving_; }
    const RecommendationsPointer& recommendations() const { return recommendations_; }
    /// Asks at once for what is out of date; for tests.
    void flush();

Q_SIGNALS:
    void exportWanted(const weighbridge::CapacityExport& wanted);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildServing();
    QWidget* buildRecommended();
    void schedule();
    void ask();
    void askForServing();
    void askForRecommendations();
    void showAnswers();
    void showServing();
    void showRecommendations();
    void arrange();
    void style();
    void wantPng();
    void wantCsv();

    ViewState state_;
    EstimatePointer answered_; ///< the estimate that what is shown belongs to
    ServingPointer serving_;
    RecommendationsPointer recommendations_;
    ConfigurationsPointer configurations_;
    QTimer pending_;

    QWidget* servingPart_ = nullptr;
    QLabel* servingTitle_ = nullptr;
    QLabel* servingWords_ = nullptr;
    QLabel* remarks_ = nullptr;
    RowsTable* lengths_ = nullptr;
    RowsTable* concurrencies_ = nullptr;
    CapacityChart* contextChart_ = nullptr;
    CapacityChart* concurrencyChart_ = nullptr;
    QPushButton* png_ = nullptr;
    QGridLayout* grid_ = nullptr;
    QLabel* recommendedTitle_ = nullptr;
    QLabel* recommendedWords_ = nullptr;
    QLabel* shareLabel_ = nullptr;
    QSpinBox* share_ = nullptr;
    RowsTable* recommended_ = nullptr;
    int columns_ = 0;
};

} // namespace weighbridge
