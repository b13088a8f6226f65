#include "core/answers/more_answers.h"

#include "core/answers/levers.h"
#include "core/answers/step_timeline.h"
#include "core/answers/training_tables.h"

namespace weighbridge {

Result<EstimatePointer> with_answers(const EstimatePointer& estimate, const MoreAnswers& answers)
{
    auto result = std::make_shared<Estimate>(*estimate);
    if (answers.recommend) {
        auto recommended = recommend(question_of(*estimate), answers.recommend_within, answers.configurations);
        if (!recommended)
            return recommended.error();
        result->recommendations = std::move(*recommended);
    }
    if (answers.serve && estimate->training) {
        auto tables = training_tables(*estimate, *answers.serve);
        if (!tables)
            return tables.error();
        result->training_tables = std::move(*tables);
    } else if (answers.serve) {
        auto serving = serving_capacity(question_of(*estimate), *answers.serve);
        if (!serving)
            return serving.error();
        result->serving = std::move(*serving);
    }
    if (answers.save) {
        auto saving = savings(question_of(*estimate));
        if (!saving)
            return saving.error();
        result->savings = std::move(*saving);
    }
    if (answers.ladder) {
        auto rows = ladder(question_of(*estimate), *answers.ladder);
        if (!rows)
            return rows.error();
        result->ladder = std::move(*rows);
    }
    if (!answers.solve.empty()) {
        auto solved = solve(question_of(*estimate), answers.solve);
        if (!solved)
            return solved.error();
        result->solutions = std::move(*solved);
    }
    if (answers.levers) {
        auto found = levers(question_of(*estimate));
        if (!found)
            return found.error();
        auto told = std::make_shared<Levers>(**found);
        if (answers.levers_limit && told->list.size() > *answers.levers_limit)
            told->list.resize(*answers.levers_limit);
        result->levers = std::move(told);
    }
    if (answers.timeline) {
        auto timeline = step_timeline(question_of(*estimate));
        if (!timeline)
            return timeline.error();
        result->timeline = std::move(*timeline);
    }
    return EstimatePointer(std::move(result));
}

} // namespace weighbridge
