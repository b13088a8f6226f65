#pragma once

#include "core/quantity/bytes.h"

#include <string>

namespace weighbridge {

/// What a rule makes of what a file holds: "the rule makes 4.57 GiB, 8.21 MiB less".
std::string compared_with_rule(Bytes file, Bytes rule);

} // namespace weighbridge
