#include "core/fields/number_text.h"

#include "core/quantity/bytes.h"
#include "core/quantity/display.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

namespace weighbridge {

namespace {

/// Longer texts are no number that a person typed.
constexpr std::size_t longest_text = 64;

struct Suffix
{
    std::string_view name; ///< lower case
    double factor;
};

constexpr std::array<Suffix, 3> plain_suffixes = {{{"k", 1024}, {"m", 1024 * 1024}, {"g", 1024 * 1024 * 1024}}};
constexpr std::array<Suffix, 5> parameter_suffixes = {{{"k", 1e3}, {"m", 1e6}, {"b", 1e9}, {"g", 1e9}, {"t", 1e12}}};
constexpr std::array<Suffix, 9> byte_suffixes = {{{"kib", 1024},
                                                  {"mib", 1024.0 * 1024},
                                                  {"gib", bytes_per_gib},
                                                  {"tib", bytes_per_gib * 1024},
                                                  {"kb", 1e3},
                                                  {"mb", 1e6},
                                                  {"gb", bytes_per_gb},
                                                  {"tb", 1e12},
                                                  {"b", 1}}};

std::span<const Suffix> suffixes_of(CountUnit unit)
{
    switch (unit) {
    case CountUnit::plain:
        return plain_suffixes;
    case CountUnit::parameters:
        return parameter_suffixes;
    case CountUnit::bytes:
    case CountUnit::gibibytes:
        return byte_suffixes;
    }
    return {};
}

std::string_view examples_of(CountUnit unit)
{
    switch (unit) {
    case CountUnit::plain:
        return "8192, 8k, 1M, 4*8192 or 1e6";
    case CountUnit::parameters:
        return "70553706496, 70.6B or 500M";
    case CountUnit::gibibytes:
        return "128, 128 GiB or 96 GB";
    case CountUnit::bytes:
        return "536870912, 512 MiB or 0.5 GB";
    }
    return {};
}

/// Lower case, with every kind of space as ' ' and "×" as '*'; trimmed.
std::string simplified(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, char>, 4> replaced = {
        {{"\u00A0", ' '}, {"\u202F", ' '}, {"\u2009", ' '}, {"×", '*'}}};
    std::string plain;
    while (!text.empty()) {
        const auto special = std::find_if(replaced.begin(), replaced.end(),
                                          [&](const auto& pair) { return text.starts_with(pair.first); });
        if (special != replaced.end()) {
            plain += special->second;
            text.remove_prefix(special->first.size());
            continue;
        }
        const char letter = text.front();
        plain += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter == '\t' ? ' ' : letter;
        text.remove_prefix(1);
    }
    const std::size_t first = std::min(plain.find_first_not_of(' '), plain.size());
    return plain.substr(first, plain.find_last_not_of(' ') + 1 - first);
}

/// Takes a separator out where it stands between full groups of three digits: "32,768" but not "1,5".
std::optional<std::string> without_separators(std::string_view digits)
{
    const std::size_t first = std::min(digits.find_first_of(", _"), digits.size());
    if (first == digits.size())
        return std::string(digits);
    const char separator = digits[first];
    std::string plain(digits.substr(0, first));
    if (plain.empty() || plain.size() > 3)
        return std::nullopt;
    for (std::size_t at = first; at < digits.size(); at += 4) {
        const std::string_view group = digits.substr(at + 1, 3);
        if (digits[at] != separator || group.size() != 3 || !std::all_of(group.begin(), group.end(), is_digit))
            return std::nullopt;
        plain += group;
    }
    return plain;
}

/// An unsigned decimal number with grouped digits, fraction and exponent; nothing where it is anything else.
std::optional<double> parse_decimal(std::string_view text)
{
    const std::size_t end_of_whole = std::min(text.find_first_not_of("0123456789, _"), text.size());
    auto plain = without_separators(text.substr(0, end_of_whole));
    if (!plain)
        return std::nullopt;
    const std::string_view rest = text.substr(end_of_whole);
    const bool fraction_or_exponent = rest.empty() || rest.front() == '.' || (rest.front() == 'e' && !plain->empty());
    // "8." is on its way to "8.5": nobody's number yet.
    if (!fraction_or_exponent || rest.ends_with('.') ||
        rest.find_first_not_of("0123456789.e+-") != std::string_view::npos)
        return std::nullopt;
    *plain += rest;
    double value = 0;
    const auto [end, status] = std::from_chars(plain->data(), plain->data() + plain->size(), value);
    if (status != std::errc{} || end != plain->data() + plain->size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<double> parse_factor(std::string_view text, CountUnit unit)
{
    text = trimmed(text, " ");
    const bool negative = text.starts_with('-');
    if (negative)
        text.remove_prefix(1);
    double scale = negative ? -1 : 1;
    for (const Suffix& suffix : suffixes_of(unit)) {
        if (!text.ends_with(suffix.name))
            continue;
        scale *= suffix.factor;
        text = trimmed(text.substr(0, text.size() - suffix.name.size()), " ");
        break;
    }
    const auto number = parse_decimal(text);
    if (!number)
        return std::nullopt;
    return *number * scale;
}

} // namespace

Result<std::int64_t> parse_count(std::string_view text, CountUnit unit)
{
    const Error not_understood{"", in_quotes(text) + " is not understood; a whole number is, like " +
                                       std::string(examples_of(unit))};
    if (text.size() > longest_text)
        return not_understood;
    const std::string plain = simplified(text);
    double product = 1;
    std::string_view rest = plain;
    for (bool more = true; more;) {
        const std::size_t star = rest.find('*');
        more = star != std::string_view::npos;
        const auto factor = parse_factor(rest.substr(0, star), unit);
        if (!factor)
            return not_understood;
        product *= *factor;
        rest.remove_prefix(more ? star + 1 : rest.size());
    }
    // "70.6B" is a whole number although 70.6 has no exact binary form.
    const double whole = std::round(product);
    if (std::abs(product - whole) > 1e-9 * std::max(1.0, std::abs(product)))
        return Error{"", in_quotes(text) + " is not a whole number"};
    if (std::abs(whole) > largest_exact)
        return Error{"", in_quotes(text) + " is too large: at most 9,007,199,254,740,992 is counted"};
    return static_cast<std::int64_t>(whole);
}

Result<std::vector<std::int64_t>> parse_counts(std::string_view text, std::string_view what, std::int64_t most)
{
    constexpr std::size_t most_counts = 100;
    std::vector<std::int64_t> counts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        const auto count = parse_count(text.substr(at, comma - at));
        if (!count || *count < 1 || *count > most || counts.size() == most_counts)
            return Error{"", std::string(what) + " is " + in_quotes(text) + "; it must be up to " +
                                 std::to_string(most_counts) + " counts from 1 to " + grouped(most) +
                                 ", with commas between them"};
        counts.push_back(*count);
        at = comma + 1;
    }
    return counts;
}

Result<double> parse_real(std::string_view text)
{
    const Error not_understood{"", in_quotes(text) + " is not understood; a number is, like 0.9, 92 % or 1/2"};
    if (text.size() > longest_text)
        return not_understood;
    const std::string plain = simplified(text);
    std::string_view rest = plain;
    double scale = 1;
    if (rest.ends_with('%')) {
        scale = 100;
        rest = trimmed(rest.substr(0, rest.size() - 1), " ");
    }
    const bool negative = rest.starts_with('-');
    if (negative)
        rest.remove_prefix(1);
    const std::size_t slash = rest.find('/');
    const auto numerator = parse_decimal(trimmed(rest.substr(0, slash), " "));
    const auto denominator =
        slash == std::string_view::npos ? 1.0 : parse_decimal(trimmed(rest.substr(slash + 1), " "));
    if (!numerator || !denominator)
        return not_understood;
    const double value = *numerator / (*denominator * scale);
    if (!std::isfinite(value))
        return not_understood;
    return negative ? -value : value;
}

std::string real_text(double value)
{
    std::array<char, 64> buffer;
    const auto [end, status] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return status == std::errc{} ? std::string(buffer.data(), end) : "?";
}

} // namespace weighbridge
