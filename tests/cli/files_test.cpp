#include "core/files/files.h"
#include "core/files/load_model.h"
#include "core/files/model_path.h"
#include "tests/cli/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <csignal>
#include <filesystem>
#include <string>

#include <sys/resource.h>
#include <sys/stat.h>
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
        {read_file("/dev/zero"), "it is no regular file"},
    };
    for (const auto& [result, reason] : cases) {
        ASSERT_FALSE(result) << reason;
        EXPECT_THAT(result.error().message, HasSubstr(result.error().field));
        EXPECT_THAT(result.error().message, HasSubstr(reason));
    }
    EXPECT_THAT(read_file("no\nsuch").error().message, HasSubstr("no?such"));
}

TEST(ReadFile, PipesAndDevicesAreRefusedAtOnce)
{
    // Nobody writes into these pipes: opening one without O_NONBLOCK would wait for ever.
    const TemporaryFolder folder;
    fs::create_directories(folder.file("model"));
    fs::create_directories(folder.file("shards"));
    folder.write("shards/config.json", small_llama);
    folder.write("shards/model.safetensors.index.json", R"({"weight_map":{"a":"model-00001-of-00001.safetensors"}})");
    for (const char* name :
         {"f.gguf", "f.safetensors", "f.json", "model/config.json", "shards/model-00001-of-00001.safetensors"})
        ASSERT_EQ(::mkfifo(folder.file(name).c_str(), 0600), 0);
    for (const char* path : {"f.gguf", "f.safetensors", "f.json", "model", "model/config.json", "shards"}) {
        const auto model = read_model_path(folder.file(path));
        ASSERT_FALSE(model) << path;
        EXPECT_THAT(model.error().message, HasSubstr("it is no regular file")) << path;
    }
    EXPECT_FALSE(read_file(folder.file("f.json")));
    EXPECT_FALSE(read_model_path("/dev/zero"));
}

TEST(ReadFile, APipeOfTheShellIsRead)
{
    std::array<int, 2> ends = {};
    ASSERT_EQ(::pipe(ends.data()), 0);
    ASSERT_EQ(::write(ends[1], "text", 4), 4);
    ::close(ends[1]);
    const auto text = read_file("/dev/fd/" + std::to_string(ends[0]));
    ::close(ends[0]);
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_EQ(*text, "text");
}

/// While it lives, files can't be longer than that, as on a full disk.
class ShortFilesOnly
{
public:
    explicit ShortFilesOnly(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~ShortFilesOnly()
    {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, SIG_DFL);
    }
    ShortFilesOnly(const ShortFilesOnly&) = delete;
    ShortFilesOnly& operator=(const ShortFilesOnly&) = delete;

private:
    rlimit before_ = {};
};

TEST(WriteFile, ADiskThatIsFullAtTheLastByteKeepsTheOldFile)
{
    const TemporaryFolder folder;
    const std::string path = folder.write("a.json", "old");
    for (const std::size_t length : {std::size_t{5}, std::size_t{100'000}}) {
        const ShortFilesOnly limit(4);
        const Outcome problem = write_file(path, std::string(length, 'x'));
        ASSERT_TRUE(problem);
        EXPECT_THAT(problem->message, HasSubstr("File too large"));
    }
    EXPECT_EQ(folder.read("a.json"), "old");
    EXPECT_EQ(folder.files(), 1U);
}

TEST(WriteFile, ADeviceIsNoFile)
{
    const TemporaryFolder folder;
    fs::create_symlink("/dev/null", folder.file("link"));
    const Outcome problem = write_file(folder.file("link"), "new", WriteInto::files);
    ASSERT_TRUE(problem);
    EXPECT_THAT(problem->message, HasSubstr("it is no regular file"));
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
    EXPECT_FALSE(write_file(folder.file("link"), "new"));
    EXPECT_TRUE(fs::is_symlink(folder.file("link")));
}

TEST(ReplacedFile, HasNoNameBeforeItTakesItsPlace)
{
    const TemporaryFolder folder;
    ReplacedFile file(folder.file("report.txt"));
    ASSERT_FALSE(file.problem());
    file.stream() << std::string(200'000, 'x');
    EXPECT_EQ(folder.files(), 0U); // a signal here leaves nothing behind
    EXPECT_FALSE(file.commit());
    EXPECT_EQ(folder.files(), 1U);
    EXPECT_EQ(folder.read("report.txt").size(), 200'000U);
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

ModelReference reference_to(ModelReference::Kind kind, const std::string& text)
{
    ModelReference reference;
    reference.kind = kind;
    reference.text = text;
    return reference;
}

TEST(LoadModel, ComesBackWithWhatNamesItAgain)
{
    using Kind = ModelReference::Kind;
    const auto preset = load_model(reference_to(Kind::preset, "meta-llama/llama-3.1-8b"));
    ASSERT_TRUE(preset) << preset.error().message;
    EXPECT_EQ(preset->reference.text, "Llama-3.1-8B");
    EXPECT_EQ(preset->config->at("model_type"), "llama");

    // A config says everything, wherever it lies; so it is in the reference.
    const TemporaryFolder folder;
    const auto file = load_model(reference_to(Kind::path, folder.write("Tiny/config.json", small_llama)));
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->reference.kind, Kind::config);
    EXPECT_EQ(file->reference.name, "Tiny");
    const auto again = load_model(file->reference);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->model->architecture, file->model->architecture);
    EXPECT_EQ(again->model->name, "Tiny");

    ModelReference typed = reference_to(Kind::architecture, "");
    typed.config = std::make_shared<const nlohmann::json>(nlohmann::json{{"hidden_size", 64},
                                                                         {"intermediate_size", 128},
                                                                         {"num_layers", 2},
                                                                         {"num_attention_heads", 4},
                                                                         {"vocab_size", 100}});
    const auto architecture = load_model(typed);
    ASSERT_TRUE(architecture) << architecture.error().message;
    EXPECT_EQ(architecture->reference.kind, Kind::architecture);
    EXPECT_EQ(architecture->model->name, "Custom");
}

TEST(LoadModel, TheHubIsAskedByWhoeverCan)
{
    const ModelReference reference = reference_to(ModelReference::Kind::hub, "org/tiny@dev:Q4_K_M");
    EXPECT_THAT(load_model(reference).error().message, HasSubstr("has to be fetched first"));
    std::string asked;
    const auto model = load_model(reference, [&](const ModelReference& wanted) -> Result<FetchedModel> {
        asked = wanted.text;
        return FetchedModel{.config = small_llama};
    });
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(asked, "org/tiny@dev:Q4_K_M");
    EXPECT_EQ(model->model->name, "tiny:Q4_K_M");
    EXPECT_EQ(model->reference.kind, ModelReference::Kind::config); // no headers came: the config says everything
    const auto failed = load_model(reference, [](const ModelReference&) -> Result<FetchedModel> {
        return Error{"model", "no network"};
    });
    EXPECT_EQ(failed.error().message, "no network");
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
