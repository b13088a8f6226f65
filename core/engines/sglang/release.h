#pragma once

#include <compare>
#include <string_view>

namespace weighbridge::sglang {

/// A release of SGLang, whose rules change with the third number.
struct Release
{
    int major = 0;
    int minor = 0;
    int patch = 0;

    auto operator<=>(const Release&) const = default; // NOLINT(modernize-use-nullptr): as in Bytes
};

/// The newest release whose rules are known here.
inline constexpr Release newest_release{0, 5, 23};

/// Reads "0.5.14", "v0.5.2.post1", "0.5.10rc0"; "0.5" is the last of its line. A date ("2025-08", "2026") is the newest
/// release of that day, month or year. An empty text and what is neither are the newest known.
Release read_release(std::string_view version);

} // namespace weighbridge::sglang
