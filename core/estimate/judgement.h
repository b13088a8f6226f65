#pragma once

namespace weighbridge {

struct Estimate;
class Plan;
struct Question;
struct TrainingInputs;

/// On what an estimate is judged.
enum class Judged
{
    asked,      ///< the machine that was asked about, alone
    everything, ///< with the fewest GPUs that would do, and the accelerators that it is held against
};

/// The fits of an estimate, on the accelerator that was asked about and on those it is held against: the amount with
/// its range, whether the engine would start, what the allocator would hold, what the table of engines says, and the
/// fewest GPUs that would do. One of `plan` and `step` is null, by the task.
void judge_setup(Estimate& result, const Question& question, const Plan* plan, const TrainingInputs* step,
                 Judged judged = Judged::everything);

} // namespace weighbridge
