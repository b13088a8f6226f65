#include "core/fields/number_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weighbridge {
namespace {

struct CountCase
{
    std::string text;
    CountUnit unit;
    std::int64_t expected;
};

TEST(ParseCount, ReadsWhatPeopleType)
{
    using enum CountUnit;
    const std::vector<CountCase> cases = {
        {"4096", plain, 4096},
        {" 4096 ", plain, 4096},
        {"8k", plain, 8192},
        {"8K", plain, 8192},
        {"128 k", plain, 131072},
        {"1M", plain, 1048576},
        {"1.5k", plain, 1536},
        {"4*8192", plain, 32768},
        {"2 × 4k", plain, 8192},
        {"32_768", plain, 32768},
        {"32,768", plain, 32768},
        {"32 768", plain, 32768},
        {"32\u202F768", plain, 32768},
        {"1,048,576", plain, 1048576},
        {"1e6", plain, 1000000},
        {"-5", plain, -5},
        {"0", plain, 0},
        {"9007199254740992", plain, 9007199254740992},
        {"70.6B", parameters, 70600000000},
        {"70553706496", parameters, 70553706496},
        {"500M", parameters, 500000000},
        {"1.6T", parameters, 1600000000000},
        {"512 MiB", bytes, 536870912},
        {"0.5GiB", bytes, 536870912},
        {"1 GB", bytes, 1000000000},
        {"1024 B", bytes, 1024},
        {"536870912", bytes, 536870912},
    };
    for (const CountCase& row : cases) {
        const auto count = parse_count(row.text, row.unit);
        ASSERT_TRUE(count) << row.text << ": " << count.error().message;
        EXPECT_EQ(*count, row.expected) << row.text;
    }
}

TEST(ParseCount, RefusesWhatCouldBeMeantOtherwise)
{
    const std::vector<std::pair<std::string, CountUnit>> cases = {
        {"", CountUnit::plain},
        {" ", CountUnit::plain},
        {"abc", CountUnit::plain},
        {"1,5", CountUnit::plain},
        {"1_0", CountUnit::plain},
        {"12,34,567", CountUnit::plain},
        {"1,234 567", CountUnit::plain},
        {"1.5", CountUnit::plain},
        {"8kk", CountUnit::plain},
        {"8B", CountUnit::plain},
        {"4*", CountUnit::plain},
        {"8.", CountUnit::plain}, // on its way to something
        {"8.k", CountUnit::plain},
        {"70.B", CountUnit::parameters},
        {"*4", CountUnit::plain},
        {"--5", CountUnit::plain},
        {"0x10", CountUnit::plain},
        {"nan", CountUnit::plain},
        {"inf", CountUnit::plain},
        {"1e400", CountUnit::plain},
        {"9007199254740994", CountUnit::plain},
        {"512k", CountUnit::bytes},
        {"1M", CountUnit::bytes},
        {"1e-3", CountUnit::plain},
        {"1e6k7", CountUnit::plain},
        {"5 6", CountUnit::plain},
        {std::string(100, '1'), CountUnit::plain},
        {std::string("4\0", 2), CountUnit::plain},
    };
    for (const auto& [text, unit] : cases) {
        const auto count = parse_count(text, unit);
        ASSERT_FALSE(count) << text << " was read as " << *count;
        if (!text.empty() && text.size() < 50 && text[0] > ' ' && text.find('\0') == std::string::npos) {
            EXPECT_NE(count.error().message.find(text), std::string::npos) << count.error().message;
        }
    }
}

TEST(ParseCounts, ReadsAListWithCommas)
{
    const auto counts = parse_counts("2000, 8k ,128000", "lengths", 1 << 20);
    ASSERT_TRUE(counts);
    EXPECT_EQ(*counts, (std::vector<std::int64_t>{2000, 8192, 128000}));
    std::string many = "1";
    for (int more = 0; more < 99; ++more)
        many += ",1";
    EXPECT_EQ(parse_counts(many, "lengths", 8)->size(), 100u);
    for (const std::string& text : {std::string(), std::string(","), std::string("1,,2"), std::string("1,"),
                                    std::string("0"), std::string("9"), std::string("a"), many + ",1"}) {
        const auto refused = parse_counts(text, "lengths", 8);
        ASSERT_FALSE(refused) << text;
        EXPECT_TRUE(refused.error().message.starts_with("lengths is ")) << refused.error().message;
        EXPECT_NE(refused.error().message.find("up to 100 counts from 1 to 8"), std::string::npos);
    }
}

TEST(ParseReal, ReadsFractions)
{
    const std::vector<std::pair<std::string, double>> cases = {
        {"0.9", 0.9}, {"92 %", 0.92}, {"92%", 0.92},  {"1/2", 0.5},        {"1", 1},
        {".5", 0.5},  {"1e-2", 0.01}, {"-0.5", -0.5}, {"50 / 4 %", 0.125},
    };
    for (const auto& [text, expected] : cases) {
        const auto number = parse_real(text);
        ASSERT_TRUE(number) << text;
        EXPECT_DOUBLE_EQ(*number, expected) << text;
    }
    for (const std::string text :
         {"", "0,9", "nan", "inf", "1/0", "0/0", "1/2/3", "%", "0x1p3", "1e999", "half", "0.", "1./2", "92. %"})
        EXPECT_FALSE(parse_real(text)) << text;
}

TEST(RealText, ReadsBackAsTheSameNumber)
{
    for (const double value : {0.15, 1.0 / 3, 0.1 + 0.2, 1e-300, 10.0})
        EXPECT_EQ(std::stod(real_text(value)), value);
    EXPECT_EQ(real_text(0.15), "0.15");
}

} // namespace
} // namespace weighbridge
