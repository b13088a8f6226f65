#pragma once

#include "core/estimate.h"

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
std::string peak_line(const TrainingMemory& memory);

/// A row per moment of the fullest stage: its terms in GiB, the peak marked.
TextRows moment_rows(const TrainingMemory& memory);

/// A row per pipeline stage; none where there is one stage.
TextRows stage_rows(const TrainingMemory& memory);

} // namespace weighbridge
