#pragma once

#include "app/cli/environment.h"
#include "core/quantity/result.h"

#include <ostream>
#include <string>

namespace weighbridge {

/// Says in one line, free of control characters, what went wrong, with the key or file that it is about; returns the
/// status.
ExitStatus fail(std::ostream& err, const Error& error, ExitStatus status = ExitStatus::unusable);

/// Writes a report into a file, or to standard output where `path` is empty.
ExitStatus deliver(const std::string& report, const std::string& path, std::ostream& out, std::ostream& err);

/// Flushes and checks that everything arrived.
ExitStatus finish(std::ostream& out, std::ostream& err, ExitStatus status = ExitStatus::done);

} // namespace weighbridge
