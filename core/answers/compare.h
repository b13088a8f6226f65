#pragma once

#include "core/estimate/estimate.h"
#include "core/estimate/question.h"
#include "core/quantity/bytes.h"
#include "core/quantity/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

inline constexpr std::size_t fewest_setups = 2;
inline constexpr std::size_t most_setups = 8;

/// One of those held against each other.
struct Setup
{
    std::string name;
    std::optional<Question> question{}; ///< nothing where it could not be resolved
    std::string error{};                ///< why it has no figures
    EstimatePointer estimate{};         ///< null with an error
};

/// A key whose value differs.
struct ComparedKey
{
    std::string key;
    std::vector<std::string> values; ///< of every setup as used; empty: nothing
    std::vector<bool> chosen;        ///< or filled in
};

/// Why a term differs from that of the first setup.
struct Reason
{
    std::string_view kind;             ///< "number", "formula", "rule", "absent"; a literal
    std::string symbol{};              ///< of `number`
    std::vector<std::string> values{}; ///< the two numbers or formulas, the first setup's first
    std::vector<std::string> keys{};   ///< that bring it about, each by itself
    std::string text{};                ///< in a sentence without its full stop
};

/// A term of any of the setups.
struct ComparedTerm
{
    std::string id;
    std::string label;
    int depth = 0;
    std::vector<std::optional<Bytes>> bytes{};    ///< nothing where a setup has no such term
    std::vector<std::int64_t> differences{};      ///< from the first setup's, nothing counting as 0
    std::vector<std::optional<Reason>> reasons{}; ///< where the difference is not 0
};

struct ComparedFigure
{
    std::string id;
    std::string label;
    std::string_view unit;
    std::vector<std::optional<double>> values{};
};

/// Two to eight setups side by side; the first is what the others are held against.
struct SetupComparison
{
    std::vector<Setup> setups;
    std::vector<ComparedKey> keys;
    std::vector<ComparedTerm> terms; ///< in the order of the report, a child below its term
    std::vector<ComparedFigure> figures;
};

/// A setup that is refused has its refusal, the others stand. The error: fewer than two or more than eight, tasks that
/// differ, or a first one without an answer.
Result<SetupComparison> compare(std::vector<Setup> setups);

} // namespace weighbridge
