#pragma once

#include "core/accuracy/accuracy.h"

#include <QWidget>

class QGridLayout;
class QLabel;
class QScrollArea;
class QTabBar;
class QVBoxLayout;

namespace weighbridge {

class AccuracyScatter;
class TableSheet;

/// Predicted against measured: engines as tabs, the chosen engine's figures with their bars, the chosen figure's
/// scatter and its runs. What is chosen in the scatter is chosen in the table and the other way round. Narrow windows
/// put the runs below.
class AccuracyPage : public QWidget
{
    Q_OBJECT

public:
    explicit AccuracyPage(QWidget* parent = nullptr);

    void display(AccuracyPointer accuracy);
    const AccuracyPointer& accuracy() const { return accuracy_; }
    /// What is chosen, in Accuracy::sets and SetAccuracy::figures.
    std::size_t chosenSet() const;
    std::size_t chosenFigure() const;

    /// Where the keyboard begins: the figures.
    void takeFocus();
    /// The last part that the Tab key reaches.
    QWidget* lastPart() const;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QWidget* buildLeft();
    void buildRight();
    void connectParts();
    void showSet();
    void showFigure();
    void showRun(std::size_t point);
    void arrange();
    void style();

    AccuracyPointer accuracy_;
    QTabBar* tabs_;
    QLabel* about_;
    TableSheet* figures_;
    QLabel* sentence_;
    QLabel* details_;
    AccuracyScatter* scatter_;
    QLabel* run_;
    TableSheet* runs_;
    std::vector<std::size_t> order_; ///< points by row of the runs
    QLabel* leftOut_;
    QScrollArea* leftArea_ = nullptr;
    QVBoxLayout* leftColumn_ = nullptr;
    QVBoxLayout* rightColumn_ = nullptr;
    QGridLayout* body_;
    bool beside_ = true;
};

} // namespace weighbridge
