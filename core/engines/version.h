#pragma once

#include <compare>
#include <string_view>

namespace weighbridge {

/// The first two numbers of an engine's version.
struct EngineVersion
{
    int major = 0;
    int minor = 0;

    auto operator<=>(const EngineVersion&) const = default; // NOLINT(modernize-use-nullptr): as in Bytes
};

/// Reads "0.19.0", "v0.10.x", "0.26.1rc1.dev608". What does not begin with two numbers, and an empty text, is
/// `newest`.
EngineVersion read_version(std::string_view text, EngineVersion newest);

/// Whether a text names a version, a build or a date: one of its words begins with a digit, after a "v" or "b" that may
/// lead it ("0.11.x", "v0.9.1", "b8586", "2026-08", "mainline (2025)").
bool names_version(std::string_view text);

} // namespace weighbridge
