#include "core/answers/step_timeline.h"

#include "core/estimate/question.h"

namespace weighbridge {

Result<TimelinePointer> step_timeline(const Question& question)
{
    if (question.scenario.training() == nullptr)
        return Error{"task", "task is \"" + question.scenario.task + "\"; a step with a timeline is of training"};
    const auto checked = check(question);
    if (!checked)
        return checked.error();
    return std::make_shared<const Timeline>(training_timeline(checked->step()));
}

} // namespace weighbridge
