#pragma once

namespace weighbridge {

struct Estimate;
class Plan;
struct Question;
struct TrainingInputs;

/// The fits of an estimate, on the accelerator that was asked about and on those it is held against: the amount with
/// its range, whether the engine would start, what the allocator would hold, what the table of engines says, and the
/// fewest GPUs that would do. One of `plan` and `step` is null, by the task.
void judge_setup(Estimate& result, const Question& question, const Plan* plan, const TrainingInputs* step);

} // namespace weighbridge
