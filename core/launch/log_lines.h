#pragma once

#include <span>
#include <string_view>

namespace weighbridge {

/// A line that a tool prints. In `pattern` blanks stand for any number of them, {*} for anything, {name unit} for a
/// number that is a fact in that unit ("~": the unit that stands behind it, "~2": the same,
/// MB meant as MiB), {=name} for a number that is a setting,
/// {device} for a word that stands for "@" in the names after it, {version} for a version.
struct LogLine
{
    std::string_view tool;
    std::string_view pattern;
    bool is_error = false;
};

std::span<const LogLine> log_lines();

} // namespace weighbridge
