// weighbridge accuracy, in-process.

#include "app/cli/command_line.h"
#include "tests/cli/run_command.h"
#include "tests/cli/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace weighbridge {
namespace {

using testing::Answer;
using testing::Arguments;
using ::testing::HasSubstr;
using testing::run;
using testing::TemporaryFolder;

Answer accuracy(Arguments arguments)
{
    arguments.insert(arguments.begin(), "accuracy");
    return run(arguments);
}

TEST(AccuracyCommand, PrintsEveryFormat)
{
    EXPECT_THAT(accuracy({}).out, HasSubstr("Weights per rank"));
    EXPECT_EQ(accuracy({"--format", "text"}).out, accuracy({"--format", "table"}).out);
    EXPECT_TRUE(accuracy({"--format", "csv"}).out.starts_with("set,figure,unit,run,"));
    EXPECT_TRUE(accuracy({"--format=markdown"}).out.starts_with("# Accuracy\n"));
    EXPECT_THAT(accuracy({"--help"}).out, HasSubstr("--output FILE"));
}

TEST(AccuracyCommand, WritesTheFileThatTheEndingAsksFor)
{
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/accuracy.csv";
    const Answer result = accuracy({"--output", path});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.out, "");
    std::ifstream file(path, std::ios::binary);
    const std::string written{std::istreambuf_iterator<char>(file), {}};
    EXPECT_TRUE(written == accuracy({"--format", "csv"}).out);
}

TEST(AccuracyCommand, RefusesWhatItCanNotPrint)
{
    const std::vector<Arguments> refused = {
        {"--format", "xml"}, {"--output", "a.png"}, {"--output", ""}, {"vllm"}, {"--colour"}};
    for (const Arguments& arguments : refused) {
        const Answer result = accuracy(arguments);
        EXPECT_EQ(result.status, 2) << arguments.back();
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        EXPECT_EQ(result.out, "") << arguments.back();
    }
}

} // namespace
} // namespace weighbridge
