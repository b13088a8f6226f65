#pragma once

#include "core/answers/levers.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

struct Estimate;

/// Keys and the values that they take.
using LeverChange = std::vector<std::pair<std::string, std::string>>;

/// A kind of lever: an option and what it might be set to. It is tried where the scenario's task and engine read the
/// option.
struct LeverRow
{
    std::string_view option;     ///< dotted; ".recompute" is of whichever task trains
    std::string_view value = {}; ///< one, as it is typed; empty: `changes` says
    LeverCost cost = LeverCost::nothing;
    std::string_view cost_text = {};
    /// Where the values depend on the question.
    std::vector<LeverChange> (*changes)(const Estimate& base) = nullptr;
    std::string_view label = {}; ///< of what lowers the peak of a training step: "a chunked loss"
    std::string_view term = {};  ///< the same: id of the term that it makes smaller
};

/// All of them.
std::span<const LeverRow> lever_rows();

/// Whether an option of the task ("fsdp") suits the framework: one that shards as DeepSpeed does is offered its stages,
/// any other FSDP; a loss of a framework's own stays.
bool suits_framework(std::string_view option, const TrainingChoice& choice);

/// Whether an estimate warns of something that the one before does not.
bool warns_anew(const Estimate& tried, const Estimate& before);

/// What figures of two decimals show: less is no saving.
inline constexpr std::int64_t least_saved = 10'000'000;

} // namespace weighbridge
