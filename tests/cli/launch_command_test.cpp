// Launch commands, logs and machines through the command line.

#include "tests/cli/run_command.h"
#include "tests/cli/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace weighbridge {

namespace {

using testing::Answer;
using ::testing::HasSubstr;
using testing::run;
using testing::TemporaryFolder;

TEST(LaunchCommand, IsReadFromAFileAndFromAStream)
{
    const TemporaryFolder folder;
    const std::string command = "vllm serve Qwen/Qwen3-32B -tp 2 --api-key 0123secret --max-model-len 8192\n";
    const std::string file = folder.write("launch.sh", command);
    for (const Answer& answer :
         {run({"read", file, "--format", "json"}), run({"read", "-", "--format", "json"}, command)}) {
        ASSERT_EQ(answer.status, 0) << answer.err;
        EXPECT_EQ(answer.report().at("tool"), "vllm");
        EXPECT_EQ(answer.report().at("scenario").at("hardware").at("tensor_parallel"), 2);
        EXPECT_EQ(answer.out.find("0123secret"), std::string::npos);
    }
    EXPECT_THAT(run({"read", file}).out, HasSubstr("hardware.tensor_parallel"));
}

TEST(LaunchCommand, IsEstimated)
{
    const std::string command = "vllm serve Qwen/Qwen3-32B -tp 2 --max-model-len 8192\n";
    const Answer answer = run({"estimate", "--from-command", "-", "--gpu", "h100_sxm_80", "--format", "json"}, command);
    ASSERT_EQ(answer.status, 0) << answer.err;
    const auto report = answer.report();
    EXPECT_EQ(report.at("command").at("tool"), "vllm");
    EXPECT_EQ(report.at("command").at("flags").size(), 3U);
    EXPECT_TRUE(report.at("command").at("ask").empty());
    EXPECT_EQ(report.at("scenario").at("inference").at("max_model_len"), 8192);
    EXPECT_EQ(run({"estimate", "--from-command", "-"}, "vllm serve").status, 2);
    EXPECT_EQ(run({"estimate", "--from-command", "-"}, "hello").status, 2);
    EXPECT_EQ(run({"estimate", "--from-command", "-", "--scenario", "x"}, command).status, 2);
}

TEST(LaunchCommand, IsWritten)
{
    const testing::Arguments asked = {"estimate", "Qwen3-32B", "--gpu", "h100_sxm_80", "--tp", "2", "--launch"};
    testing::Arguments vllm = asked;
    vllm.emplace_back("vllm");
    EXPECT_EQ(run(vllm).out, "vllm serve Qwen/Qwen3-32B \\\n  --tensor-parallel-size 2\n");
    vllm.insert(vllm.end(), {"--format", "json"});
    const auto launch = run(vllm).report().at("launch");
    EXPECT_EQ(launch.at("flags").at(0).at("key"), "hardware.tensor_parallel");
    EXPECT_FALSE(launch.at("flags").at(0).at("why").get<std::string>().empty());
    testing::Arguments other = asked;
    other.emplace_back("banana");
    EXPECT_EQ(run(other).status, 2);
}

TEST(ReadCommand, SaysWhatItIs)
{
    const std::string oom =
        "CUDA out of memory. Tried to allocate 30.00 MiB (GPU 0; 8.00 GiB total capacity; 7.21 GiB already "
        "allocated; 0 bytes free; 7.32 GiB reserved in total by PyTorch)";
    EXPECT_EQ(run({"read", "-", "--format", "json"}, oom).report().at("kind"), "error");
    EXPECT_EQ(run({"read", "-", "--format", "json"}, R"({"task": "train"})").report().at("kind"), "scenario");
    const Answer nothing = run({"read", "-", "--format", "json"}, "hello");
    EXPECT_EQ(nothing.status, 2);
    EXPECT_EQ(nothing.report().at("kind"), "unknown");
    EXPECT_FALSE(nothing.report().at("understood").empty());
    EXPECT_EQ(run({"read"}).status, 2);
    EXPECT_EQ(run({"read", "/nowhere/at/all"}).status, 2);
    EXPECT_EQ(run({"read", "-", "--format", "pdf"}, oom).status, 2);
}

TEST(MachineCommand, IsAskedAboutAndKept)
{
    const TemporaryFolder folder;
    folder.write("nvidia-smi.txt", "0, NVIDIA GeForce RTX 3090, 24576, 0\n1, NVIDIA GeForce RTX 3090, 24576, 0\n");
    folder.write("proc/meminfo", "MemTotal: 67108864 kB\nMemAvailable: 58720256 kB\n");
    const TemporaryFolder kept;
    ::setenv("XDG_DATA_HOME", kept.path().c_str(), 1);
    const Answer answer = run({"machine", "--from", folder.path(), "--save", "workshop", "--format", "json"});
    ASSERT_EQ(answer.status, 0) << answer.err;
    EXPECT_EQ(answer.report().at("devices").at(0).at("count"), 2);
    EXPECT_EQ(answer.report().at("host").at("memory_gib"), 64.0);
    const auto named = testing::report_of({"Llama-3.1-8B", "--gpu", "workshop", "--engine", "llama.cpp"});
    EXPECT_EQ(named.at("scenario").at("hardware").at("devices").at(0).at("accelerator"), "rtx_3090");
    EXPECT_EQ(named.at("scenario").at("hardware").at("host").at("memory_gib"), 64.0);
    ::setenv("WEIGHBRIDGE_MACHINE", folder.path().c_str(), 1);
    const auto here = testing::report_of({"Llama-3.1-8B", "--gpu", "this", "--engine", "llama.cpp"});
    EXPECT_EQ(here.at("scenario").at("hardware").at("devices"), named.at("scenario").at("hardware").at("devices"));
    ::unsetenv("WEIGHBRIDGE_MACHINE");
    ::unsetenv("XDG_DATA_HOME");
    EXPECT_EQ(run({"machine", "--save", "../x"}).status, 2);
    EXPECT_EQ(run({"machine", "--save", "this"}).status, 2);
    EXPECT_EQ(run({"machine", "x"}).status, 2);
}

} // namespace

} // namespace weighbridge
