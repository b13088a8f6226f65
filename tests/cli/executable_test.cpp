#include "tests/cli/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>

#include <sys/wait.h>

namespace weighbridge {
namespace {

using ::testing::HasSubstr;
using testing::TemporaryFolder;

struct ShellAnswer
{
    int status = -1;
    std::string out;
};

ShellAnswer shell(const std::string& command)
{
    ShellAnswer result;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr)
        return result;
    std::array<char, 4096> piece;
    for (std::size_t got = 0; (got = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
        result.out.append(piece.data(), got);
    const int status = ::pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return result;
}

/// The real executable through a shell, with nothing that could lead it to a display.
ShellAnswer run_executable(const std::string& arguments, const std::string& environment = {})
{
    return shell("env -u DISPLAY -u WAYLAND_DISPLAY -u QT_QPA_PLATFORM -u XDG_RUNTIME_DIR "
                 "HF_ENDPOINT=http://127.0.0.1:1 " +
                 environment + " '" WEIGHBRIDGE_EXECUTABLE "' " + arguments);
}

TEST(Executable, AnswersWithoutADisplay)
{
    const ShellAnswer estimate = run_executable("estimate Llama-3.1-8B --gpu h100_sxm_80 --context 8192 2>&1");
    EXPECT_EQ(estimate.status, 0);
    EXPECT_THAT(estimate.out, HasSubstr("Fits: "));
    EXPECT_EQ(run_executable("--version 2>&1").out, "weighbridge " WEIGHBRIDGE_VERSION "\n");
    EXPECT_THAT(run_executable("--help").out, HasSubstr("Usage:"));
    EXPECT_THAT(run_executable("list models").out, HasSubstr("Llama-3.1-8B"));
}

#ifdef WEIGHBRIDGE_HAS_WINDOW
TEST(Executable, SaysThatThereIsNoDisplayAndPrintsTheEstimate)
{
    const std::string why = "weighbridge: there is no display (DISPLAY and WAYLAND_DISPLAY are not set)";
    const ShellAnswer table = run_executable("2>/dev/null");
    EXPECT_EQ(table.status, 0);
    EXPECT_EQ(table.out, run_executable("estimate Llama-3.1-8B --gpu h100_sxm_80 --context 8192").out);
    const ShellAnswer words = run_executable("2>&1 >/dev/null");
    EXPECT_THAT(words.out, ::testing::StartsWith(why));
    EXPECT_EQ(std::count(words.out.begin(), words.out.end(), '\n'), 1) << words.out;

    const TemporaryFolder folder;
    folder.write("scenario.json", R"({"model": "Llama-3.1-70B", "hardware": {"tensor_parallel": 4}})");
    const std::string scenario = "'" + folder.file("scenario.json") + "'";
    EXPECT_EQ(run_executable(scenario + " 2>/dev/null").out, run_executable("estimate --scenario " + scenario).out);
    folder.write("Llama-3.1-8B/config.json", "{}");
    const ShellAnswer config = run_executable("'" + folder.file("Llama-3.1-8B") + "' 2>&1");
    EXPECT_EQ(config.status, 2) << "the folder is meant, not the preset of its name";
    EXPECT_THAT(config.out, HasSubstr("model_type is missing"));
}
#endif

TEST(Executable, ReadsStandardInput)
{
    const ShellAnswer result =
        run_executable("estimate --scenario - --format json <<'END'\n{\"model\": \"Llama-3.1-70B\", "
                       "\"hardware\": {\"tensor_parallel\": 4}}\nEND\n");
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(nlohmann::json::parse(result.out)["model"]["parameters"]["total"], 70'553'706'496);
}

TEST(Executable, ExitStatuses)
{
    EXPECT_EQ(run_executable("estimate Llama-3.1-405B --require-fit").status, 1);
    const ShellAnswer unusable = run_executable("estimate Llama-3.1-8B --tp 3 2>&1 >/dev/null");
    EXPECT_EQ(unusable.status, 2);
    EXPECT_THAT(unusable.out, HasSubstr("hardware.tensor_parallel is 3"));
    EXPECT_EQ(run_executable("estimate Llama-3.1-8B 2>&1 >/dev/full").status, 2);
    // Nobody listens on port 1: the connection is refused at once.
    const ShellAnswer offline = run_executable("estimate hf:weighbridge/none 2>&1");
    EXPECT_EQ(offline.status, 3);
    EXPECT_EQ(std::count(offline.out.begin(), offline.out.end(), '\n'), 1) << offline.out;
}

TEST(Executable, WhatNeverWentOutIsNoFailureOfTheNetwork)
{
    for (const char* arguments : {"estimate hf:../x", "estimate hf:org/x@../..", "estimate 'hf:org/x y'"})
        EXPECT_EQ(run_executable(std::string(arguments) + " 2>&1").status, 2) << arguments;
#ifdef WEIGHBRIDGE_HAS_WINDOW
    EXPECT_EQ(run_executable("estimate hf:org/x 2>&1", "HF_TOKEN='a b'").status, 2);
    EXPECT_EQ(run_executable("estimate hf:org/x 2>&1", "HF_ENDPOINT=ftp://nowhere").status, 2);
#endif
}

TEST(Executable, ClosedStandardInputIsSaid)
{
    const ShellAnswer closed = run_executable("estimate --scenario - <&- 2>&1");
    EXPECT_EQ(closed.status, 2);
    EXPECT_EQ(closed.out, "weighbridge: standard input can't be read: it is closed, or no text\n");
}

TEST(Executable, NamesThatTurnTheTextAroundAreSpelledOut)
{
    const TemporaryFolder folder;
    const std::string name = "a\xE2\x80\xAEz.json";
    folder.write(name, R"({"model_type": "llama", "num_hidden_layers": 1})");
    const ShellAnswer there = run_executable("estimate '" + folder.file(name) + "' 2>&1");
    EXPECT_EQ(there.status, 0);
    EXPECT_THAT(there.out, HasSubstr("a\\u202Ez"));
    const ShellAnswer missing = run_executable("estimate './b\xE2\x80\xAEz.json' 2>&1");
    for (const ShellAnswer& answer : {there, missing})
        EXPECT_EQ(answer.out.find("\xE2\x80\xAE"), std::string::npos) << answer.out;
}

TEST(Executable, AFileThatMayNotGrowLeavesTheOldOne)
{
    const TemporaryFolder folder;
    const std::string path = folder.write("a.json", "old");
    const std::string command = "(ulimit -f 1; exec env HF_ENDPOINT=http://127.0.0.1:1 '" WEIGHBRIDGE_EXECUTABLE
                                "' estimate Llama-3.1-8B --output '" +
                                path + "') 2>&1";
    const ShellAnswer failed = shell(command);
    EXPECT_EQ(failed.status, 2) << failed.out;
    EXPECT_THAT(failed.out, HasSubstr("File too large"));
    EXPECT_EQ(folder.read("a.json"), "old");
    EXPECT_EQ(folder.files(), 1U);
}

TEST(Executable, WritesFiles)
{
    const TemporaryFolder folder;
    EXPECT_EQ(run_executable("estimate Llama-3.1-8B --output '" + folder.file("a.csv") + "'").status, 0);
    EXPECT_THAT(folder.read("a.csv"), HasSubstr("weights,Weights,16060522496"));
}

#ifdef WEIGHBRIDGE_HAS_WINDOW
TEST(Executable, DrawsPicturesWithoutADisplayAndInSilence)
{
    const TemporaryFolder folder;
    for (const auto& [name, beginning] :
         {std::pair{"a.png", "\x89PNG"}, std::pair{"a.svg", "<?xml"}, std::pair{"a.pdf", "%PDF"}}) {
        const ShellAnswer result = run_executable("estimate Llama-3.1-8B --output '" + folder.file(name) + "' 2>&1");
        EXPECT_EQ(result.status, 0) << name;
        EXPECT_EQ(result.out, "") << name;
        EXPECT_TRUE(folder.read(name).starts_with(beginning)) << name;
    }
}
#endif

TEST(Executable, AReaderThatStopsEarlyEndsTheProgram)
{
    EXPECT_EQ(run_executable("estimate Llama-3.1-8B --format json | head -c 10").out, "{\n  \"versi");
}

} // namespace
} // namespace weighbridge
