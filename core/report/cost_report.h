#pragma once

#include "core/price/cost.h"
#include "core/report/table.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace weighbridge {

/// Price, energy and time of the run, a row a figure. Empty where none is known.
Table cost_table(const Cost& cost);

/// `price` of the report; null where none is known.
nlohmann::ordered_json price_json(const Cost& cost);
/// `energy` of the report; null where it is not known.
nlohmann::ordered_json energy_json(const Cost& cost);
/// `run` of the report: tokens and seconds of a training run; null without one.
nlohmann::ordered_json run_json(const Cost& cost);

/// "USD 6.52 per GPU and hour, the middle of 10 bundled prices on demand, of 2026: more than 90 days old"; empty
/// without a price.
std::string price_line(const Cost& cost);

} // namespace weighbridge
