#include "core/accuracy/left_out_groups.h"

#include <algorithm>

namespace weighbridge {

namespace {

void add(std::vector<SetAside>& groups, const std::string& reason, const std::string& run, bool shown)
{
    auto found = std::find_if(groups.begin(), groups.end(),
                              [&](const SetAside& group) { return group.reason == reason && group.shown == shown; });
    if (found == groups.end())
        found = groups.insert(groups.end(), {reason, {}, shown});
    found->runs.push_back(run);
}

} // namespace

std::vector<SetAside> set_aside(const SetAccuracy& set, const FigureAccuracy& figure)
{
    std::vector<SetAside> groups;
    for (const AccuracyPoint& point : figure.points)
        if (!point.counts())
            add(groups, point.comparison.aside, set.runs[point.run].id, true);
    for (const LeftOut& run : figure.left_out)
        add(groups, run.reason, run.run, false);
    return groups;
}

} // namespace weighbridge
