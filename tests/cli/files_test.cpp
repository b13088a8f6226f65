#include "core/files/files.h"
#include "core/files/model_path.h"
#include "tests/cli/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

#include <unistd.h>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TemporaryFolder;

constexpr const char* small_llama = R"({"model_type": "llama", "hidden_size": 64, "intermediate_size": 128,
    "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 100})";

TEST(ReadFile, ReadsBytesAsTheyAre)
{
    const TemporaryFolder folder;
    const std::string bytes("a\0\r\n\xFF", 5);
    const auto text = read_file(folder.write("x", bytes));
    ASSERT_TRUE(text);
    EXPECT_EQ(*text, bytes);
}

TEST(ReadFile, FailuresNameThePathAndTheReason)
{
    const TemporaryFolder folder;
    const std::string large = folder.write("large", "12345");
    EXPECT_TRUE(read_file(large, 5));
    const std::vector<std::pair<Result<std::string>, std::string>> cases = {
        {read_file(folder.file("missing")), "no such file"},
        {read_file(folder.path()), "folder"},
        {read_file(large, 4), "more than 4 bytes"},
        {read_file("/dev/zero"), "more than 8388608 bytes"},
    };
    for (const auto& [result, reason] : cases) {
        ASSERT_FALSE(result) << reason;
        EXPECT_THAT(result.error().message, HasSubstr(result.error().field));
        EXPECT_THAT(result.error().message, HasSubstr(reason));
    }
    EXPECT_THAT(read_file("no\nsuch").error().message, HasSubstr("no?such"));
}

TEST(WriteFile, ReplacesAFileAndKeepsItsPermissions)
{
    const TemporaryFolder folder;
    const std::string path = folder.write("report.txt", "old");
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_FALSE(write_file(path, "new"));
    EXPECT_EQ(folder.read("report.txt"), "new");
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(folder.files(), 1U); // no temporary file stays
}

TEST(WriteFile, GoesThroughSymbolicLinks)
{
    const TemporaryFolder folder;
    fs::create_symlink(folder.write("target", "old"), folder.file("link"));
    EXPECT_FALSE(write_file(folder.file("link"), "new"));
    EXPECT_TRUE(fs::is_symlink(folder.file("link")));
    EXPECT_EQ(folder.read("target"), "new");
}

TEST(WriteFile, AFailureNamesPathAndReasonAndLeavesTheOldFile)
{
    const TemporaryFolder folder;
    for (const std::string& path : {folder.file("missing/report.txt"), folder.path(), std::string("/dev/full")}) {
        const Outcome problem = write_file(path, "new");
        ASSERT_TRUE(problem) << path;
        EXPECT_THAT(problem->message, HasSubstr(path));
        EXPECT_THAT(problem->message, HasSubstr("can't be written: "));
    }
}

TEST(WriteFile, AReadOnlyFolderKeepsTheOldFile)
{
    const TemporaryFolder folder;
    if (::geteuid() == 0)
        GTEST_SKIP() << "nothing is read-only for root";
    const std::string path = folder.write("report.txt", "old");
    fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
    const Outcome problem = write_file(path, "new");
    ASSERT_TRUE(problem);
    EXPECT_THAT(problem->message, HasSubstr("Permission denied"));
    EXPECT_EQ(folder.read("report.txt"), "old");
}

TEST(ReplacedFile, WithoutCommitTheOldFileStays)
{
    const TemporaryFolder folder;
    const std::string path = folder.write("report.txt", "old");
    {
        ReplacedFile file(path);
        ASSERT_FALSE(file.problem());
        file.stream() << "half";
    }
    EXPECT_EQ(folder.read("report.txt"), "old");
    EXPECT_EQ(folder.files(), 1U);
}

TEST(ModelPath, ReadsAFileAndAFolder)
{
    const TemporaryFolder folder;
    const std::string config = folder.write("Tiny-Llama/config.json", small_llama);
    for (const std::string& path : {config, folder.file("Tiny-Llama"), folder.file("Tiny-Llama/")}) {
        const auto file = read_model_path(path);
        ASSERT_TRUE(file) << path << ": " << file.error().message;
        EXPECT_EQ(file->model->name, "Tiny-Llama");
        // 2 x 100 x 64 + 2 x (2 x 64 x 64 + 2 x 64 x 32 + 3 x 64 x 128 + 2 x 64) + 64
        EXPECT_EQ(file->model->parameters.total, 86'848);
        EXPECT_EQ(file->config->at("hidden_size"), 64);
    }
    EXPECT_EQ((*read_model_path(config, "Mine")).model->name, "Mine");
}

TEST(ModelPath, NamesModelsAfterTheirPlace)
{
    EXPECT_EQ(model_name_of("/m/Llama/config.json"), "Llama");
    EXPECT_EQ(model_name_of("/m/Llama/./x/../config.json"), "Llama");
    EXPECT_EQ(model_name_of("/m/llama-8b.json"), "llama-8b");
    EXPECT_EQ(model_name_of("/hub/models--meta-llama--Llama-3.1-8B/snapshots/0e9e39f/config.json"), "Llama-3.1-8B");
}

TEST(ModelPath, FailuresNameThePath)
{
    const TemporaryFolder folder;
    fs::create_directories(folder.file("empty"));
    const std::vector<std::pair<std::string, std::string>> cases = {
        {folder.file("missing"), "no such file or folder"},
        {folder.file("empty"), "no config.json"},
        {folder.write("broken/config.json", "{"), "ends early"},
        {folder.write("odd/config.json", R"({"model_type": "odd"})"), "odd"},
        {folder.write("model.gguf", "GGUF"), "it ends at byte 4"},
        {folder.write("MODEL.SAFETENSORS", ""), "it is no safetensors file"},
        {folder.write("model.safetensors.index.json", "{}"), "weight_map is missing or empty"},
        {folder.write("pytorch_model.bin", ""), ".bin files are not read"},
    };
    for (const auto& [path, reason] : cases) {
        const auto file = read_model_path(path);
        ASSERT_FALSE(file) << path;
        EXPECT_THAT(file.error().message, HasSubstr(path));
        EXPECT_THAT(file.error().message, HasSubstr(reason));
    }
}

} // namespace
} // namespace weighbridge
