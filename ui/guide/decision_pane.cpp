#include "ui/guide/decision_pane.h"

#include "ui/charts/stacked_bar.h"
#include "ui/guide/guide_words.h"
#include "ui/theme/text.h"
#include "ui/views/verdict_header.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/table_sheet.h"

#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

/// Labels without words take no room.
void say(QLabel* label, const QString& words)
{
    if (label->text() != words)
        label->setText(words);
    label->setVisible(!words.isEmpty());
}

} // namespace

DecisionPane::DecisionPane(GuideAnswers& answers, QWidget* parent) : QWidget(parent), answers_(answers)
{
    setObjectName(u"guide.decision"_s);
    auto* column = new QVBoxLayout(this);
    verdict_ = new VerdictHeader(this);
    bar_ = new StackedBar(this);
    bar_->setObjectName(u"guide.bar"_s);
    decided_ = addSection(u"guide.decided"_s, tr("What this step decides"));
    column->addWidget(decided_.title);
    column->addWidget(verdict_);
    column->addWidget(bar_);
    column->addWidget(decided_.part);
    choices_ = addSection(u"guide.choices"_s, tr("What holds it"));
    column->addWidget(choices_.part);
    instead_ = addSection(u"guide.instead"_s, tr("What would do instead"));
    column->addWidget(instead_.part);
    column->addStretch(1);
    for (const auto signal : {&QAbstractItemView::clicked, &QAbstractItemView::activated}) {
        connect(choices_.table, signal, this, [this](const QModelIndex& index) { chooseRow(index.row()); });
        connect(instead_.table, signal, this, [this](const QModelIndex& index) { chooseInstead(index.row()); });
    }
    choices_.table->setToolTip(tr("Enter or a click takes it"));
    instead_.table->setToolTip(choices_.table->toolTip());
    style();
}

DecisionPane::Section DecisionPane::addSection(const QString& name, const QString& title)
{
    const auto words = [](QWidget* parent, const QString& called) {
        auto* label = new SelectableLabel(parent);
        label->setObjectName(called);
        label->setWordWrap(true);
        return label;
    };
    Section section;
    section.part = new QWidget(this);
    section.title = new QLabel(title, section.part);
    section.words = words(section.part, name % u".words"_s);
    section.table = new TableSheet(section.part);
    section.table->setObjectName(name);
    section.table->setAccessibleName(title);
    section.remarks = words(section.part, name % u".remarks"_s);
    auto* column = new QVBoxLayout(section.part);
    column->setContentsMargins(0, 0, 0, 0);
    for (QWidget* part : {static_cast<QWidget*>(section.title), static_cast<QWidget*>(section.words),
                          static_cast<QWidget*>(section.table), static_cast<QWidget*>(section.remarks)})
        column->addWidget(part);
    return section;
}

void DecisionPane::display(DecisionStep step, const Scenario& scenario, const ViewState& state)
{
    const bool hardware = step == DecisionStep::hardware;
    const DecisionsPointer& decisions = answers_.decisions();
    if (stale_ != state.stale) {
        stale_ = state.stale;
        style();
    }
    verdict_->setVisible(hardware);
    bar_->setVisible(hardware);
    if (decisions) {
        say(decided_.words, decisionSentence(step, *decisions, state.unit));
        say(decided_.remarks, bookWords(step, *decisions, answers_.recommendations(), state.unit));
        decided_.table->display(decisionRows(step, *decisions, state.unit), state.stale);
    } else {
        say(decided_.words, coreText(answers_.problem().message));
        say(decided_.remarks, {});
    }
    decided_.table->setVisible(decisions && !hardware);
    choices_.part->setVisible(decisions && hardware);
    instead_.part->setVisible(decisions && hardware);
    if (hardware)
        showHardware(scenario, state);
    else
        rows_.clear(); // what they pointed to may be gone by now
}

QList<QWidget*> DecisionPane::focusOrder() const
{
    return {bar_, decided_.table, choices_.table, instead_.table};
}

void DecisionPane::showHardware(const Scenario& scenario, const ViewState& state)
{
    verdict_->display(state);
    bar_->display(state);
    ShownChoices shown = choiceRows(answers_, scenario, state.unit);
    say(choices_.words, choiceSentence(answers_, shown.rows.size(), state.unit));
    choices_.table->setVisible(!shown.rows.empty());
    choices_.table->display(std::move(shown.table), state.stale);
    rows_ = std::move(shown.rows);
    say(choices_.remarks, {});
    say(instead_.words, {});
    say(instead_.remarks, insteadWords(answers_));
    instead_.table->display(insteadRows(answers_, state.unit), state.stale);
}

void DecisionPane::chooseRow(int row)
{
    if (row >= 0 && row < static_cast<int>(rows_.size()))
        Q_EMIT configurationChosen(Recommendation(*rows_[static_cast<std::size_t>(row)]));
}

void DecisionPane::chooseInstead(int row)
{
    const std::vector<InsteadOf>& instead = answers_.instead();
    if (row < 0 || row >= static_cast<int>(instead.size()))
        return;
    const InsteadOf& chosen = instead[static_cast<std::size_t>(row)];
    if (chosen.decisions && !chosen.alternative.chosen)
        Q_EMIT alternativeChosen(Alternative(chosen.alternative));
}

void DecisionPane::style()
{
    const Spacing space = Spacing::from(font());
    const Typography type = Typography::from(font());
    layout()->setContentsMargins(space.xl, space.l, std::max(space.xl, width() - widest()), space.l);
    layout()->setSpacing(space.m);
    Theme theme = Theme::from(palette());
    if (stale_)
        theme = theme.greyed();
    QPalette plain;
    if (stale_)
        plain.setColor(QPalette::WindowText, theme.text);
    decided_.words->setPalette(plain);
    QPalette muted;
    muted.setColor(QPalette::WindowText, theme.mutedText);
    for (const Section* section : {&decided_, &choices_, &instead_}) {
        section->part->layout()->setSpacing(space.m);
        section->title->setFont(type.strong);
        section->remarks->setPalette(muted);
        section->remarks->setFont(type.small);
        section->remarks->setContentsMargins(0, space.s, 0, 0);
    }
    choices_.words->setPalette(muted);
    for (const Section* section : {&choices_, &instead_})
        section->title->setContentsMargins(0, space.l, 0, 0);
}

/// Wider, figures are too far from their names.
int DecisionPane::widest() const
{
    constexpr int characters = 140;
    return fontMetrics().averageCharWidth() * characters;
}

void DecisionPane::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const QMargins margins = layout()->contentsMargins();
    layout()->setContentsMargins(margins.left(), margins.top(), std::max(margins.left(), width() - widest()),
                                 margins.bottom());
}

void DecisionPane::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    const bool appearance = event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange;
    if (appearance && instead_.table != nullptr)
        style();
}

} // namespace weighbridge
