#pragma once

#include "core/engines/llamacpp/run.h"
#include "core/engines/ollama/settings.h"

namespace weighbridge {

/// What the runner is started with, every layer on the GPUs of the settings by free memory.
LlamaCppRun ollama_start(const InferenceInputs& load, const OllamaSettings& settings, std::int64_t slots,
                         std::int64_t batch);

/// The run of a load, its layers placed: as they were kept, else by the release's own rules. The projector lies where
/// it goes.
LlamaCppRun ollama_run(const InferenceInputs& load);

/// A load with its placement, which searches keep.
InferenceInputs ollama_placed(InferenceInputs load);

/// Bytes that a GPU of the run may hold where the release places layers by itself: what it leaves free is not counted.
double ollama_target(const OllamaSettings& settings, const InferenceInputs& load, std::size_t number);

} // namespace weighbridge
