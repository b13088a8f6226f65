#include "app/cli/documents.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace weighbridge {
namespace {

using Documents = std::vector<std::pair<std::int64_t, std::string>>;

Documents documents_of(const std::string& text, std::size_t longest = 1000)
{
    std::istringstream in(text);
    DocumentReader reader(in, longest);
    Documents documents;
    std::string document;
    while (reader.next(document))
        documents.emplace_back(reader.line(), document);
    return documents;
}

TEST(DocumentReader, SplitsAtLinesWhereAllBracketsAreClosed)
{
    EXPECT_EQ(documents_of(""), Documents{});
    EXPECT_EQ(documents_of("\n \r\n"), Documents{});
    EXPECT_EQ(documents_of("{}\n{}\n"), (Documents{{1, "{}\n"}, {2, "{}\n"}}));
    EXPECT_EQ(documents_of("{}"), (Documents{{1, "{}\n"}}));
    EXPECT_EQ(documents_of("\n{\n \"a\": [\n1]\n}\n\n{}\n"), (Documents{{2, "{\n \"a\": [\n1]\n}\n"}, {7, "{}\n"}}));
}

TEST(DocumentReader, BracketsInStringsDoNotCount)
{
    EXPECT_EQ(documents_of("{\"a\": \"{[\\\"{\"}\n{}\n"), (Documents{{1, "{\"a\": \"{[\\\"{\"}\n"}, {2, "{}\n"}}));
}

TEST(DocumentReader, BrokenTextIsHandedOn)
{
    EXPECT_EQ(documents_of("nonsense\n{}\n"), (Documents{{1, "nonsense\n"}, {2, "{}\n"}}));
    EXPECT_EQ(documents_of("{\"a\n"), (Documents{{1, "{\"a\n"}}));
    EXPECT_EQ(documents_of("}\n{}\n"), (Documents{{1, "}\n"}, {2, "{}\n"}}));
}

TEST(DocumentReader, HoldsNoMoreThanTheLongestDocument)
{
    const Documents documents = documents_of(std::string(100'000, '[') + "\n{}\n", 10);
    ASSERT_EQ(documents.size(), 2U);
    EXPECT_LE(documents[0].second.size(), 12U);
    EXPECT_GT(documents[0].second.size(), 10U); // long enough to be refused
    EXPECT_EQ(documents[1].first, 2);
    EXPECT_LE(documents_of(std::string(100, '[') + std::string(100'000, '\n'), 10)[0].second.size(), 12U);
}

} // namespace
} // namespace weighbridge
