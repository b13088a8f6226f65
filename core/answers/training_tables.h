#pragma once

#include "core/estimate/capacity.h"
#include "core/quantity/bytes.h"
#include "core/quantity/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weighbridge {

struct Estimate;
struct ServingRange;

/// What fits of a training step where one thing is another: each answer with all else as it is.
struct TrainingRow
{
    std::int64_t tokens = 0;    ///< of a sequence
    std::int64_t sequences = 0; ///< of a micro batch
    std::string accelerator;    ///< its id
    std::string name;           ///< as cards show it
    Bytes usable;               ///< of one GPU
    TrainingRoom room{};
};

/// The counterpart of serving capacity: how long sequences, how large micro batches, how high a rank and how few GPUs.
struct TrainingTables
{
    std::vector<TrainingRow> by_length;
    std::vector<TrainingRow> by_batch;
    std::vector<TrainingRow> by_accelerator; ///< the scenario's own first
};

using TrainingTablesPointer = std::shared_ptr<const TrainingTables>;

/// Of an estimate of training: over the lengths and, as micro batches, the concurrencies of `range`, and over the
/// accelerators of its cards. The error names a length or a batch that is out of range.
Result<TrainingTablesPointer> training_tables(const Estimate& estimate, const ServingRange& range);

} // namespace weighbridge
