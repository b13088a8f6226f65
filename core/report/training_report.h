#pragma once

#include "core/answers/savings.h"
#include "core/estimate/estimate.h"
#include "core/quantity/display.h"

#include <string>
#include <vector>

namespace weighbridge {

/// A table as text: the first column is a name, the others are numbers.
struct TextRows
{
    std::vector<std::string> headings;
    std::vector<std::vector<std::string>> cells;
    std::vector<std::string> notes; ///< below the table, to which "(1)" in a cell refers
};

/// "2,048 tokens × 1 sequence, LoRA rank 16 with Hugging Face Trainer, AdamW; 1 × H100 SXM 80 GB".
std::string training_line(const Estimate& estimate);

/// "peak at end of forward".
std::string peak_phrase(const TrainingMemory& memory);

/// "Peak at end of forward, 20.12 GiB allocated, about 21.40 GiB reserved: the activations of every layer ...".
std::string peak_line(const TrainingMemory& memory, ByteUnit unit = ByteUnit::gib);

/// "What would lower it: of logits and loss, 3.91 GiB, a fused linear cross entropy would save 3.64 GiB, a chunked
/// loss 2.10 GiB; each alone", empty where nothing does.
std::string savings_line(const TrainingMemory& memory, const Savings& savings, ByteUnit unit = ByteUnit::gib);

/// A row per moment of the fullest stage: its terms in GiB, the peak marked.
TextRows moment_rows(const TrainingMemory& memory);

/// A row per pipeline stage; none where there is one stage.
TextRows stage_rows(const TrainingMemory& memory);

} // namespace weighbridge
