#pragma once

#include "app/cli/environment.h"

#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <span>
#include <string>

namespace weighbridge {

/// The value of an environment variable, or null.
using Lookup = std::function<const char*(const char* name)>;

/// Why no window can be opened, as a clause ("there is no display (...)"), or nothing where one may be tried: a display
/// is named, or a platform of Qt's was chosen by QT_QPA_PLATFORM or -platform. Only asks where windows come from X11 or
/// Wayland; elsewhere there is always a display.
std::optional<std::string> no_display(std::span<const std::string> arguments, const Lookup& environment);

/// What `weighbridge [FILE]` does where there is no display: says why on `err` and prints the estimate that the window
/// would show as a table. Returns the exit status of that estimate.
int run_without_display(const std::string& why, std::span<const std::string> arguments, std::istream& in,
                        std::ostream& out, std::ostream& err, const Environment& environment);

} // namespace weighbridge
