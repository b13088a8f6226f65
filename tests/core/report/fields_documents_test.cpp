// The lists of keys in docs/scenario.md and in the manual page are those of the table. WEIGHBRIDGE_UPDATE_GOLDEN=1
// writes them anew.
#include "core/report/fields_table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace weighbridge {
namespace {

std::string text_of_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Block
{
    const char* file;
    const char* begin;
    const char* end;
    std::string (*text)();
};

class FieldsInDocuments : public ::testing::TestWithParam<Block>
{
};

TEST_P(FieldsInDocuments, AreThoseOfTheTable)
{
    const Block& block = GetParam();
    const std::string path = std::string(WEIGHBRIDGE_SOURCE) + "/" + block.file;
    std::string text = text_of_file(path);
    const std::size_t begin = text.find(block.begin);
    ASSERT_NE(begin, std::string::npos) << path << " has no line " << block.begin;
    const std::size_t first = begin + std::string(block.begin).size();
    const std::size_t last = text.find(block.end, first);
    ASSERT_NE(last, std::string::npos) << path << " has no line " << block.end;
    const std::string wanted = block.text();
    if (std::getenv("WEIGHBRIDGE_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << text.replace(first, last - first, wanted);
        return;
    }
    EXPECT_EQ(text.substr(first, last - first), wanted)
        << "write " << path << " anew: WEIGHBRIDGE_UPDATE_GOLDEN=1 test_scenario";
}

INSTANTIATE_TEST_SUITE_P(Documents, FieldsInDocuments,
                         ::testing::Values(Block{"docs/scenario.md", "<!-- written by test_scenario: every key -->\n",
                                                 "<!-- end -->\n", fields_markdown},
                                           Block{"packaging/weighbridge.1",
                                                 ".\\\" written by test_scenario: every key\n", ".\\\" end\n",
                                                 fields_manual}));

} // namespace
} // namespace weighbridge
