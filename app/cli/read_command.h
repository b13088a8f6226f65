#pragma once

#include "app/cli/environment.h"
#include "core/launch/launch.h"

#include <iosfwd>
#include <span>
#include <string>

namespace weighbridge {

/// `weighbridge read FILE`: what a text is and what it says.
ExitStatus run_read(std::span<const std::string> arguments, std::istream& in, std::ostream& out, std::ostream& err);

/// The launch command or configuration file in that file, "-" is standard input.
Result<LaunchCommand> read_launch_file(const std::string& path, std::istream& in);

} // namespace weighbridge
