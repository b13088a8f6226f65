#pragma once

#include "app/cli/environment.h"

#include <ostream>
#include <span>
#include <string>

namespace weighbridge {

/// `weighbridge list`; the arguments begin after the command's name.
ExitStatus run_list(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

} // namespace weighbridge
