#pragma once

#include "core/fields/number_text.h"
#include "core/launch/reading.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What the conversions of training (training_conversions.cpp, framework_conversions.cpp) share.
namespace weighbridge {

/// A conversion by the name that rows give it.
struct Conversion
{
    std::string_view name;
    ReadFlag read;
};

inline bool says_yes(std::string_view value)
{
    return truth_of(value).value_or(true);
}

inline Outcome noted(LaunchFlag& flag, std::string_view note)
{
    flag.note = note;
    return {};
}

inline Outcome without_rule(LaunchFlag& flag, std::string_view note)
{
    flag.read = FlagRead::no_rule;
    flag.key.clear();
    flag.note = note;
    return {};
}

/// Outcome of what only one framework has: torchtune's classes, torchtitan's sections, Megatron's arguments,
/// accelerate's and MLX's. Null where there is none of that name.
ReadFlag framework_conversion(std::string_view name);

/// Reads a count of processes, machines or sequences.
inline Outcome read_whole(std::optional<std::int64_t>& target, const std::string& value, LaunchFlag& flag)
{
    const auto count = parse_count(value);
    if (!count || *count < 1 || *count > 1'000'000)
        return without_rule(flag, "it is no number");
    target = *count;
    return {};
}

} // namespace weighbridge
