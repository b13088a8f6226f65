#pragma once

#include "app/cli/environment.h"
#include "core/machine/machine.h"

#include <iosfwd>
#include <span>
#include <string>

namespace weighbridge {

/// `weighbridge machine`: what accelerators and memory this machine has.
ExitStatus run_machine(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

/// The machine that a name stands for: "this", or one that was kept. Nothing where it is neither.
std::optional<Result<Machine>> machine_called(const std::string& name);

} // namespace weighbridge
