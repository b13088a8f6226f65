#pragma once

#include "core/model/model.h"
#include "core/sources/config_reader.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>
#include <vector>

namespace weighbridge {

/// A note with the numbers that config.json leaves out and transformers' class defaults supply.
void note_defaults(const ReadLog& log, std::vector<Issue>& issues);

/// The object's keys that no reader asked for and that may decide weights or caches: not those that hold "none" (null,
/// false, 0, empty), nor those that decide neither in any published file, by parts of their names.
std::vector<std::string> keys_not_understood(const nlohmann::json& object, const ReadLog& log);

/// A warning when the object has keys that decide weights or caches elsewhere and that this family's reader did not ask
/// for.
void warn_unread_keys(const nlohmann::json& object, const ReadLog& log, std::string_view family,
                      std::vector<Issue>& issues);

} // namespace weighbridge
