#pragma once

#include "core/estimate/fit.h"
#include "core/quantity/bytes.h"
#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

struct Question;

/// What a lever costs, the cheapest first.
enum class LeverCost
{
    nothing,
    slower,
    quality,
    host_memory,
    hardware,
};

/// "host_memory".
std::string_view cost_name(LeverCost cost);

/// A change of the scenario that frees memory, makes it fit, or both.
struct Lever
{
    std::string id;                ///< "precision.kv_cache=fp8"; of a pair both, with a comma
    std::string label;             ///< "KV cache FP8, per tensor", "enforce_eager"
    std::vector<std::string> keys; ///< that are set, with the values in `scenario`
    Scenario scenario;             ///< the one that was asked, with the change
    Bytes saved;                   ///< per GPU; negative where it takes more and still makes it fit
    Bytes total;                   ///< per GPU, with the change
    Verdict verdict = Verdict::not_known;
    bool makes_it_fit = false;       ///< it did not before
    std::int64_t more_sequences = 0; ///< at a time, of the scenario's length; of inference
    std::int64_t more_tokens = 0;    ///< of the longest context or sequence
    LeverCost cost = LeverCost::nothing;
    std::string cost_text;           ///< "0.4 to 1.6 % more perplexity (5 models)", "no CUDA graphs"
    Bytes host;                      ///< that come to lie in the host's memory
    std::vector<std::string> pair{}; ///< the ids of the two levers of a pair
};

struct Levers
{
    std::vector<Lever> list; ///< what makes it fit by cost and then by saving; then the rest by saving
};

using LeversPointer = std::shared_ptr<const Levers>;

/// Called before each lever; false ends the work.
using LeversProgress = std::function<bool(std::size_t done, std::size_t all)>;

/// What would make it fit, or free the most: each a change that the scenario takes, whose estimate says the total and
/// the verdict that stand here. What the engine refuses or can't run is no lever, nor what it warns of without a fit.
/// Where no single one of them makes it fit, pairs that do are added. The error is that of a question without an
/// answer, or says that it was stopped.
Result<LeversPointer> levers(const Question& question, const LeversProgress& progress = {});

} // namespace weighbridge
