#pragma once

#include "app/cli/environment.h"

#include <ostream>
#include <span>
#include <string>

namespace weighbridge {

/// `weighbridge tables`: the quick reference for any models. The arguments begin after the command's name.
ExitStatus run_tables(std::span<const std::string> arguments, std::ostream& out, std::ostream& err,
                      const Environment& environment);

} // namespace weighbridge
