#pragma once

#include "core/quantity/result.h"

#include <vector>

namespace weighbridge {

struct Issue;
struct Question;

/// Looks up the devices of a question's machine, works out what was left open of the layout over them, and puts both
/// into the question. Gives what is wrong or odd about the machine; where an issue is an error the rest has no meaning.
std::vector<Issue> take_machine(Question& question);

} // namespace weighbridge
