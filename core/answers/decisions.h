#pragma once

#include "core/answers/book_steps.h"
#include "core/answers/recommend.h"
#include "core/estimate/estimate.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// The steps in which a scenario is decided, after the book appendix, B.12: what for, which network, how many tokens,
/// on what.
enum class DecisionStep
{
    scenario,
    model,
    context,
    hardware,
};

/// The step that decides how large a first-level term is: the model what grows with parameters, the context what grows
/// with tokens, the hardware (with its engine) the rest.
DecisionStep decided_by(std::string_view term_id);

/// What one parameter costs, by what it is for.
struct ParameterCost
{
    std::string_view label; ///< English; a literal
    double bytes = 0;       ///< per parameter of `parameters`, their average: tensors may differ
    double parameters = 0;  ///< those that cost it: all, or the trained ones
};

/// What the steps before the hardware decide: everything on one GPU, before anything is shared out.
struct Decisions
{
    EstimatePointer whole; ///< on one GPU of the scenario's kind, however small that is
    std::vector<ParameterCost> per_parameter;
    double trained_parameters = 0; ///< 0 for inference

    Bytes by_model;     ///< terms decided by the model
    Bytes by_context;   ///< by the context, where the whole peaks
    Bytes context_most; ///< by the context at any moment: of a training step that need not be the peak
    const Moment* context_moment = nullptr; ///< that moment, in `whole`; null for inference
    Bytes beside;                           ///< by the hardware and what runs on it
    BookOverhead overhead;                  ///< what the appendix would add in its place
    double book_total_low = 0;              ///< bytes: model and context with that overhead
    double book_total_high = 0;

    /// Overhead as a share of the rest; 0 where there is no rest.
    double overhead_share() const;
};

using DecisionsPointer = std::shared_ptr<const Decisions>;

/// The scenario with nothing shared out: one GPU, whatever layout it has. Also the usable share and the
/// number of GPUs at hand are forgotten: the hardware decides them anew.
Scenario before_hardware(Scenario scenario);
/// The question about that scenario.
Question before_hardware(Question question);

/// The error is that of before_hardware()'s question without an answer.
Result<DecisionsPointer> decide(const Question& question);

/// The configurations that the scenario can be put on, of those that before_hardware()'s question was recommended:
/// those that fit, without those that it would not be shared out over (the book's rules know one GPU).
std::vector<const Recommendation*> eligible(const Recommendations& recommendations, const Scenario& scenario);

/// What speaks against one of the GPUs that a tier of the book names.
struct TierObjection
{
    std::string card;   ///< "M3 Ultra"
    std::string reason; ///< why the engine can't use it, or that nobody knows; empty where it is only too small
    Bytes needed;       ///< on one of them, and what may be used of it: where it is too small
    Bytes usable;
};

/// The book goes by printed memory alone. Of the GPUs it names, those that the recommendations refuse or find too
/// small.
std::vector<TierObjection> objections_to(const BookTier& tier, const Recommendations& recommendations);

/// The reason that all configurations are refused for; empty where some are not, or where reasons differ.
std::string refused_everywhere(const Recommendations& recommendations);

/// The scenario on one of them, laid out as recommended: an estimate of it has the row's `needed` as its total.
Scenario placed_on(const Scenario& scenario, const Configuration& configuration, const Recommendation& row);

/// Whether the scenario names that configuration's accelerator and that layout.
bool is_placed_on(const Scenario& scenario, const Configuration& configuration, const Recommendation& row);

/// Another value of one field, worth looking at when the hardware is too small or too dear.
struct Alternative
{
    std::string_view key; ///< of scenario_fields()
    std::string_view value;
    std::string_view label;  ///< English; a literal
    std::string_view remark; ///< what the appendix says of it; empty: nothing
    bool chosen = false;     ///< the scenario has it
};

/// Inference: weights in fewer bits, in formats that the engine loads. Fine-tuning: its methods. Training: sharding,
/// and an optimizer with smaller states.
std::vector<Alternative> alternatives(const Question& question);

/// The question with that value; the error where it can't be set.
Result<Question> with_alternative(const Question& question, const Alternative& alternative);

} // namespace weighbridge
