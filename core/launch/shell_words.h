#pragma once

#include "core/quantity/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// One command of a pasted text: what stands between the shell's operators.
struct ShellCommand
{
    std::vector<std::pair<std::string, std::string>> environment; ///< NAME=VALUE in front of it, `export`, `$env:NAME=`
    std::vector<std::string> words;                               ///< unquoted; variables and globs stand as written
};

/// The commands of a text as a POSIX shell, PowerShell or cmd would part them: quotes, joined lines (a backslash, a
/// back tick or a caret at the end of a line), comments, operators and redirections. Nothing is run and nothing
/// expanded:
/// "$MODEL" and "$(nproc)" stay words. The error says what is too long or not closed.
Result<std::vector<ShellCommand>> shell_commands(std::string_view text);

} // namespace weighbridge
