#pragma once

#include "core/quantity/display.h"
#include "ui/guide/guide_answers.h"
#include "ui/widgets/table_model.h"

#include <QString>
#include <QStringList>

namespace weighbridge {

/// What a step has decided, in a few words for the bar of steps: "15.0 GiB · Llama-3.1-8B".
QString stepSummary(DecisionStep step, const Decisions& decisions, const Scenario& scenario,
                    const Accelerator& accelerator, ByteUnit unit);

/// What a step decides, in a sentence or two.
QString decisionSentence(DecisionStep step, const Decisions& decisions, ByteUnit unit);

/// The figures of it, with their basis.
Table decisionRows(DecisionStep step, const Decisions& decisions, ByteUnit unit);

/// What the book appendix says of the step, with its source. GPUs are named once `recommendations` are there, with what
/// speaks against them.
QString bookWords(DecisionStep step, const Decisions& decisions, const RecommendationsPointer& recommendations,
                  ByteUnit unit);

/// The first rows of those that hold it, and the one the scenario is on; as many as `rows` names.
struct ShownChoices
{
    Table table;
    std::vector<const Recommendation*> rows; ///< what each row of the table stands for
};
ShownChoices choiceRows(const GuideAnswers& answers, const Scenario& scenario, ByteUnit unit);
/// "The smallest of 72 ..." and how many more there are.
QString choiceSentence(const GuideAnswers& answers, std::size_t shown, ByteUnit unit);

/// A row for each other value, with what would then be the smallest that holds it.
Table insteadRows(const GuideAnswers& answers, ByteUnit unit);
/// What the appendix says of them, a line each.
QString insteadWords(const GuideAnswers& answers);

} // namespace weighbridge
