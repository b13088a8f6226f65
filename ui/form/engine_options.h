#pragma once

#include "ui/form/form_field.h"

#include <vector>

namespace weighbridge {

/// A row for every option of the engines that are built, from the core's table of fields: named as the engine names it,
/// in sight while that engine is chosen. `fields` are the rows written by hand; options among them get no second row.
void addEngineOptions(std::vector<FormField>& fields);

/// Takes rows out of sight whose field the task or the engine that is chosen does not read.
void hideUnreadOptions(std::vector<FormField>& fields);

/// The engines that are built.
QList<FieldChoice> engineChoices();

/// Whether the engine that is chosen tells versions apart, and which.
bool engineHasVersions(const Session& session);
QString engineVersions(const Session& session);

} // namespace weighbridge
