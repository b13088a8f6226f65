#include "ui/views/moments_view.h"

#include "core/answers/savings.h"
#include "core/report/training_report.h"
#include "ui/charts/moments_chart.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/views/stage_rows.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/table_sheet.h"

#include <QEvent>
#include <QVBoxLayout>

#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

MomentsView::MomentsView(QWidget* parent)
    : QWidget(parent), chart_(new MomentsChart(this)), sentence_(new SelectableLabel(this)),
      savings_(new SelectableLabel(this))
{
    setObjectName(u"moments"_s);
    chart_->setObjectName(u"momentsChart"_s);
    sentence_->setObjectName(u"momentsSentence"_s);
    savings_->setObjectName(u"momentsSavings"_s);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(chart_);
    for (QLabel* label : {sentence_, savings_}) {
        label->setWordWrap(true);
        column->addWidget(label);
    }
    savings_->hide();
    style();
}

void MomentsView::display(const ViewState& state)
{
    if (!state.estimate || !state.estimate->training)
        return;
    const bool restyle = state.stale != state_.stale;
    if (state.estimate != state_.estimate)
        answers_ = nullptr;
    state_ = state;
    chart_->display(state);
    sentence_->setText(coreText(peak_line(*state.estimate->training, state.unit)));
    showSavings();
    showStages();
    if (restyle)
        style();
}

void MomentsView::showAnswers(const EstimatePointer& about, const EstimatePointer& answers)
{
    if (about != state_.estimate || !answers->savings)
        return;
    answers_ = answers;
    showSavings();
}

/// Until they are known their place is kept, so that nothing jumps at every key.
void MomentsView::showSavings()
{
    const bool known = answers_ != nullptr;
    QSizePolicy policy = savings_->sizePolicy();
    policy.setRetainSizeWhenHidden(!known && !savings_->text().isEmpty());
    savings_->setSizePolicy(policy);
    if (known) {
        const std::string line = savings_line(*answers_->training, *answers_->savings, state_.unit);
        savings_->setText(line.empty() ? QString() : coreText(line) % u'.');
    }
    savings_->setVisible(known && !savings_->text().isEmpty());
}

void MomentsView::showStages()
{
    const TrainingMemory& memory = *state_.estimate->training;
    if (memory.stages.size() < 2) {
        delete std::exchange(stagesTitle_, nullptr);
        delete std::exchange(stages_, nullptr);
        return;
    }
    if (stages_ == nullptr) {
        stagesTitle_ = new QLabel(tr("Pipeline stages"), this);
        stages_ = new TableSheet(this);
        stages_->setObjectName(u"stages"_s);
        stages_->setAccessibleName(tr("Pipeline stages"));
        stages_->setSortable();
        layout()->addWidget(stagesTitle_);
        layout()->addWidget(stages_);
        style();
    }
    stages_->display(stageRows(memory, state_.unit), state_.stale);
}

void MomentsView::style()
{
    const Spacing space = Spacing::from(font());
    layout()->setSpacing(space.m);
    Theme theme = Theme::from(palette());
    if (state_.stale)
        theme = theme.greyed();
    QPalette ink;
    ink.setColor(QPalette::WindowText, theme.mutedText);
    for (QLabel* label : {sentence_, savings_})
        label->setPalette(ink);
    if (stagesTitle_ == nullptr)
        return;
    ink.setColor(QPalette::WindowText, theme.text);
    stagesTitle_->setPalette(ink);
    stagesTitle_->setFont(Typography::from(font()).strong);
    stagesTitle_->setContentsMargins(0, space.m, 0, 0);
}

void MomentsView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        style();
}

} // namespace weighbridge
