#pragma once

#include "core/quantity/result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace weighbridge {

/// What a JSON text may be at most. Texts come from strangers: the limits keep any of them from exhausting memory or
/// the stack.
struct JsonLimits
{
    std::size_t bytes = std::size_t{8} << 20U;
    int depth = 64;
};

/// Reads JSON as Python writes it: a byte-order mark is skipped; NaN, Infinity and -Infinity are legal and become the
/// strings "NaN", "Infinity", "-Infinity" (no field takes them, so they surface in the message of the field that met
/// them). Refused, with the place: comments, a text longer or nested deeper than the limits, invalid UTF-8, numbers no
/// double holds, duplicate keys, trailing text. `name` is what messages call the text ("config.json"); it is the
/// error's field, but for duplicate keys, which are named themselves.
Result<nlohmann::json> parse_json(std::string_view text, std::string_view name, JsonLimits limits = {});

/// A short, printable form of a JSON value for messages: at most 40 characters, never recursive.
std::string brief(const nlohmann::json& value);

} // namespace weighbridge
