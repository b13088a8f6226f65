#pragma once

#include "core/answers/decisions.h"
#include "ui/form/form_field.h"

#include <QString>

#include <array>
#include <vector>

namespace weighbridge {

/// In the order of the guide.
inline constexpr std::array guideSteps = {DecisionStep::scenario, DecisionStep::model, DecisionStep::context,
                                          DecisionStep::hardware};

/// "Scenario", "Model", ...
QString stepTitle(DecisionStep step);
/// What the step asks: "Which model, and how is it stored?"
QString stepQuestion(DecisionStep step);
/// A sentence or two for who has never sized a model.
QString stepHelp(DecisionStep step);

/// The form's own rows that the step asks for, and the groups they stand in.
std::vector<FormField> stepFields(DecisionStep step);
std::vector<FormGroup> stepGroups(DecisionStep step);

} // namespace weighbridge
