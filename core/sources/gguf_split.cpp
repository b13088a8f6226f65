#include "core/sources/gguf_split.h"

#include <array>
#include <cstdio>

namespace weighbridge {

namespace {

constexpr int most_parts = 10'000;

/// Five digits as a number; -1 where they are none.
int five_digits(std::string_view digits)
{
    int value = 0;
    for (const char letter : digits.substr(0, 5)) {
        if (letter < '0' || letter > '9')
            return -1;
        value = value * 10 + (letter - '0');
    }
    return value;
}

} // namespace

std::optional<GgufSplit> gguf_split(std::string_view name)
{
    constexpr std::size_t tail = std::string_view("-00001-of-00003.gguf").size();
    if (name.size() <= tail)
        return std::nullopt;
    const std::string_view rest = name.substr(name.size() - tail);
    const int part = five_digits(rest.substr(1));
    const int parts = five_digits(rest.substr(10));
    if (rest[0] != '-' || rest.substr(6, 4) != "-of-" || rest.substr(15) != ".gguf" || part < 1 || parts < part ||
        parts > most_parts)
        return std::nullopt;
    return GgufSplit{std::string(name.substr(0, name.size() - tail)), part, parts};
}

std::string gguf_part_name(const GgufSplit& split, int part)
{
    std::array<char, 32> tail = {};
    std::snprintf(tail.data(), tail.size(), "-%05d-of-%05d.gguf", part, split.parts);
    return split.prefix + tail.data();
}

} // namespace weighbridge
