#include "core/fields/scenario_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace weighbridge {
namespace {

using ::testing::HasSubstr;

struct Hostile
{
    const char* what;
    std::string text;
    std::vector<std::string> names;
};

std::string repeated(const std::string& piece, std::size_t times)
{
    std::string text;
    text.reserve(piece.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        text += piece;
    return text;
}

std::string length_of(const std::string& value)
{
    return R"({"inference": {"sequence_length": )" + value + "}}";
}

std::vector<Hostile> hostile_texts()
{
    const std::string key = "inference.sequence_length";
    const std::string allowed = "from 1 to 1,073,741,824";
    return {
        {"nothing", "", {"scenario", "empty"}},
        {"blanks", " \n ", {"scenario", "empty"}},
        {"lists nested 100,000 deep", repeated("[", 100'000), {"scenario", "deeper"}},
        {"objects nested 100,000 deep", repeated(R"({"model":)", 100'000), {"scenario", "deeper"}},
        {"100 MB of blanks", std::string(100'000'000, ' '), {"scenario", "100000000"}},
        {"100 MB of a string", R"({"model": ")" + std::string(100'000'000, 'x') + "\"}", {"scenario", "bytes"}},
        {"a name of 1 MB", R"({"model": ")" + std::string(1'000'000, 'x') + "\"}", {"model", "xxx"}},
        {"a key of 1 MB", R"({")" + std::string(1'000'000, 'x') + R"(": 1})", {"xxx", "list fields"}},
        {"a key with control characters", "{\"a\\u001b[31m\\nb\": 1}", {"a?[31m?b"}},
        {"invalid UTF-8", "{\"model\": \"\xFF\xFE\"}", {"scenario", "UTF-8"}},
        {"an overlong encoding", "{\"model\": \"\xC0\xAF\"}", {"scenario", "UTF-8"}},
        {"a lone surrogate", R"({"model": "\ud800"})", {"scenario"}},
        {"a zero byte", std::string("{\"model\": \0}", 12), {"scenario", "zero byte"}},
        {"text behind the object", "{} {}", {"scenario"}},
        {"a comment", "{} // done", {"scenario", "comment"}},
        {"a truncated object", R"({"model": "Llama)", {"scenario", "ends early"}},
        {"a duplicate key", R"({"task": "inference", "task": "inference"})", {"task", "twice"}},
        {"a nested duplicate key",
         R"({"inference": {"engine": "generic", "engine": "generic"}})",
         {"inference.engine", "twice"}},
        {"negative", length_of("-5"), {key, "-5", allowed}},
        {"zero", length_of("0"), {key, "0", allowed}},
        {"fractional", length_of("8192.5"), {key, "8192.5", allowed}},
        {"too large by one", length_of("1073741825"), {key, "1,073,741,825", allowed}},
        {"larger than 64 bits", length_of("99999999999999999999999"), {key, "1e+23", allowed}},
        {"the largest 64 bits", length_of("18446744073709551615"), {key, allowed}},
        {"an exponent", length_of("1e308"), {key, "1e+308", allowed}},
        {"an exponent beyond doubles", length_of("1e400"), {"scenario", "number"}},
        {"NaN", length_of("NaN"), {key, "\"NaN\"", allowed}},
        {"Infinity", length_of("Infinity"), {key, "\"Infinity\"", allowed}},
        {"-Infinity", length_of("-Infinity"), {key, "\"-Infinity\"", allowed}},
        {"a number as a string", length_of("\"8192\""), {key, "\"8192\"", allowed}},
        {"true", length_of("true"), {key, "true", allowed}},
        {"a list", length_of("[8192]"), {key, "a list of 1 entry", allowed}},
        {"an object", length_of("{}"), {key, "an object", allowed}},
        {"null", R"({"inference": {"concurrent_sequences": null}})", {"inference.concurrent_sequences", "null"}},
        {"NaN as a fraction", R"({"hardware": {"usable_fraction": NaN}})", {"hardware.usable_fraction", "NaN"}},
        {"NaN as memory", R"({"hardware": {"accelerator": {"memory_gib": NaN}}})", {"memory_gib", "NaN"}},
        {"memory beyond a pebibyte",
         R"({"hardware": {"accelerator": {"memory_gib": 1e300}}})",
         {"memory_gib", "1e+300"}},
        {"memory that rounds to nothing", R"({"hardware": {"accelerator": {"memory_gib": 1e-300}}})", {"memory_gib"}},
        {"a name with an escape",
         R"({"hardware": {"accelerator": {"name": "\u001b[2J", "memory_gib": 8}}})",
         {"name", "\\u001b"}},
    };
}

TEST(HostileScenario, EachGetsAMessageInOneLine)
{
    for (const Hostile& row : hostile_texts()) {
        const auto scenario = read_scenario_text(row.text);
        ASSERT_FALSE(scenario) << row.what;
        const std::string& message = scenario.error().message;
        for (const std::string& name : row.names)
            EXPECT_THAT(message, HasSubstr(name)) << row.what;
        EXPECT_LT(message.size(), 1000U) << row.what;
        for (const char letter : message)
            EXPECT_GE(static_cast<unsigned char>(letter), 0x20U) << row.what << ": " << message;
    }
}

TEST(HostileScenario, AByteOrderMarkIsSkipped)
{
    EXPECT_TRUE(read_scenario_text("\xEF\xBB\xBF{}"));
}

} // namespace
} // namespace weighbridge
