#pragma once

#include "core/accuracy/accuracy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge::testing {

/// The set as it comes out, worked out once per test program: fractions of a second each.
inline const SetAccuracy& measured(std::string_view set)
{
    static std::map<std::string, SetAccuracy, std::less<>> known;
    if (const auto found = known.find(set); found != known.end())
        return found->second;
    const MeasuredSet* row = find_measured_set(set);
    if (row == nullptr)
        std::abort();
    return known.emplace(set, measure_set(*row)).first->second;
}

inline const FigureAccuracy& figure_of(std::string_view set, std::string_view id)
{
    for (const FigureAccuracy& figure : measured(set).figures)
        if (figure.figure->id == id)
            return figure;
    std::abort();
}

/// The worst of what counts, for messages of failing tests.
inline std::string worst(std::string_view set, const FigureAccuracy& figure)
{
    std::vector<const AccuracyPoint*> points;
    for (const AccuracyPoint& point : figure.points)
        if (point.counts())
            points.push_back(&point);
    std::sort(points.begin(), points.end(),
              [](const auto* a, const auto* b) { return std::abs(a->error) > std::abs(b->error); });
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(8, points.size()); ++i)
        text += measured(set).runs[points[i]->run].id + " " + std::to_string(points[i]->comparison.predicted) +
                " for " + std::to_string(points[i]->comparison.measured) + "\n";
    return text;
}

/// A bar of the project's issue: at least so many runs, this share within the tolerance, and half of them within
/// `median`.
struct Expected
{
    std::string_view set;
    std::string_view figure;
    std::size_t runs = 0;
    double tolerance = 0;
    double share = 0;
    double median = 1e9;
};

/// The table of figures has the bar that is expected, and the runs meet it: a bar can't be moved in one place alone.
inline void expect_bar(const Expected& expected)
{
    const FigureAccuracy& figure = figure_of(expected.set, expected.figure);
    const AccuracyBar& bar = figure.figure->bar;
    const std::string name = std::string(expected.set) + " " + std::string(expected.figure);
    EXPECT_EQ(bar.tolerance, expected.tolerance) << name;
    EXPECT_EQ(bar.share, expected.share) << name;
    EXPECT_GE(figure.summary.count, expected.runs) << name;
    EXPECT_GE(figure.summary.share(), expected.share) << name << "\n" << worst(expected.set, figure);
    EXPECT_LE(figure.summary.median, expected.median) << name;
    EXPECT_TRUE(figure.met()) << name;
}

/// Every run that counts is equal to the printed digit.
inline void expect_all_printed(std::string_view set, std::string_view id, std::size_t runs)
{
    const FigureAccuracy& figure = figure_of(set, id);
    EXPECT_EQ(figure.figure->bar.kind, BarKind::printed) << id;
    EXPECT_GE(figure.summary.count, runs) << id;
    for (const AccuracyPoint& point : figure.points) {
        if (point.counts()) {
            EXPECT_TRUE(point.within) << measured(set).runs[point.run].id << " " << point.comparison.predicted
                                      << " for " << point.comparison.measured;
        }
    }
}

} // namespace weighbridge::testing
