#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// What an hour of one accelerator costs, and who says so.
struct HourPrice
{
    double per_accelerator_hour = 0;
    std::string currency = "USD";
    std::string date; ///< as exactly as it is known: "2026-11-29", "2026-11", "2026"; of several, the oldest
    std::string source;
    std::string provider; ///< empty: several
    std::string tier;     ///< "on_demand"; empty where nobody says
    std::size_t entries = 0;

    bool operator==(const HourPrice&) const = default;
};

/// The middle of the bundled prices of an accelerator (resources/prices): of an even number, the mean of the two in the
/// middle. `provider` as it calls itself, empty for any; `tier` "on_demand" where empty. Nothing where none is bundled.
std::optional<HourPrice> bundled_price(std::string_view accelerator, std::string_view provider = {},
                                       std::string_view tier = {});

/// Days since 1970-01-01 of "2026-11-29"; of "2026-11" and "2026" of their first day, since which day it was is not
/// known. Nothing where the text is no date.
std::optional<long> day_of(std::string_view date);

/// Whether a price of that date is older than 90 days on `today`; nothing where one of both is not known.
std::optional<bool> is_old(std::string_view date, std::string_view today);

} // namespace weighbridge
