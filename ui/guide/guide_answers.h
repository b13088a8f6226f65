#pragma once

#include "core/answers/decisions.h"

#include <QObject>
#include <QTimer>

#include <string>
#include <vector>

namespace weighbridge {

/// What would come of another value of one field.
struct InsteadOf
{
    Alternative alternative;
    DecisionsPointer decisions; ///< null where it is refused
    RecommendationsPointer recommendations;
    const Recommendation* smallest = nullptr; ///< of those; null where nothing holds it
    std::string refusal;                      ///< why there is no figure, or why nothing may hold it
};

/// Asks the core for what the guide shows and keeps the immutable answers. What the first three steps decide is there
/// at once; what holds it takes milliseconds, so it comes piece by piece after everything has been painted.
class GuideAnswers : public QObject
{
    Q_OBJECT

public:
    explicit GuideAnswers(QObject* parent = nullptr);

    /// `hardware`: whether anybody looks at what holds it.
    void ask(const Question& question, bool hardware);

    /// Null where the question has no answer; then problem() says why.
    const DecisionsPointer& decisions() const { return decisions_; }
    const Error& problem() const { return problem_; }
    /// Null until they are there.
    const RecommendationsPointer& recommendations() const { return recommendations_; }
    /// Those of the recommendations that the scenario can be put on, the smallest first.
    const std::vector<const Recommendation*>& eligible() const { return eligible_; }
    /// As many as are there.
    const std::vector<InsteadOf>& instead() const { return instead_; }
    bool isComplete() const { return recommendations_ && waiting_.empty(); }
    /// Asks at once for all that is pending.
    void flush();

Q_SIGNALS:
    /// Recommendations of a new question are there.
    void recommended();
    /// Another answer is there.
    void answered();

private:
    void askForMore();
    void recommendNow();
    void askInstead(const Alternative& alternative);

    Question question_;
    Scenario asked_;     ///< that the recommendations belong to, without its hardware
    ModelPointer model_; ///< the same
    DecisionsPointer decisions_;
    Error problem_;
    ConfigurationsPointer configurations_;
    RecommendationsPointer recommendations_;
    std::vector<const Recommendation*> eligible_;
    std::vector<InsteadOf> instead_;
    std::vector<Alternative> waiting_; ///< the next one last
    QTimer pending_;
};

} // namespace weighbridge
