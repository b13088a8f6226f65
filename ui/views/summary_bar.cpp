#include "ui/views/summary_bar.h"

#include "core/report/summary.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/theme/verdict_text.h"
#include "ui/widgets/elided_label.h"

#include <QEvent>
#include <QHBoxLayout>

#include <cmath>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QString modelText(const Estimate& estimate)
{
    const Model& model = *estimate.model;
    QStringList facts{utf8(model.name),
                      SummaryBar::tr("%1 parameters").arg(utf8(parameters_text(model.parameters.total)))};
    for (const std::string& fact : {attention_summary(model.architecture), feed_forward_summary(model.architecture),
                                    head_summary(model.architecture)})
        if (!fact.empty())
            facts << coreText(fact);
    if (estimate.training)
        facts << SummaryBar::tr("%1 trained")
                     .arg(utf8(parameters_text(std::llround(estimate.training->trained_parameters))));
    else
        facts << SummaryBar::tr("%1 B per token").arg(utf8(formula_number(estimate.cache.bytes_per_token)));
    return facts.join(u" · "_s);
}

QString allocatedText(const TrainingMemory& memory, ByteUnit unit)
{
    return SummaryBar::tr("%1 allocated, about %2 reserved · %3 FLOP per step")
        .arg(utf8(in_unit(memory.allocated, unit, 1)), utf8(in_unit(memory.reserved, unit, 1)),
             utf8(si_text(memory.flops_per_step)));
}

QString capacityText(const Estimate& estimate, ByteUnit unit)
{
    if (estimate.training)
        return allocatedText(*estimate.training, unit);
    const Capacity& capacity = estimate.capacity;
    const InferenceChoice& inference = estimate.scenario.inference;
    const QString length = utf8(grouped(inference.tokens()));
    const Verdict verdict = estimate.fit.verdict;
    if (verdict == Verdict::cant_run || verdict == Verdict::not_known)
        return verdictWord(verdict);
    if (verdict == Verdict::would_not_start)
        return SummaryBar::tr("Would not start · the cache holds %1 tokens").arg(utf8(grouped(capacity.kv_tokens)));
    if (capacity.max_concurrent_sequences == 0)
        return SummaryBar::tr("Not one sequence of %1 tokens fits").arg(length);
    QString text = SummaryBar::tr("Up to %1 × %2 tokens fit · %3 tokens at %4")
                       .arg(utf8(grouped(capacity.max_concurrent_sequences)), length,
                            utf8(grouped(capacity.max_sequence_length)), utf8(grouped(inference.concurrent_sequences)));
    const std::int64_t trained = estimate.model->architecture.max_position_embeddings;
    if (trained == 0 || capacity.max_sequence_length <= trained)
        return text;
    return SummaryBar::tr("%1, of a model made for %2").arg(text, utf8(grouped(trained)));
}

} // namespace

SummaryBar::SummaryBar(QWidget* parent)
    : QWidget(parent), model_(new ElidedLabel(this)), capacity_(new ElidedLabel(this))
{
    setObjectName(u"summaryBar"_s);
    model_->setObjectName(u"summaryModel"_s);
    capacity_->setObjectName(u"summaryCapacity"_s);
    capacity_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* row = new QHBoxLayout(this);
    model_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed); // long names give way first
    row->addWidget(model_, 1);
    row->addWidget(capacity_);
    style();
}

void SummaryBar::display(const ViewState& state)
{
    if (!state.estimate)
        return;
    model_->setFullText(modelText(*state.estimate));
    capacity_->setFullText(capacityText(*state.estimate, state.unit));
}

void SummaryBar::style()
{
    const Spacing space = Spacing::from(font());
    layout()->setContentsMargins(space.m, space.s, space.m, space.s);
    layout()->setSpacing(space.l);
    QPalette muted;
    muted.setColor(QPalette::WindowText, Theme::from(palette()).mutedText);
    for (ElidedLabel* label : {model_, capacity_}) {
        label->setFont(Typography::from(font()).smallNumber);
        label->setPalette(muted);
    }
}

void SummaryBar::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        style();
}

} // namespace weighbridge
