#pragma once

#include "app/cli/environment.h"

#include <istream>
#include <ostream>
#include <span>
#include <string>

namespace weighbridge {

/// `weighbridge estimate`; the arguments begin after the command's name.
ExitStatus run_estimate(std::span<const std::string> arguments, std::istream& in, std::ostream& out, std::ostream& err,
                        const Environment& environment);

} // namespace weighbridge
