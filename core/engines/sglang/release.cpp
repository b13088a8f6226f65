#include "core/engines/sglang/release.h"

#include <array>
#include <charconv>
#include <string>

namespace weighbridge::sglang {

namespace {

struct Published
{
    std::string_view day;
    Release release;
};

/// The first day of each release on PyPI, oldest first.
constexpr std::array published = {
    Published{"2024-12-03", {0, 4, 0}},  Published{"2024-12-25", {0, 4, 1}},  Published{"2025-01-27", {0, 4, 2}},
    Published{"2025-02-14", {0, 4, 3}},  Published{"2025-03-13", {0, 4, 4}},  Published{"2025-04-07", {0, 4, 5}},
    Published{"2025-04-27", {0, 4, 6}},  Published{"2025-06-10", {0, 4, 7}},  Published{"2025-06-24", {0, 4, 8}},
    Published{"2025-07-06", {0, 4, 9}},  Published{"2025-07-31", {0, 4, 10}}, Published{"2025-08-23", {0, 5, 1}},
    Published{"2025-09-11", {0, 5, 2}},  Published{"2025-10-06", {0, 5, 3}},  Published{"2025-10-24", {0, 5, 4}},
    Published{"2025-11-06", {0, 5, 5}},  Published{"2025-12-03", {0, 5, 6}},  Published{"2026-01-01", {0, 5, 7}},
    Published{"2026-01-23", {0, 5, 8}},  Published{"2026-02-23", {0, 5, 9}},  Published{"2026-04-05", {0, 5, 10}},
    Published{"2026-05-07", {0, 5, 11}}, Published{"2026-05-16", {0, 5, 12}}, Published{"2026-06-11", {0, 5, 13}},
    Published{"2026-06-26", {0, 5, 14}}, Published{"2026-07-10", {0, 5, 15}}, Published{"2026-07-25", {0, 5, 16}},
    Published{"2026-08-08", {0, 5, 17}}, Published{"2026-08-21", {0, 5, 18}}, Published{"2026-09-04", {0, 5, 19}},
    Published{"2026-09-18", {0, 5, 20}}, Published{"2026-10-01", {0, 5, 21}}, Published{"2026-10-16", {0, 5, 22}},
    Published{"2026-10-30", {0, 5, 23}}};

/// "2025-08" reaches to the end of that month: what follows a day's digits is more than any digit.
Release of_day(std::string_view date)
{
    const std::string end = std::string(date) + '~';
    Release newest = published.front().release;
    for (const Published& one : published)
        if (one.day < end)
            newest = one.release;
    return newest;
}

/// Takes a number and the dot behind it off a text; nothing there is -1.
int take_number(std::string_view& text)
{
    int number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc())
        return -1;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with('.'))
        text.remove_prefix(1);
    return number;
}

} // namespace

Release read_release(std::string_view version)
{
    constexpr int first_year = 2020;
    constexpr int last_of_line = 9999;
    if (version.starts_with('v'))
        version.remove_prefix(1);
    std::string_view rest = version;
    Release release;
    release.major = take_number(rest);
    if (release.major >= first_year)
        return of_day(version);
    release.minor = take_number(rest);
    if (release.major < 0 || release.minor < 0)
        return newest_release;
    release.patch = take_number(rest);
    if (release.patch < 0)
        release.patch = last_of_line;
    return release;
}

} // namespace weighbridge::sglang
