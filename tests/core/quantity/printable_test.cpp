#include "core/quantity/printable.h"

#include <gtest/gtest.h>

#include <utility>

namespace weighbridge {
namespace {

TEST(Printable, ShowsWhatATerminalWouldObey)
{
    const std::pair<const char*, const char*> cases[] = {
        {"plain text", "plain text"},
        {"a\nb\x1B[31m\x7F", "a?b?[31m?"},
        {"\xC2\x9B"
         "1m",
         "?1m"}, // CSI of C1
        {"d\xC3\xA9j\xC3\xA0 \xE2\x80\xA6", "d\xC3\xA9j\xC3\xA0 \xE2\x80\xA6"},
        {"gnp\xE2\x80\xAE.exe", "gnp\\u202E.exe"}, // right-to-left override
        {"\xE2\x81\xA6x\xE2\x81\xA9", "\\u2066x\\u2069"},
        {"\xD8\x9C\xE2\x80\x8F", "\\u061C\\u200F"},
        {"cut \xE2\x80", "cut \xE2\x80"},
        {"", ""},
    };
    for (const auto& [text, shown] : cases)
        EXPECT_EQ(printable(text), shown);
}

} // namespace
} // namespace weighbridge
