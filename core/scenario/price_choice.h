#pragma once

#include <optional>
#include <string>

namespace weighbridge {

/// price.*: what an hour costs. Of cost alone: no figure of memory or speed reads it.
struct PriceChoice
{
    std::optional<double> per_accelerator_hour; ///< of one accelerator
    std::optional<double> per_hour;             ///< of all of them, in its place
    std::optional<std::string> currency;        ///< "USD"
    std::optional<std::string> date;            ///< of the price: "2026-11-29", "2026-11", "2026"
    std::optional<std::string> source;
    std::optional<std::string> provider; ///< with no figure beside it, of the bundled prices those of this one
    std::optional<std::string> tier;     ///< the same: "on_demand", "spot", "serverless", "reserved_block"

    bool operator==(const PriceChoice&) const = default;
};

/// owned.*: what an hour of one's own accelerator costs, in place of a price.
struct OwnedChoice
{
    std::optional<double> price_per_accelerator; ///< bought for
    std::optional<double> years;                 ///< that it is used
    std::optional<double> power_price_per_kwh;
    std::optional<double> pue;  ///< power of the building over that of the machines
    std::optional<double> duty; ///< share of the time that it works

    bool operator==(const OwnedChoice&) const = default;
};

} // namespace weighbridge
