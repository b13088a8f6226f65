#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

namespace weighbridge {

namespace {

using nlohmann::json;

TEST(JsonText, ReadsWhatPythonWrites)
{
    const auto value = parse_json(
        "\xEF\xBB\xBF{\"a\": NaN, \"b\": [Infinity, -Infinity, -1.5], \"c\": \"NaN \\\" Infinity\", \"d\": null}", "t");
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(*value,
              (json{{"a", "NaN"}, {"b", {"Infinity", "-Infinity", -1.5}}, {"c", "NaN \" Infinity"}, {"d", nullptr}}));
}

TEST(JsonText, ReadsAnyValueAtTheTop)
{
    for (const char* text : {"1", "\"x\"", "null", "[]", " {} \n"})
        EXPECT_TRUE(parse_json(text, "t")) << text;
}

TEST(JsonText, TextsOfMillionsOfValuesAreRefusedBeforeTheyAreBuilt)
{
    std::string text = "[{}";
    for (int i = 0; i < 2'000'000; ++i)
        text += ",{}";
    const auto refused = parse_json(text + "]", "config.json");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("more than 500,000 values"), std::string::npos) << refused.error().message;
    text.resize(3 + 3 * 200'000);
    EXPECT_TRUE(parse_json(text + "]", "config.json"));
}

TEST(JsonText, KeepsNestedContainersApart)
{
    const char* text = R"({"a":[{"b":[[1,2],{"c":{}}]},[],3],"d":{"e":[{"f":1},{"f":2}]}})";
    const auto value = parse_json(text, "t");
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(value->dump(), text);
}

struct Refused
{
    const char* name;
    std::string text;
    const char* field;
    const char* message; ///< a part of it
    /// So often: a text of millions of letters is made where it is read, not at every start of the program.
    std::size_t times = 1;
};

std::string repeated(std::string_view text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

class RefusedTexts : public ::testing::TestWithParam<Refused>
{
};

TEST_P(RefusedTexts, SayWhyAndWhere)
{
    const auto value = parse_json(repeated(GetParam().text, GetParam().times), "config.json");
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().field, GetParam().field);
    EXPECT_NE(value.error().message.find(GetParam().message), std::string::npos) << value.error().message;
    EXPECT_NO_THROW(static_cast<void>(json(value.error().message).dump())) << "the message is valid UTF-8";
    EXPECT_LT(value.error().message.size(), 400U);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, RefusedTexts,
    ::testing::Values(
        Refused{"empty", "", "config.json", "is empty"}, Refused{"blank", " \n\t", "config.json", "is empty"},
        Refused{"only_a_mark", "\xEF\xBB\xBF", "config.json", "is empty"},
        Refused{"two_marks", "\xEF\xBB\xBF\xEF\xBB\xBF{}", "config.json", "second byte-order mark"},
        Refused{"utf16", std::string("\xFF\xFE{\0}\0", 6), "config.json", "line 1, column"},
        Refused{"truncated_object", "{\"a\": 1,\n \"b\"", "config.json", "ends early, at line 2, column 5"},
        Refused{"truncated_string", "{\"a\": \"x", "config.json", "ends early, at line 1, column 9"},
        Refused{"truncated_word", "{\"a\": tr", "config.json", "ends early"},
        Refused{"trailing_text", "{} x", "config.json", "unexpected 'x' at line 1, column 4"},
        Refused{"two_values", "{}{}", "config.json", "unexpected '{' at line 1, column 3"},
        Refused{"trailing_comma", "{\n\"a\": 1,\n}", "config.json", "unexpected '}' at line 3, column 1"},
        Refused{"comment", "{ // hidden\n}", "config.json", "JSON has no comments"},
        Refused{"block_comment", "/* x */ {}", "config.json", "unexpected '/' at line 1, column 1"},
        Refused{"single_quotes", "{'a': 1}", "config.json", "unexpected ''' at line 1, column 2"},
        Refused{"zero_byte", std::string("{}\0{}", 5), "config.json", "a zero byte at line 1, column 3"},
        Refused{"after_nan", "{\"a\": NaN, \"b\": NaN,\n}", "config.json", "unexpected '}' at line 2, column 1"},
        Refused{"nan_with_more", "{\"a\": NaNs}", "config.json", "unexpected 's' at line 1, column 10"},
        Refused{"invalid_utf8", "{\"a\": \"\xC3\x28\"}", "config.json", "not valid UTF-8 at line 1, column 9"},
        Refused{"invalid_utf8_key", "{\"\xFF\": 1}", "config.json", "not valid UTF-8"},
        Refused{"surrogate", "{\"a\": \"\\ud800\"}", "config.json", "line 1"},
        Refused{"huge_number", "{\"a\": 1e999}", "config.json", "too large at line 1"},
        Refused{"duplicate_key", "{\"a\": 1, \"a\": 1}", "a", "the key a twice"},
        Refused{"nested_duplicate", "{\"x\": [0, {\"y\": 1, \"y\": 2}]}", "x[1].y", "x[1].y twice"},
        Refused{"deep_lists", "[", "config.json", "nested deeper than 64 levels at line 1, column 65", 100'000},
        Refused{"deep_objects", "{\"a\":", "config.json", "nested deeper than 64 levels", 100'000},
        Refused{"closed_deep_lists", repeated("[", 100'000) + repeated("]", 100'000), "config.json",
                "nested deeper than 64"},
        Refused{"nine_mebibytes", "   {}    ", "config.json", "has 9437184 bytes; at most 8388608", 1U << 20U},
        Refused{"hundred_megabytes", "[[[[[[[[[[", "config.json", "has 100000000 bytes", 10'000'000}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(JsonText, AcceptsTheDeepestAllowedNesting)
{
    EXPECT_TRUE(parse_json(repeated("[", 64) + repeated("]", 64), "t"));
    EXPECT_FALSE(parse_json(repeated("[", 65) + repeated("]", 65), "t"));
    EXPECT_TRUE(parse_json("\"" + repeated("[", 100) + "\"", "t")) << "brackets in a text do not nest";
}

TEST(JsonText, ReadsAsMuchAsTheLimitAllows)
{
    EXPECT_TRUE(parse_json("[1234]", "t", {.bytes = 6}));
    EXPECT_FALSE(parse_json("[12345]", "t", {.bytes = 6}));
}

TEST(Brief, IsShortAndPrintable)
{
    const std::vector<std::pair<json, std::string>> cases = {
        {json(nullptr), "null"},
        {json(true), "true"},
        {json(-3), "-3"},
        {json(4096.5), "4096.5"},
        {json(1e30), "1e+30"},
        {json("x"), "\"x\""},
        {json("a\nb"), "\"a\\nb\""},
        {json::array(), "a list of 0 entries"},
        {json::array({1}), "a list of 1 entry"},
        {json{{"a", 1}, {"b", 2}}, "an object of 2 keys"},
    };
    for (const auto& [value, expected] : cases)
        EXPECT_EQ(brief(value), expected);
}

TEST(Brief, CutsLongTextsBetweenCharacters)
{
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "é";
    const std::string shown = brief(json(text));
    EXPECT_TRUE(shown.ends_with("…\"")) << shown;
    EXPECT_NO_THROW(static_cast<void>(json(shown).dump()));
    EXPECT_NO_THROW(static_cast<void>(json(brief(json("\xFF\xC3"))).dump())) << "bytes that are no UTF-8";
    EXPECT_LE(brief(json(std::string(1000, '\1'))).size(), 42U);
}

} // namespace

} // namespace weighbridge
