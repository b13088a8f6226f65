#pragma once

#include "core/quantity/bytes.h"
#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

struct Question;

/// What one field may be at most, or must be at least, with all else as it is asked.
struct Solution
{
    std::string field;     ///< dotted key
    std::string_view goal; ///< "largest", "smallest", "fewest", "least memory", "most room"; a literal
    /// The whole scenario with the value; nothing where no value fits.
    std::optional<Scenario> scenario{};
    std::vector<std::string> keys{};           ///< whose values give it: the field, of a layout several
    std::string_view limited_by{};             ///< "memory", "engine", "range"; empty where no value fits
    double least = 0;                          ///< of the values that were looked at; 0 and 0: a list of names
    double most = 0;                           ///< the same
    std::optional<std::int64_t> model_limit{}; ///< tokens: what the model was made for
    Bytes needed{};                            ///< with the value, of the memory that decides
    Bytes usable{};                            ///< the same
    std::optional<Bytes> total_beyond{};       ///< one step further in the direction of the goal
    std::string why{};                         ///< what keeps it there, in a sentence without its full stop
};

using SolutionsPointer = std::shared_ptr<const std::vector<Solution>>;

/// The fields that can be solved for.
std::vector<std::string_view> solvable_fields();

/// Each alone. A value counts as fitting where an estimate of the scenario with it fits or is tight; the step beyond it
/// does not, or is refused, or is out of range. The error names a field that can't be solved for, or is that of a
/// question without an answer whatever the field's value.
Result<SolutionsPointer> solve(const Question& question, const std::vector<std::string>& fields);

} // namespace weighbridge
