#pragma once

#include "core/quantity/bytes.h"

#include <cstdint>
#include <string>

namespace weighbridge {

/// GiB (2^30) as drivers count, or GB (10^9) as shops do.
enum class ByteUnit
{
    gib,
    gb,
};

/// The one formatter: every view, report and tool tip shows amounts through these. Numbers use "." and "," whatever the
/// locale, and a no-break space (U+00A0) before the unit. What is no number (unknown, infinite) is shown as "—", never
/// as "nan".

/// "32.86 GiB": with so many decimals (0 to 9); as in_fitting_unit() where that shows nothing, or from 10,000 on.
std::string in_unit(Bytes bytes, ByteUnit unit, int decimals = 2);
/// "32.86", without the unit.
std::string in_unit_bare(Bytes bytes, ByteUnit unit, int decimals = 2);
/// "GiB" or "GB".
std::string unit_name(ByteUnit unit);
/// In the fitting unit with three significant digits: "549 MiB", "1,546 GiB", from 10,000 GiB on "186 TiB"; in full
/// below one MiB: "70,272 B" (or MB, GB, TB).
std::string in_fitting_unit(Bytes bytes, ByteUnit unit);
/// "51.63", "740,000": so many decimals (0 to 9), without a unit.
std::string decimal_text(double value, int decimals);
/// "70,553,706,496".
std::string grouped(std::int64_t number);
std::string grouped_unsigned(std::uint64_t number);
/// "70.55 B" (10^9) for parameters, "1.03 T", "8.03 B", "596 M", "512".
std::string parameters_text(std::int64_t count);
/// Three significant digits with k, M, G, T, P, E: "503 M", "1.61 G"; for FLOPs and FLOP/s. Whole numbers below 1,000
/// in full.
std::string si_text(double value);
/// "42.2 MB": decimal bytes with three significant digits, for traffic.
std::string traffic_text(double bytes);
/// "83 %"; "0.4 %" below one, "<0.1 %" below that, "1,640 %" above ten times. What exceeds the whole never shows as
/// "100 %".
std::string percent_text(double fraction);

} // namespace weighbridge
