#pragma once

#include "core/launch/read_log.h"

namespace weighbridge {

/// What an error asked for, what was there, which term of memory it was, and what would have made it fit.
void explain_log(Log& log);

} // namespace weighbridge
