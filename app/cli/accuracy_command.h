#pragma once

#include "app/cli/environment.h"

#include <ostream>
#include <span>
#include <string>

namespace weighbridge {

/// `weighbridge accuracy`: every bundled run, predicted against measured. The arguments begin after the command's name.
ExitStatus run_accuracy(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

} // namespace weighbridge
