#include "tests/ui/accuracy/sample_accuracy.h"

#include <nlohmann/json.hpp>

#include <array>

namespace weighbridge::sample {

namespace {

constexpr AccuracyFigure weights = {"weights", "Weights", "GiB", 2, {BarKind::relative, 0.1, 0.9, {}}, nullptr};
constexpr AccuracyFigure graphs = {"graphs", "Graphs", "GiB", 2, {BarKind::absolute, 0.5, 0.9, {}}, nullptr};
constexpr AccuracyFigure cache = {"cache", "Cache", "MiB", 2, {BarKind::printed, 0, 1, {}}, nullptr};
constexpr std::array first_figures = {weights, graphs, cache};
constexpr std::array second_figures = {weights};

const MeasuredSet first = {"first", "First", "Logs of the first engine.", "", nullptr, first_figures};
const MeasuredSet second = {"second", "Second", "Logs of the second engine.", "", nullptr, second_figures};

MeasuredRun run(const char* id, const char* model)
{
    return {id, model, "1.0", "one GPU", "a log in the open", Record(nlohmann::json::object()), {}};
}

FigureAccuracy figure(const AccuracyFigure& of, std::vector<Comparison> comparisons)
{
    FigureAccuracy result;
    result.figure = &of;
    std::vector<const Comparison*> pointers;
    for (std::size_t i = 0; i < comparisons.size(); ++i) {
        AccuracyPoint point;
        point.run = i;
        point.error = comparison_error(of.bar, comparisons[i]);
        point.within = within_bar(of.bar, comparisons[i]);
        point.comparison = comparisons[i];
        point.cause = point.misses() ? "Nobody told how." : "";
        pointers.push_back(&comparisons[i]);
        result.points.push_back(std::move(point));
    }
    result.summary = summarize(of, pointers);
    return result;
}

} // namespace

AccuracyPointer accuracy()
{
    auto result = std::make_shared<Accuracy>();
    SetAccuracy& one = result->sets.emplace_back();
    one.set = &first;
    one.runs = {run("run-1", "Small"), run("run-2", "Middle"), run("run-3", "Large"), run("run-4", "Odd")};
    one.figures.push_back(figure(weights, {{10, 10, 9.5, 10.5, false, {}},
                                           {100, 102, 101, 103, false, {}},
                                           {1000, 1300, {}, {}, false, {}},
                                           {5, 50, {}, {}, false, "the log is torn"}}));
    one.figures.back().left_out.push_back({"run-5", "it has no end"});
    one.figures.push_back(figure(graphs, {{-0.1, 0.2, {}, {}, false, {}}, {1.2, 1, {}, {}, false, {}}}));
    one.figures.push_back(figure(cache, {{64, 64, {}, {}, true, {}}, {128, 128, {}, {}, true, {}}}));
    SetAccuracy& two = result->sets.emplace_back();
    two.set = &second;
    two.figures.push_back(figure(weights, {}));
    return result;
}

} // namespace weighbridge::sample
