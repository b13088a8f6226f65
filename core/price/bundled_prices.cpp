#include "core/price/bundled_prices.h"

#include "resources/resources.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <vector>

namespace weighbridge {

namespace {

using nlohmann::json;

struct PriceRow
{
    std::string accelerator;
    HourPrice price;
};

std::string text_of(const json& row, const char* key)
{
    const auto found = row.find(key);
    return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<PriceRow> read_rows()
{
    std::vector<PriceRow> rows;
    const resources::Entry* file = resources::find(resources::prices(), "prices.json");
    if (file == nullptr)
        return rows;
    for (const json& row : json::parse(file->json)) {
        const auto hourly = row.find("usd_per_accelerator_hour");
        if (hourly == row.end() || !hourly->is_number())
            continue; // a purchase
        rows.push_back({text_of(row, "accelerator"),
                        {.per_accelerator_hour = hourly->get<double>(),
                         .date = text_of(row, "source_date"),
                         .source = text_of(row, "source"),
                         .provider = text_of(row, "provider"),
                         .tier = text_of(row, "tier"),
                         .entries = 1}});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const PriceRow& a, const PriceRow& b) {
        return a.price.per_accelerator_hour < b.price.per_accelerator_hour;
    });
    return rows;
}

const std::vector<PriceRow>& price_rows()
{
    static const std::vector<PriceRow> rows = read_rows();
    return rows;
}

/// The two in the middle as one.
HourPrice between(const HourPrice& low, const HourPrice& high)
{
    HourPrice price = low;
    price.per_accelerator_hour = (low.per_accelerator_hour + high.per_accelerator_hour) / 2;
    if (high.source != low.source)
        price.source += "; " + high.source;
    if (high.provider != low.provider)
        price.provider.clear();
    if (day_of(high.date).value_or(0) < day_of(low.date).value_or(0))
        price.date = high.date;
    return price;
}

/// A whole number of so many digits at the start, taken off.
std::optional<int> taken_digits(std::string_view& text, std::size_t digits)
{
    int value = 0;
    if (text.size() < digits)
        return std::nullopt;
    const char* end = text.data() + digits;
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end || value < 0)
        return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

} // namespace

std::optional<HourPrice> bundled_price(std::string_view accelerator, std::string_view provider, std::string_view tier)
{
    if (tier.empty())
        tier = "on_demand";
    std::vector<const HourPrice*> found;
    for (const PriceRow& row : price_rows())
        if (row.accelerator == accelerator && row.price.tier == tier &&
            (provider.empty() || row.price.provider == provider))
            found.push_back(&row.price);
    if (found.empty())
        return std::nullopt;
    HourPrice price = between(*found[(found.size() - 1) / 2], *found[found.size() / 2]);
    price.entries = found.size();
    return price;
}

std::optional<long> day_of(std::string_view date)
{
    constexpr std::size_t year_digits = 4;
    const auto year = taken_digits(date, year_digits);
    if (!year)
        return std::nullopt;
    std::array<int, 2> parts = {1, 1}; // month and day
    for (int& part : parts) {
        if (date.empty())
            break;
        if (date.front() != '-')
            return std::nullopt;
        date.remove_prefix(1);
        const auto read = taken_digits(date, 2);
        if (!read)
            return std::nullopt;
        part = *read;
    }
    const std::chrono::year_month_day day{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(parts[0])),
                                          std::chrono::day(static_cast<unsigned>(parts[1]))};
    if (!date.empty() || !day.ok())
        return std::nullopt;
    return static_cast<long>(std::chrono::sys_days(day).time_since_epoch().count());
}

std::optional<bool> is_old(std::string_view date, std::string_view today)
{
    constexpr long new_for = 90;
    const auto then = day_of(date);
    const auto now = day_of(today);
    if (!then || !now)
        return std::nullopt;
    return *now - *then > new_for;
}

} // namespace weighbridge
