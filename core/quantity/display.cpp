#include "core/quantity/display.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <string_view>

namespace weighbridge {

namespace {

constexpr std::string_view no_break_space = "\u00A0";
constexpr std::string_view no_number = "—";

/// A unit and how much one of it is.
struct Unit
{
    double size;
    std::string_view name;
};

constexpr double kib = 1024.0;
constexpr std::array<Unit, 3> binary_units = {
    {{kib * kib, "MiB"}, {kib * kib * kib, "GiB"}, {kib * kib * kib * kib, "TiB"}}};
constexpr std::array<Unit, 3> decimal_units = {{{1e6, "MB"}, {1e9, "GB"}, {1e12, "TB"}}};
constexpr std::array<Unit, 6> traffic_units = {
    {{1, "B"}, {1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}, {1e12, "TB"}, {1e15, "PB"}}};
constexpr std::array<Unit, 7> si_units = {
    {{1, ""}, {1e3, "k"}, {1e6, "M"}, {1e9, "G"}, {1e12, "T"}, {1e15, "P"}, {1e18, "E"}}};

/// Puts a comma between every three of the digits before the point.
std::string with_commas(std::string_view digits)
{
    const std::size_t sign = digits.starts_with('-') ? 1 : 0;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    std::string text(digits.substr(0, sign));
    for (std::size_t i = sign; i < point; ++i) {
        if (i != sign && (point - i) % 3 == 0)
            text += ',';
        text += digits[i];
    }
    text += digits.substr(point);
    return text;
}

/// With so many decimals, in any locale; "-0.00" loses its sign.
std::string fixed(double value, int decimals)
{
    std::array<char, 400> buffer; // 309 digits before the point, 9 after it
    const auto [end, status] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals);
    if (!std::isfinite(value) || status != std::errc{})
        return std::string(no_number);
    std::string_view digits(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    if (digits.starts_with('-') && digits.find_first_of("123456789") == std::string_view::npos)
        digits.remove_prefix(1);
    return with_commas(digits);
}

std::string with_unit(std::string number, std::string_view unit)
{
    if (unit.empty() || number == no_number)
        return number;
    number += no_break_space;
    number += unit;
    return number;
}

/// How many decimals show three significant digits once rounded: 2 for 9.99, 1 for 9.996, 3 for 0.833; at most 9.
int decimals_for_three_digits(double magnitude)
{
    if (magnitude > 0 && magnitude < 0.9995)
        return std::min(2 - static_cast<int>(std::floor(std::log10(magnitude))), 9);
    if (magnitude < 9.995)
        return 2;
    return magnitude < 99.95 ? 1 : 0;
}

/// The largest unit of which there is at least one after rounding to three digits; else the first.
const Unit& fitting(double magnitude, std::span<const Unit> units)
{
    const Unit* taken = &units.front();
    for (const Unit& unit : units) {
        if (magnitude < 0.9995 * unit.size)
            break;
        taken = &unit;
    }
    return *taken;
}

/// Of memory: the big unit is what cards are counted in, so it stays up to four digits before the point.
constexpr double most_of_big_unit = 9'999.5;

const Unit& fitting_memory(double magnitude, std::span<const Unit, 3> units)
{
    return magnitude >= most_of_big_unit * units[1].size ? units[2] : fitting(magnitude, units.first<2>());
}

std::string three_digits(double value, const Unit& unit)
{
    const double scaled = value / unit.size;
    return with_unit(fixed(scaled, decimals_for_three_digits(std::abs(scaled))), unit.name);
}

std::string in_prefixed_unit(double value, std::span<const Unit> units)
{
    if (!std::isfinite(value))
        return std::string(no_number);
    if (std::abs(value) < 999.5 && value == std::floor(value))
        return with_unit(fixed(value, 0), units.front().name);
    return three_digits(value, fitting(std::abs(value), units));
}

} // namespace

std::string unit_name(ByteUnit unit)
{
    return unit == ByteUnit::gib ? "GiB" : "GB";
}

std::string in_unit_bare(Bytes bytes, ByteUnit unit, int decimals)
{
    const double size = unit == ByteUnit::gib ? bytes_per_gib : bytes_per_gb;
    return fixed(static_cast<double>(bytes.count) / size, std::clamp(decimals, 0, 9));
}

std::string decimal_text(double value, int decimals)
{
    return std::isfinite(value) ? fixed(value, std::clamp(decimals, 0, 9)) : std::string(no_number);
}

std::string in_unit(Bytes bytes, ByteUnit unit, int decimals)
{
    const double size = unit == ByteUnit::gib ? bytes_per_gib : bytes_per_gb;
    const double amount = std::abs(static_cast<double>(bytes.count)) / size;
    const bool shows_nothing = amount > 0 && amount < 0.5 * std::pow(10.0, -std::clamp(decimals, 0, 9));
    if (shows_nothing || amount >= most_of_big_unit)
        return in_fitting_unit(bytes, unit);
    return with_unit(in_unit_bare(bytes, unit, decimals), unit_name(unit));
}

std::string in_fitting_unit(Bytes bytes, ByteUnit unit)
{
    const std::span<const Unit, 3> units = unit == ByteUnit::gib ? binary_units : decimal_units;
    const auto value = static_cast<double>(bytes.count);
    if (std::abs(value) < units.front().size)
        return with_unit(grouped(bytes.count), "B");
    return three_digits(value, fitting_memory(std::abs(value), units));
}

std::string grouped(std::int64_t number)
{
    return with_commas(std::to_string(number));
}

std::string grouped_unsigned(std::uint64_t number)
{
    constexpr std::uint64_t largest_grouped = std::uint64_t{1} << 62U;
    return number <= largest_grouped ? grouped(static_cast<std::int64_t>(number)) : std::to_string(number);
}

std::string parameters_text(std::int64_t count)
{
    const auto value = static_cast<double>(count);
    const double magnitude = std::abs(value);
    if (magnitude < 1e6)
        return grouped(count);
    if (magnitude < 999.5e6)
        return with_unit(fixed(value / 1e6, 0), "M");
    if (magnitude < 999.995e9)
        return with_unit(fixed(value / 1e9, 2), "B");
    return with_unit(fixed(value / 1e12, 2), "T");
}

std::string si_text(double value)
{
    return in_prefixed_unit(value, si_units);
}

std::string traffic_text(double bytes)
{
    return in_prefixed_unit(bytes, traffic_units);
}

std::string percent_text(double fraction)
{
    const double percent = fraction * 100;
    const double magnitude = std::abs(percent);
    if (magnitude > 0 && magnitude < 0.05)
        return with_unit("<0.1", "%");
    if (magnitude > 0 && magnitude < 0.95)
        return with_unit(fixed(percent, 1), "%");
    if (percent > 100 && percent < 100.5)
        return with_unit(fixed(std::max(percent, 100.1), 1), "%");
    return with_unit(fixed(percent, 0), "%");
}

} // namespace weighbridge
