#pragma once

#include "core/launch/read_log.h"

#include <string_view>

namespace weighbridge {

/// Settings that logs print all at once (SGLang's ServerArgs, vLLM's non-default args, the command that Ollama starts),
/// into the log's settings and its scenario.
void read_log_settings(std::string_view text, Log& log);

} // namespace weighbridge
