#pragma once

#include "core/estimate/capacity.h"
#include "core/estimate/question.h"

#include <optional>
#include <vector>

namespace weighbridge {

/// Asks a training step backwards: memory grows with length, batch and rank, and falls with the data-parallel ranks
/// that share what is sharded. Refers to the question.
class TrainingSearch
{
public:
    explicit TrainingSearch(const Question& question) : question_(question) {}

    /// False of the book's rules, which know no ranks.
    bool answers() const { return !question_.scenario.training()->book_rules; }

    /// The fewest data-parallel ranks with which the step fits `usable` bytes of each GPU: 1 to 8, then multiples of 8,
    /// up to 64 GPUs.
    std::optional<std::int64_t> fewest_ranks(Bytes usable);

    TrainingRoom room(Bytes usable);

private:
    struct Ranks
    {
        std::int64_t ranks = 1;
        Bytes total;
    };

    const std::vector<Ranks>& by_ranks();

    const Question& question_;
    std::optional<std::vector<Ranks>> by_ranks_;
};

} // namespace weighbridge
