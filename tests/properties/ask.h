#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge::testing {

using nlohmann::json;
using Options = std::vector<std::string>;

/// What `weighbridge estimate` says to a scenario: a report, or the line of its refusal.
struct Answer
{
    json report;
    std::string refusal;

    explicit operator bool() const { return refusal.empty(); }
};

/// Asks the command line in-process, so that what is held true is what people are told; `options` stand beside each
/// scenario.
std::vector<Answer> ask(const std::vector<json>& scenarios, const Options& options = {});
Answer ask(const json& scenario, const Options& options = {});

/// The report as text, in one of the formats of --format.
std::string ask_for(std::string_view format, const json& scenario, const Options& options = {});

/// A copy with one dotted key set otherwise; null removes it.
json but(json scenario, std::string_view key, const json& value);

std::int64_t total(const json& report);
/// Bytes of a term of the first level; 0 where there is none.
std::int64_t term(const json& report, std::string_view id);
/// False where it can't run or nobody knows: no memory decides that.
bool can_be_held(const json& report);
/// Whether the report calls the chosen accelerator large enough.
bool holds(const json& report);

/// A scenario as a person can paste it behind `weighbridge estimate --scenario -`.
std::string pasted(const json& scenario);
/// Two of them that are held against each other.
std::string pasted(const json& scenario, const json& other);

} // namespace weighbridge::testing
