#pragma once

#include "core/answers/more_answers.h"

#include <QObject>
#include <QTimer>

#include <optional>

namespace weighbridge {

/// Asks the core what takes longer than an estimate, after whatever is still to be painted, and hands out an estimate
/// with the answers in it. Views say what they want and show what comes.
class Answers : public QObject
{
    Q_OBJECT

public:
    /// Asks once nothing new has been wanted for so many milliseconds; at once, but for what is to be painted, with 0.
    explicit Answers(int pause = 0, QObject* parent = nullptr);

    /// What is wanted from now on. What is known of that estimate already is not asked again.
    void ask(const EstimatePointer& estimate, const MoreAnswers& wanted);
    /// Asks at once what is still open; for tests.
    void flush();

Q_SIGNALS:
    /// `about` is the estimate that was asked about, `answers` the same with everything wanted.
    void answered(const weighbridge::EstimatePointer& about, const weighbridge::EstimatePointer& answers);

private:
    void answer();
    MoreAnswers open() const;

    EstimatePointer about_;
    MoreAnswers wanted_;
    EstimatePointer answers_; ///< null until something about `about_` is known
    MoreAnswers known_;
    ConfigurationsPointer configurations_;
    QTimer pending_;
};

} // namespace weighbridge
