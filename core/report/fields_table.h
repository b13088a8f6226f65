#pragma once

#include "core/report/table.h"

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A key of a scenario in words.
struct FieldWords
{
    std::string key;
    std::string takes;
    std::string left_out; ///< what it is where nobody chose
    std::string owner;    ///< the engines or tasks that read it; empty: all
    std::string also;     ///< other spellings that are read
    std::string_view meaning;
};

/// Every key there is; where `once` is set, options that fine_tune and train have in common stand once.
std::vector<FieldWords> field_words(bool once = false);

/// The same as `weighbridge list fields` prints it.
Table fields_table(bool once = false);

/// What stands in docs/scenario.md and in the manual page (roff): common options once.
std::string fields_markdown();
std::string fields_manual();

} // namespace weighbridge
