#pragma once

#include "core/report/table.h"
#include "core/speed/speed.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace weighbridge {

/// The figures that are known, a row each: seconds, tokens per second. Empty where none is.
Table speed_table(const Speed& speed);

/// `speed` of the report: every figure, null where nobody knows; how many run and wait, and the parts of a step.
nlohmann::ordered_json speed_json(const Speed& speed);

/// "32 requests run and 4 wait on 4 GPUs; most of a step is Reading the cache"; empty where no figure is known.
std::string speed_line(const Speed& speed);

/// {value, low, high, basis}, or null.
nlohmann::ordered_json speed_figure_json(const std::optional<SpeedFigure>& figure);

/// "4,320", "71.4": three significant digits, never an exponent.
std::string rate_text(double value);

/// "14.2 ms", "1.31 s": three significant digits.
std::string seconds_text(double seconds);

} // namespace weighbridge
