#include "ui/session/answers.h"

namespace weighbridge {

Answers::Answers(int pause, QObject* parent) : QObject(parent)
{
    pending_.setSingleShot(true);
    pending_.setInterval(pause);
    connect(&pending_, &QTimer::timeout, this, &Answers::answer);
}

void Answers::ask(const EstimatePointer& estimate, const MoreAnswers& wanted)
{
    if (about_ != estimate) {
        about_ = estimate;
        answers_ = nullptr;
        known_ = {};
    }
    wanted_ = wanted;
    pending_.start();
}

void Answers::flush()
{
    if (!pending_.isActive())
        return;
    pending_.stop();
    answer();
}

/// What is wanted less what is known.
MoreAnswers Answers::open() const
{
    MoreAnswers rest = wanted_;
    if (known_.recommend && rest.recommend_within == known_.recommend_within)
        rest.recommend = false;
    if (rest.serve == known_.serve)
        rest.serve.reset();
    rest.save = wanted_.save && !known_.save;
    return rest;
}

void Answers::answer()
{
    if (!about_)
        return;
    MoreAnswers rest = open();
    if (rest.recommend) {
        if (!configurations_)
            configurations_ = standard_configurations();
        rest.configurations = configurations_;
    }
    // An estimate can be asked all of this: lists were checked when they were read.
    const auto answers = with_answers(answers_ ? answers_ : about_, rest);
    if (!answers)
        return;
    answers_ = *answers;
    known_ = wanted_;
    Q_EMIT answered(about_, answers_);
}

} // namespace weighbridge
