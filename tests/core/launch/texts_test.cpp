// Words of shells, and the YAML and TOML of configuration files.

#include "core/launch/shell_words.h"
#include "core/launch/structured_text.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weighbridge {

namespace {

using Words = std::vector<std::string>;

TEST(ShellWords, AreUnquotedAndNotExpanded)
{
    const auto commands = shell_commands("A=1 B='x y' cmd --a=\"q r\" \\\n -ot blk\\.3=CPU \"b\\.4\" $X *.gguf # no\n"
                                         "export C=2 && next 2>&1 > /dev/null &");
    ASSERT_TRUE(commands);
    ASSERT_EQ(commands->size(), 3U);
    EXPECT_EQ((*commands)[0].words, (Words{"cmd", "--a=q r", "-ot", "blk.3=CPU", "b\\.4", "$X", "*.gguf"}));
    EXPECT_EQ((*commands)[0].environment.size(), 2U);
    EXPECT_EQ((*commands)[0].environment[1].second, "x y");
    EXPECT_EQ((*commands)[1].environment.front().first, "C");
    EXPECT_EQ((*commands)[2].words, (Words{"next"}));
}

TEST(ShellWords, ReadPowerShellAndPathsOfWindows)
{
    const auto commands =
        shell_commands("$env:CUDA_VISIBLE_DEVICES = \"0\"\n& .\\llama-server.exe `\n -m C:\\a\\b.gguf");
    ASSERT_TRUE(commands);
    ASSERT_EQ(commands->size(), 2U);
    EXPECT_EQ((*commands)[0].environment.front().second, "0");
    EXPECT_EQ((*commands)[1].words, (Words{".\\llama-server.exe", "-m", "C:\\a\\b.gguf"}));
}

TEST(ShellWords, SayWhatIsOpen)
{
    EXPECT_FALSE(shell_commands("a 'b"));
    EXPECT_FALSE(shell_commands("a \"b"));
}

TEST(Yaml, ReadsWhatFilesAreWrittenIn)
{
    const auto read = parse_yaml("a: 1 # one\nb:\n  - x\n  - y: 2\n    z: \"q: r\"\nc: [1, 'two', {d: 3}]\ne:\n- 0.5\n"
                                 "f: |\n  l1\n  l2\ng:\nh: 1.0e-5\ni: {j: [\n  1,\n  2,\n]}\n");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(nlohmann::json(*read), nlohmann::json::parse(R"({"a": 1, "b": ["x", {"y": 2, "z": "q: r"}],
        "c": [1, "two", {"d": 3}], "e": [0.5], "f": "l1\nl2", "g": null, "h": 1e-5, "i": {"j": [1, 2]}})"));
}

TEST(Yaml, IsBounded)
{
    std::string deep;
    for (int i = 0; i < 200; ++i)
        deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    EXPECT_FALSE(parse_yaml(deep));
    EXPECT_FALSE(parse_yaml("a: 1\n  b: 2\n"));
    EXPECT_FALSE(parse_yaml("  a: 1\nb: 2\n"));
    EXPECT_TRUE(parse_yaml("a: " + std::string(5000, '[')));
}

TEST(Toml, ReadsSectionsAndLists)
{
    const auto read = parse_toml("x = 1\n[a.b]\nc = \"s # t\" # no\nd = [\n 1,\n 2, # two\n]\n");
    ASSERT_TRUE(read);
    EXPECT_EQ(nlohmann::json(*read), nlohmann::json::parse(R"({"x": 1, "a": {"b": {"c": "s # t", "d": [1, 2]}}})"));
    EXPECT_FALSE(parse_toml("nothing\n"));
}

} // namespace

} // namespace weighbridge
