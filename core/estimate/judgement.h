#pragma once

namespace weighbridge {

struct Estimate;
class Plan;
struct Question;

/// Gives the fits of an estimate their last word: the range, why the engine would not start, what the allocator would
/// hold, what the table of engines says, and the fewest GPUs that would do. `plan` is that of inference; null for
/// training.
void judge_setup(Estimate& result, const Question& question, const Plan* plan);

} // namespace weighbridge
