#include "ui/views/moments_view.h"

#include "core/report/training_report.h"
#include "ui/charts/moments_chart.h"
#include "ui/theme/text.h"
#include "ui/views/model_panel.h"
#include "ui/views/selectable_label.h"

#include <QEvent>
#include <QVBoxLayout>

#include <utility>
#include <vector>

namespace weighbridge {

using namespace Qt::StringLiterals;

MomentsView::MomentsView(QWidget* parent)
    : QWidget(parent), chart_(new MomentsChart(this)), sentence_(new SelectableLabel(this))
{
    setObjectName(u"moments"_s);
    chart_->setObjectName(u"momentsChart"_s);
    sentence_->setObjectName(u"momentsSentence"_s);
    sentence_->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(chart_);
    column->addWidget(sentence_);
    style();
}

void MomentsView::display(const ViewState& state)
{
    if (!state.estimate || !state.estimate->training)
        return;
    chart_->display(state);
    sentence_->setText(coreText(peak_line(*state.estimate->training)));
    showStages(state);
    if (stale_ == state.stale)
        return;
    stale_ = state.stale;
    style();
}

void MomentsView::showStages(const ViewState& state)
{
    const TrainingMemory& memory = *state.estimate->training;
    if (memory.stages.size() < 2) {
        delete std::exchange(stages_, nullptr);
        return;
    }
    if (stages_ == nullptr) {
        stages_ = new FigureList(tr("Pipeline stages, allocated at their peaks"), this);
        stages_->setObjectName(u"stages"_s);
        layout()->addWidget(stages_);
    }
    std::vector<FigureList::Row> rows;
    rows.reserve(memory.stages.size());
    for (const TrainingStage& stage : memory.stages) {
        const bool fullest = &stage == &memory.stage();
        const QString name = tr("Stage %1: %2 layers, %3 micro batches in flight, %4")
                                 .arg(utf8(grouped(stage.stage)), utf8(grouped(stage.layers)),
                                      utf8(decimal_text(stage.in_flight, 2)), coreText(stage.peak_moment().label));
        rows.push_back({fullest ? tr("%1 (fullest)").arg(name) : name,
                        utf8(in_unit(stage.peak_moment().total, state.unit)),
                        {},
                        fullest});
    }
    stages_->setRows(rows, state.stale);
}

void MomentsView::style()
{
    const Spacing space = Spacing::from(font());
    layout()->setSpacing(space.m);
    Theme theme = Theme::from(palette());
    if (stale_)
        theme = theme.greyed();
    QPalette muted;
    muted.setColor(QPalette::WindowText, theme.mutedText);
    sentence_->setPalette(muted);
}

void MomentsView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        style();
}

} // namespace weighbridge
