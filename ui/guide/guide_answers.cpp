#include "ui/guide/guide_answers.h"

#include <algorithm>
#include <utility>

namespace weighbridge {

namespace {

/// With nothing shared out, and of each GPU as much usable as the verdict on the chosen one says.
Question toPlace(const Question& question)
{
    Question placed = before_hardware(question);
    placed.scenario.hardware.usable_fraction = question.scenario.hardware.usable_fraction;
    return placed;
}

/// What recommendations depend on: all but the hardware, which they decide.
Scenario withoutHardware(Scenario scenario)
{
    const std::string accelerator = scenario.hardware.accelerator;
    const auto usable = scenario.hardware.usable_fraction; // the verdict above goes by it as well
    scenario.hardware = {};
    scenario.hardware.usable_fraction = usable;
    if (scenario.inference.total_memory_bytes)
        scenario.hardware.accelerator = accelerator; // what it reports is known of that one alone
    return scenario;
}

} // namespace

GuideAnswers::GuideAnswers(QObject* parent) : QObject(parent)
{
    pending_.setSingleShot(true);
    pending_.setInterval(0);
    connect(&pending_, &QTimer::timeout, this, &GuideAnswers::askForMore);
}

void GuideAnswers::ask(const Question& question, bool hardware)
{
    question_ = question;
    auto decided = decide(question_);
    decisions_ = decided ? std::move(*decided) : nullptr;
    problem_ = decided ? Error{} : decided.error();
    Scenario asked = withoutHardware(question_.scenario);
    if (asked != asked_ || model_ != question_.model) {
        asked_ = std::move(asked);
        model_ = question_.model;
        eligible_.clear();
        instead_.clear();
        waiting_.clear();
        recommendations_.reset();
        pending_.stop();
    }
    if (hardware && decisions_ && !isComplete())
        pending_.start();
}

void GuideAnswers::askForMore()
{
    if (!decisions_)
        return;
    if (!recommendations_) {
        recommendNow();
    } else if (!waiting_.empty()) {
        const Alternative next = waiting_.back();
        waiting_.pop_back();
        askInstead(next);
    }
    if (recommendations_ && !waiting_.empty())
        pending_.start();
    Q_EMIT answered();
}

void GuideAnswers::recommendNow()
{
    if (!configurations_)
        configurations_ = standard_configurations();
    auto recommended = recommend(toPlace(question_), std::nullopt, configurations_);
    if (!recommended)
        return; // decide() refused the same question before, and said why
    recommendations_ = std::move(*recommended);
    eligible_ = weighbridge::eligible(*recommendations_, question_.scenario);
    waiting_ = alternatives(question_);
    std::reverse(waiting_.begin(), waiting_.end());
    Q_EMIT this->recommended();
}

void GuideAnswers::askInstead(const Alternative& alternative)
{
    InsteadOf instead;
    instead.alternative = alternative;
    const auto changed = with_alternative(question_, alternative);
    const auto decided = changed ? decide(*changed) : Result<DecisionsPointer>(changed.error());
    if (decided) {
        instead.decisions = *decided;
        if (const auto found = recommend(toPlace(*changed), std::nullopt, configurations_)) {
            instead.recommendations = *found;
            const auto rows = weighbridge::eligible(**found, changed->scenario);
            instead.smallest = rows.empty() ? nullptr : rows.front();
            instead.refusal = refused_everywhere(**found);
        }
    } else {
        instead.refusal = decided.error().message;
    }
    instead_.push_back(std::move(instead));
}

void GuideAnswers::flush()
{
    pending_.stop();
    while (decisions_ && !isComplete()) {
        askForMore();
        if (!recommendations_)
            break;
    }
    pending_.stop();
}

} // namespace weighbridge
