#pragma once

#include "core/scenario/scenario.h"

#include <array>

namespace weighbridge {

inline constexpr double most_money = 1e12; ///< typed in, in any currency
inline constexpr double most_years = 100;

inline constexpr std::array price_options = {
    OptionRow<PriceChoice>{.name = "per_accelerator_hour",
                           .member = member<&PriceChoice::per_accelerator_hour>,
                           .range = {0, most_money},
                           .label = "Price per GPU and hour",
                           .help = "What an hour of one accelerator costs",
                           .left_out = "the middle of the bundled prices on demand for that accelerator"},
    OptionRow<PriceChoice>{.name = "per_hour",
                           .member = member<&PriceChoice::per_hour>,
                           .range = {0, most_money},
                           .label = "Price per hour",
                           .help = "Of all accelerators together, in place of per_accelerator_hour",
                           .left_out = "by per_accelerator_hour"},
    OptionRow<PriceChoice>{.name = "currency",
                           .member = member<&PriceChoice::currency>,
                           .names = NameTable::short_text,
                           .label = "Currency",
                           .help = "Of the price, and of what is owned",
                           .left_out = "USD"},
    OptionRow<PriceChoice>{.name = "date",
                           .member = member<&PriceChoice::date>,
                           .names = NameTable::short_text,
                           .label = "Date of the price",
                           .help = "Year, month and day, as in 2026-11-29, or the first of them; a price older than "
                                   "90 days says so",
                           .left_out = "that of the bundled price"},
    OptionRow<PriceChoice>{.name = "source",
                           .member = member<&PriceChoice::source>,
                           .names = NameTable::short_text,
                           .label = "Source of the price",
                           .help = "Where it is from",
                           .left_out = "that of the bundled price"},
    OptionRow<PriceChoice>{.name = "provider",
                           .member = member<&PriceChoice::provider>,
                           .names = NameTable::short_text,
                           .label = "Provider",
                           .help = "Whose price it is; without a figure, of the bundled prices those of this provider",
                           .left_out = "any"},
    OptionRow<PriceChoice>{.name = "tier",
                           .member = member<&PriceChoice::tier>,
                           .choices = {"on_demand", "spot", "serverless", "reserved_block"},
                           .label = "Tier",
                           .help = "How it is rented; without a figure, of the bundled prices those of this tier",
                           .left_out = "on_demand"},
};

inline constexpr std::array owned_options = {
    OptionRow<OwnedChoice>{.name = "price_per_accelerator",
                           .member = member<&OwnedChoice::price_per_accelerator>,
                           .range = {0, most_money},
                           .label = "Bought for",
                           .help = "What one accelerator with its share of the machine cost; takes the place of price",
                           .left_out = "nothing is owned"},
    OptionRow<OwnedChoice>{.name = "years",
                           .member = member<&OwnedChoice::years>,
                           .range = {0, most_years, true},
                           .label = "Years",
                           .help = "That it is used, to the last hour",
                           .left_out = "not known: no price"},
    OptionRow<OwnedChoice>{.name = "power_price_per_kwh",
                           .member = member<&OwnedChoice::power_price_per_kwh>,
                           .range = {0, most_money},
                           .label = "Power price",
                           .help = "Of a kilowatt hour",
                           .left_out = "power is left out of the price, which is said"},
    OptionRow<OwnedChoice>{.name = "pue",
                           .member = member<&OwnedChoice::pue>,
                           .range = {1, 10},
                           .label = "PUE",
                           .help = "Power of the building over that of its machines",
                           .left_out = "1.2"},
    OptionRow<OwnedChoice>{.name = "duty",
                           .member = member<&OwnedChoice::duty>,
                           .range = {0, 1},
                           .label = "Duty",
                           .help = "Share of the time that it works, and takes its power",
                           .left_out = "1"},
};

} // namespace weighbridge
