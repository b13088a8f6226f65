#pragma once

#include "core/files/model_path.h"
#include "core/scenario/scenario.h"
#include "core/sources/fetched_model.h"

#include <functional>
#include <memory>
#include <string>

namespace weighbridge {

/// A model, the config it was read from, and the reference that names it again. Presets, fetched models, opened files
/// and typed architectures are the same thing from here on.
struct LoadedModel
{
    ModelReference reference;
    std::shared_ptr<const nlohmann::json> config;
    ModelPointer model;
};

/// What stands behind a reference to the Hub: fetched, or the kept copy. Empty: nothing is fetched here.
using FetchModel = std::function<Result<FetchedModel>(const ModelReference& reference)>;

/// The model that a reference names, whoever asks: the command line, the form, the window and the guide. The reference
/// that comes back names its files where their sizes count, and else holds the config, which then says everything. The
/// error of an unknown model_type has the field "model_type"; paths and names of the Hub are in the message.
Result<LoadedModel> load_model(const ModelReference& reference, const FetchModel& fetch = {},
                               const ReadWatch& watch = {});

/// The same of what has been fetched already.
Result<LoadedModel> load_fetched(const FetchedModel& fetched, ModelReference reference);

/// "Qwen3-8B-GGUF:Q4_K_M" of "Qwen/Qwen3-8B-GGUF@main:Q4_K_M": what a model of the Hub is called: the repository's name
/// without its organisation and revision, and the file.
std::string name_of_repository(std::string_view reference);

} // namespace weighbridge
