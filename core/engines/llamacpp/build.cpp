#include "core/engines/llamacpp/build.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace weighbridge {

namespace {

/// Day of 2026, January the first being 0, on which a build was made.
struct DatedBuild
{
    int day;
    int number;
};

/// Of public logs and reports that have both.
constexpr std::array dated = {DatedBuild{0, 7600}, DatedBuild{88, 8586}, DatedBuild{141, 9272}, DatedBuild{230, 10505},
                              DatedBuild{253, 10818}};
constexpr int first_of_2026 = 7600;

int built_about(int day)
{
    std::size_t later = 1;
    while (later + 1 < dated.size() && dated.at(later).day < day)
        ++later;
    const DatedBuild& before = dated.at(later - 1);
    const DatedBuild& after = dated.at(later);
    return before.number + (day - before.day) * (after.number - before.number) / (after.day - before.day);
}

std::optional<int> number_at(std::string_view text, std::size_t start, std::size_t digits)
{
    int number = 0;
    if (text.size() < start + digits)
        return std::nullopt;
    const char* end = text.data() + start + digits;
    const auto [rest, problem] = std::from_chars(text.data() + start, end, number);
    return problem == std::errc{} && rest == end ? std::optional(number) : std::nullopt;
}

/// The day of "2026-05" or "2026-05-28".
std::optional<int> day_of_2026(std::string_view text)
{
    constexpr std::array days_before = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    constexpr int middle = 15;
    if (!text.starts_with("2026-"))
        return std::nullopt;
    const auto month = number_at(text, 5, 2);
    if (!month || *month < 1 || *month > static_cast<int>(days_before.size()))
        return std::nullopt;
    const bool has_day = text.size() > 7 && text[7] == '-';
    const auto day = has_day ? number_at(text, 8, 2) : std::optional(middle);
    return days_before.at(static_cast<std::size_t>(*month - 1)) + day.value_or(middle) - 1;
}

} // namespace

LlamaCppBuild llama_cpp_build(std::string_view engine_version)
{
    using namespace std::string_view_literals;
    static constexpr std::array old_years = {"2023"sv, "2024"sv, "2025"sv};
    const auto names = [&](std::string_view word) { return engine_version.find(word) != std::string_view::npos; };
    LlamaCppBuild build;
    build.ik = names("ik_llama");
    if (engine_version.size() > 1 && engine_version.front() == 'b')
        std::from_chars(engine_version.data() + 1, engine_version.data() + engine_version.size(), build.number);
    else if (const auto day = day_of_2026(engine_version))
        build.number = built_about(*day);
    build.old =
        std::any_of(old_years.begin(), old_years.end(), names) || (build.number > 0 && build.number < first_of_2026);
    return build;
}

} // namespace weighbridge
