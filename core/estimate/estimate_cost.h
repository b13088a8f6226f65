#pragma once

namespace weighbridge {

struct Cost;
struct Estimate;
struct Question;
struct Speed;

/// Price, energy and run of an estimate that was at least judged, at that speed.
Cost cost_of_setup(const Estimate& found, const Speed& speed, const Question& question);

/// Price, energy and run of an estimate that has its speed and its fits: those on which its cards stand as well.
void add_cost(Estimate& result, const Question& question);

} // namespace weighbridge
