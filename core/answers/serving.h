#pragma once

#include "core/estimate/capacity.h"
#include "core/hardware/accelerator.h"
#include "core/quantity/bytes.h"
#include "core/quantity/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weighbridge {

struct Question;

/// Requests of one length.
struct LengthRow
{
    std::int64_t tokens = 0;
    std::int64_t max_concurrent_sequences = 0; ///< 0 where not even one fits; most_sequences means "at least"
    Bytes one_sequence;                        ///< what the cache of one of them takes on a GPU, beside the others
    std::string remark; ///< what the engine or the model has against it, in a sentence; empty: nothing
};

/// So many requests at a time.
struct ConcurrencyRow
{
    std::int64_t sequences = 0;
    std::int64_t max_sequence_length = 0; ///< tokens each; 0 where not even one fits; most_tokens means "at least"
    std::string remark;
};

/// A point of a curve: `at` tokens or sequences take `bytes` on the fullest GPU.
struct ServingPoint
{
    std::int64_t at = 0;
    double bytes = 0;
};

/// What may be used of one accelerator.
struct CapacityLine
{
    std::string accelerator; ///< its id
    std::string name;        ///< as cards show it
    Bytes usable;
    bool chosen = false; ///< the scenario's own, the others are pinned
};

/// How much traffic a scenario's hardware serves with its engine, by memory.
struct ServingCapacity
{
    std::vector<LengthRow> by_length;           ///< from short to long
    std::vector<ConcurrencyRow> by_concurrency; ///< from few to many
    Capacity cache;                             ///< what the estimate's own says
    std::vector<ServingPoint> over_context;     ///< at the scenario's concurrency; ascending, at most 200
    std::vector<ServingPoint> over_concurrency; ///< at its length
    std::vector<CapacityLine> lines;            ///< the chosen accelerator first
};

using ServingPointer = std::shared_ptr<const ServingCapacity>;

/// What to work out besides the scenario's own length and concurrency.
struct ServingRange
{
    std::vector<std::int64_t> lengths = {2000, 8000, 32000, 128000}; ///< those of the book appendix, B.11
    std::vector<std::int64_t> concurrencies = {1, 8, 32, 128};

    bool operator==(const ServingRange&) const = default;
};

/// Of inference only. The error is that of a question without an answer, or names a length or a number of sequences
/// that is out of range.
Result<ServingPointer> serving_capacity(const Question& question, const ServingRange& range = {});

} // namespace weighbridge
