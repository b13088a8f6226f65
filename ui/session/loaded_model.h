#pragma once

#include "core/files/load_model.h"
#include "core/sources/hf_config.h"

#include <QByteArray>
#include <QString>

namespace weighbridge {

Result<LoadedModel> loadPreset(const QString& name);

/// A config.json from a file or the Hub. `name` is what to call the model; `source` where it came from.
/// An unknown model_type is an error whose field is "model_type", unless `options` allow to read it as a Llama-like
/// decoder.
Result<LoadedModel> loadConfig(const QByteArray& bytes, const QString& name, const QString& source,
                               const ImportOptions& options = {});

/// What came from the Hub. With headers of weights the reference is to the Hub, so that they are taken from the kept
/// copy when the scenario is used again; without them to the config, which then says everything. `source` is
/// "org/name", with @revision and :FILE. Errors as above.
Result<LoadedModel> loadFetched(const FetchedModel& fetched, const QString& name, const QString& source,
                                const ImportOptions& options = {});

/// The form's own decoder with the shape of an architecture (its widest attention, its dense layers), to be edited
/// freely.
Result<LoadedModel> loadCustom(const Architecture& shape);

/// "Llama-3.1-8B" of "meta-llama/Llama-3.1-8B".
QString shortModelName(const QString& name);

} // namespace weighbridge
