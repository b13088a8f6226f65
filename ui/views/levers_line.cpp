#include "ui/views/levers_line.h"

#include "ui/session/background.h"
#include "ui/theme/ink.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/views/levers_rows.h"
#include "ui/widgets/named_button.h"
#include "ui/widgets/wrap_layout.h"

#include <QEvent>
#include <QLabel>
#include <QTimer>
#include <QVBoxLayout>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr std::size_t mostShown = 3;
constexpr int pauseMilliseconds = 60; // no key press waits for it

bool isWanted(const ViewState& state)
{
    return state.estimate && !does_fit(state.estimate->fit.verdict) &&
           state.estimate->fit.verdict != Verdict::not_known;
}

} // namespace

LeversLine::LeversLine(QWidget* parent)
    : QWidget(parent), background_(new Background(this)), pause_(new QTimer(this)), heading_(new QLabel(this))
{
    setObjectName(u"leversLine"_s);
    heading_->setObjectName(u"leversLine.heading"_s);
    auto* line = new QWidget(this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, Spacing::from(font()).s);
    column->addWidget(line);
    auto* row = new WrapLayout(line);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(heading_);
    for (std::size_t i = 0; i < mostShown; ++i) {
        QPushButton* button = namedButton(this, u"leversLine.%1"_s.arg(i), QString());
        row->addWidget(button);
        buttons_.push_back(button);
        connect(button, &QPushButton::clicked, this, [this, i] {
            if (levers_ && !isOld() && i < levers_->list.size())
                Q_EMIT scenarioWanted(levers_->list[i].scenario, coreText(levers_->list[i].label));
        });
    }
    all_ = namedButton(this, u"leversLine.all"_s, tr("All …"));
    row->addWidget(all_);
    connect(all_, &QPushButton::clicked, this, &LeversLine::allWanted);
    pause_->setSingleShot(true);
    pause_->setInterval(pauseMilliseconds);
    connect(pause_, &QTimer::timeout, this, &LeversLine::ask);
    style();
    hide();
}

void LeversLine::display(const ViewState& state)
{
    state_ = state;
    if (!isWanted(state_)) {
        pause_->stop();
        background_->stop();
        hide();
        return;
    }
    showButtons();
    if (shown_ != state_.estimate)
        pause_->start();
}

void LeversLine::ask()
{
    if (!isWanted(state_))
        return;
    background_->ask([this, about = state_.estimate](const Background::Progress& progress) -> Background::Show {
        const auto found = weighbridge::levers(question_of(*about), progress);
        return [this, about, levers = found ? *found : nullptr] { take(about, levers); };
    });
}

void LeversLine::take(const EstimatePointer& about, const LeversPointer& levers)
{
    shown_ = about;
    levers_ = levers;
    showButtons();
}

/// Those of an older question are greyed until the new ones come.
void LeversLine::showButtons()
{
    if (!levers_ || !shown_)
        return;
    heading_->setText(leversHeading(*levers_, *shown_));
    const bool someSuffice = !levers_->list.empty() && levers_->list.front().makes_it_fit;
    for (std::size_t i = 0; i < buttons_.size(); ++i) {
        QPushButton* button = buttons_[i];
        const bool there = i < levers_->list.size() && (!someSuffice || levers_->list[i].makes_it_fit);
        button->setVisible(there);
        if (!there)
            continue;
        button->setText(leverButtonText(levers_->list[i], state_.unit).replace(u'&', u"&&"_s));
        button->setToolTip(leverTip(levers_->list[i], state_.unit));
        button->setEnabled(!isOld());
    }
    all_->setVisible(!levers_->list.empty());
    all_->setText(tr("All %1 …").arg(levers_->list.size()));
    setVisible(isWanted(state_));
    updateGeometry();
}

void LeversLine::style()
{
    setTextColor(heading_, Theme::from(palette()).mutedText);
}

void LeversLine::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        style();
}

} // namespace weighbridge
