#pragma once

#include "core/quantity/result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// The part of YAML that configuration files are written in: nested maps and lists by indentation, flow lists and maps,
/// quoted and plain scalars, block scalars, comments. No anchors, aliases, tags or merge keys: they stay texts. A key
/// that stands twice keeps its last value. Bounded in size and depth.
Result<nlohmann::ordered_json> parse_yaml(std::string_view text);

/// TOML of configuration files: sections, dotted keys, strings, numbers, lists on one or several lines.
Result<nlohmann::ordered_json> parse_toml(std::string_view text);

/// A literal of YAML, TOML or Python: a number, a truth value, null or None, a quoted text, a list, a map; what is none
/// of these is a text.
nlohmann::ordered_json literal(std::string_view text);

/// NAME: VALUE of every leaf, with dots between the names of nested maps; lists are leaves.
std::vector<std::pair<std::string, nlohmann::ordered_json>> leaves(const nlohmann::ordered_json& root);

/// As a flag's value: texts as they are, the rest in JSON.
std::string value_text(const nlohmann::ordered_json& value);

} // namespace weighbridge
