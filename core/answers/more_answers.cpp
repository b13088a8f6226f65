#include "core/answers/more_answers.h"

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
    if (answers.serve) {
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
    return EstimatePointer(std::move(result));
}

} // namespace weighbridge
