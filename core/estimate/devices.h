#pragma once

namespace weighbridge {

struct Estimate;
struct Question;
struct TrainingInputs;
class Plan;
class QuestionSupport;

/// What every device and the host hold, each with its verdict: `result.devices` and `result.host`. The fullest device
/// has been judged before; where another one or the host stands worse, its verdict becomes that of the whole. One of
/// `plan` and `step` is null, by the task.
void share_out(Estimate& result, const Question& question, const QuestionSupport& support, const Plan* plan,
               const TrainingInputs* step);

} // namespace weighbridge
