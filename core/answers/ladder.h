#pragma once

#include "core/estimate/fit.h"
#include "core/precision/quality.h"
#include "core/quantity/bytes.h"
#include "core/quantity/result.h"
#include "core/speed/speed.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

struct Question;
struct Scenario;

/// A model's weights in one format, with a cache of one type.
struct LadderRow
{
    std::string weights;  ///< as scenarios spell it: "gguf:Q4_K_M"
    std::string kv_cache; ///< the same
    std::string label;
    double bits_per_weight = 0; ///< of the whole model: weight bytes x 8 / parameters that are stored
    bool loads = true;
    std::string refusal{}; ///< why it does not; the figures below mean nothing then
    Bytes weight_bytes{};  ///< on one GPU, as all that follow
    Bytes total{};
    Bytes low{};
    Bytes high{};
    Bytes usable{};
    Verdict verdict = Verdict::not_known;
    std::int64_t max_sequence_length = 0;
    std::int64_t max_concurrent_sequences = 0;
    std::optional<SpeedFigure> decode_tokens_per_second{}; ///< nothing where nobody knows
    QualityLoss quality{};
};

struct Ladder
{
    std::vector<LadderRow> rows; ///< from the most bits to the fewest, of weights and then of the cache
    std::optional<std::size_t> largest_that_fits; ///< the first row that fits
};

using LadderPointer = std::shared_ptr<const Ladder>;

/// What to hold against each other.
struct LadderRange
{
    std::vector<std::string> weights;  ///< empty: every format that the engine loads
    std::vector<std::string> kv_cache; ///< empty: the scenario's, and the engine's usual ones
};

/// The first row that fits of those with that type of cache, of any where it is empty; of several with as many bits
/// that of `own` weights. Nothing where none does.
std::optional<std::size_t> largest_that_fits(const Ladder& ladder, std::string_view kv_cache, std::string_view own);

/// Called before each row; false ends the work.
using LadderProgress = std::function<bool(std::size_t done, std::size_t all)>;

/// What the model would weigh in every format: each row is what an estimate says of the scenario with these two. Of
/// inference only; the error is that of a question without an answer, names a format that nobody knows, or says that it
/// was stopped.
Result<LadderPointer> ladder(const Question& question, const LadderRange& range = {},
                             const LadderProgress& progress = {});

/// The scenario in the formats of that row.
Result<Scenario> in_formats_of(Scenario scenario, const LadderRow& row);

} // namespace weighbridge
