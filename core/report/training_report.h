#pragma once

#include "core/answers/savings.h"
#include "core/estimate/estimate.h"
#include "core/quantity/display.h"
#include "core/report/table.h"
#include "core/training/timeline.h"

#include <string>

namespace weighbridge {

/// "2,048 tokens × 1 sequence, LoRA rank 16 with Hugging Face Trainer, AdamW; 1 × H100 SXM 80 GB".
std::string training_line(const Estimate& estimate);

/// "peak at end of forward".
std::string peak_phrase(const TrainingMemory& memory);

/// "Peak at end of forward, 20.12 GiB allocated, about 21.40 GiB reserved: the activations of every layer ...".
std::string peak_line(const TrainingMemory& memory, ByteUnit unit = ByteUnit::gib);

/// "What would lower it: of logits and loss, 3.91 GiB, a fused linear cross entropy would save 3.64 GiB, a chunked
/// loss 2.10 GiB; each alone", empty where nothing does.
std::string savings_line(const TrainingMemory& memory, const Savings& savings, ByteUnit unit = ByteUnit::gib);

/// A row per moment of the fullest stage: its terms in GiB, the peak marked. For people.
Table moments_table(const TrainingMemory& memory);

/// A row per term of every moment of every stage. For programs.
Table moment_terms_table(const TrainingMemory& memory);

/// A row per point of a step's timeline, all stages. For programs.
Table timeline_table(const Timeline& timeline);
/// The points of the fullest stage in GiB by kind, the peak marked. For people.
Table timeline_lines(const Timeline& timeline);

/// A row per pipeline stage.
Table stages_table(const TrainingMemory& memory);

/// The fullest stage and its peak, one row. For programs.
Table peak_table(const TrainingMemory& memory);

} // namespace weighbridge
