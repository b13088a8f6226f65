#pragma once

#include "ui/guide/guide_answers.h"
#include "ui/session/view_state.h"

#include <QWidget>

#include <vector>

class QLabel;

namespace weighbridge {

class TableSheet;
class StackedBar;
class VerdictHeader;

/// What the step in sight decides: a sentence, its figures, and what the book appendix says. Of the hardware the normal
/// window's verdict and bar, what holds it, and what would do instead.
class DecisionPane : public QWidget
{
    Q_OBJECT

public:
    explicit DecisionPane(GuideAnswers& answers, QWidget* parent = nullptr);

    /// `state` is the whole scenario with the hardware as it stands.
    void display(DecisionStep step, const Scenario& scenario, const ViewState& state);

    /// All that can take the focus, in order.
    QList<QWidget*> focusOrder() const;

Q_SIGNALS:
    void configurationChosen(const weighbridge::Recommendation& row);
    void alternativeChosen(const weighbridge::Alternative& alternative);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    /// A table with its words.
    struct Section
    {
        QWidget* part = nullptr;
        QLabel* title = nullptr;
        QLabel* words = nullptr;
        TableSheet* table = nullptr;
        QLabel* remarks = nullptr;
    };

    Section addSection(const QString& name, const QString& title);
    void showHardware(const Scenario& scenario, const ViewState& state);
    void chooseRow(int row);
    void chooseInstead(int row);
    int widest() const;
    void style();

    GuideAnswers& answers_;
    VerdictHeader* verdict_ = nullptr;
    StackedBar* bar_ = nullptr;
    Section decided_;
    Section choices_;
    Section instead_;
    std::vector<const Recommendation*> rows_; ///< what the rows of `choices_` stand for, in answers_
    bool stale_ = false; ///< a field of this step can't be used; what is shown was of the last that could
};

} // namespace weighbridge
