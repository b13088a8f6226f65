#pragma once

#include <cmath>
#include <compare>
#include <cstdint>

namespace weighbridge {

/// An amount of memory. A type of its own so that no count of tokens or parameters is ever added to it.
struct Bytes
{
    std::int64_t count = 0;

    auto operator<=>(const Bytes&) const = default; // NOLINT(modernize-use-nullptr): a false positive of clang-tidy 14

    constexpr Bytes& operator+=(Bytes other)
    {
        count += other.count;
        return *this;
    }
    friend constexpr Bytes operator+(Bytes a, Bytes b) { return {a.count + b.count}; }
    friend constexpr Bytes operator-(Bytes a, Bytes b) { return {a.count - b.count}; }
};

inline constexpr double bytes_per_mib = 1024.0 * 1024.0;
inline constexpr double bytes_per_gib = 1024.0 * 1024.0 * 1024.0;
inline constexpr double bytes_per_gb = 1e9;

/// Figures above this can't be held exactly by the arithmetic in use (2^53) and are refused, not rounded.
inline constexpr double largest_exact = 9007199254740992.0;

/// Of a part of a byte nothing is there.
inline Bytes whole_bytes(double bytes)
{
    return {static_cast<std::int64_t>(std::floor(bytes))};
}

constexpr double gib(Bytes bytes)
{
    return static_cast<double>(bytes.count) / bytes_per_gib;
}

} // namespace weighbridge
