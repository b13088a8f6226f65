#pragma once

#include "app/cli/environment.h"

#include <istream>
#include <ostream>
#include <span>
#include <string>

namespace weighbridge {

/// Whether the arguments (without the program's name) are for the command line rather than for the window: a command,
/// --help,
/// --version, or something that neither a file nor one of Qt's own options could be, so that the mistake is told in a
/// line.
bool is_command_line(std::span<const std::string> arguments);

/// Runs `weighbridge ARGUMENTS...` without a display. Returns the exit status; a failure is told in one line on `err`.
int run_command_line(std::span<const std::string> arguments, std::istream& in, std::ostream& out, std::ostream& err,
                     const Environment& environment);

} // namespace weighbridge
