#pragma once

#include "core/accuracy/measured_set.h"

#include <string_view>

namespace weighbridge {

/// A training or fine-tuning step whose memory somebody published: a row of training.jsonl.
Result<MeasuredRun> read_training_run(const Record& record, MeasuredModels& models);

/// What the tool that measured would have shown, in bytes: `metric` is "allocated" (torch.cuda.max_memory_allocated),
/// "reserved" (max_memory_reserved), "device" (nvidia-smi) or "capacity" (the card that the longest context fills).
double shown_training_bytes(const Estimate& estimate, std::string_view metric);

} // namespace weighbridge
