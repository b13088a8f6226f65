#include "core/quantity/display.h"

#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <limits>

namespace weighbridge {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::int64_t mib = 1024 * 1024;
constexpr std::int64_t gib_bytes = 1024 * mib;

/// Cases are written with "_" for the no-break space, which can't be seen.
std::string shown(std::string text)
{
    const std::string no_break_space = "\xC2\xA0";
    for (std::size_t at = text.find(no_break_space); at != std::string::npos; at = text.find(no_break_space))
        text.replace(at, no_break_space.size(), "_");
    return text;
}

TEST(Display, BigUnitWithDecimals)
{
    // Llama-3.1-70B in BF16 over 4 GPUs: 70,553,706,496 x 2 / 4 bytes.
    EXPECT_EQ(shown(in_unit({35276853248}, ByteUnit::gib)), "32.85_GiB");
    EXPECT_EQ(shown(in_unit({35276853248}, ByteUnit::gb)), "35.28_GB");
    EXPECT_EQ(in_unit_bare({85520809984}, ByteUnit::gib), "79.65");
    EXPECT_EQ(in_unit_bare({85520809984}, ByteUnit::gib, 1), "79.6");
    EXPECT_EQ(in_unit_bare({1640 * gib_bytes}, ByteUnit::gib, 0), "1,640");
    EXPECT_EQ(in_unit_bare({-1}, ByteUnit::gib), "0.00") << "no minus before a zero";
    EXPECT_EQ(in_unit_bare({-gib_bytes / 2}, ByteUnit::gib), "-0.50");
    EXPECT_EQ(in_unit_bare({largest}, ByteUnit::gib), "8,589,934,592.00");
    EXPECT_EQ(in_unit_bare({smallest}, ByteUnit::gib), "-8,589,934,592.00");
    EXPECT_EQ(in_unit_bare({gib_bytes}, ByteUnit::gib, -3), "1");
    EXPECT_EQ(unit_name(ByteUnit::gib), "GiB");
}

// 2,637,824 B are 2.516 MiB; 190,750 GiB are 186.3 TiB.
TEST(Display, AmountsWithAUnitStandInOneThatShowsThem)
{
    struct Case
    {
        std::int64_t bytes;
        ByteUnit unit;
        int decimals;
        const char* text;
    };
    const Case cases[] = {
        {2'637'824, ByteUnit::gib, 2, "2.52_MiB"},
        {14'336, ByteUnit::gib, 2, "14,336_B"},
        {0, ByteUnit::gib, 2, "0.00_GiB"}, // nothing is nothing
        {6 * mib, ByteUnit::gib, 2, "0.01_GiB"},
        {6 * mib, ByteUnit::gib, 1, "6.00_MiB"},
        {-6 * mib, ByteUnit::gib, 1, "-6.00_MiB"},
        {9'999 * gib_bytes, ByteUnit::gib, 1, "9,999.0_GiB"},
        {190'750 * gib_bytes, ByteUnit::gib, 1, "186_TiB"},
        {-190'750 * gib_bytes, ByteUnit::gib, 1, "-186_TiB"},
        {12'345'000'000'000, ByteUnit::gb, 2, "12.3_TB"},
    };
    for (const Case& c : cases)
        EXPECT_EQ(shown(in_unit({c.bytes}, c.unit, c.decimals)), c.text) << c.bytes;
}

TEST(Display, FittingUnit)
{
    struct Case
    {
        std::int64_t bytes;
        ByteUnit unit;
        const char* text;
    };
    const Case cases[] = {
        {70272, ByteUnit::gib, "70,272_B"},
        {0, ByteUnit::gib, "0_B"},
        {-70272, ByteUnit::gib, "-70,272_B"},
        {mib - 1, ByteUnit::gib, "1,048,575_B"},
        {mib, ByteUnit::gib, "1.00_MiB"},
        {549 * mib, ByteUnit::gib, "549_MiB"},
        {gib_bytes - 1, ByteUnit::gib, "1.00_GiB"},
        {1023 * mib, ByteUnit::gib, "1,023_MiB"},
        {1024 * gib_bytes * 151 / 100, ByteUnit::gib, "1,546_GiB"}, // cards are counted in it
        {9'999 * gib_bytes, ByteUnit::gib, "9,999_GiB"},
        {10'000 * gib_bytes, ByteUnit::gib, "9.77_TiB"},
        {-33 * gib_bytes, ByteUnit::gib, "-33.0_GiB"},
        {largest, ByteUnit::gib, "8,388,608_TiB"},
        {smallest, ByteUnit::gib, "-8,388,608_TiB"},
        {999999, ByteUnit::gb, "999,999_B"},
        {42201088, ByteUnit::gb, "42.2_MB"},
        {999600000, ByteUnit::gb, "1.00_GB"},
        {1510000000000, ByteUnit::gb, "1,510_GB"},
    };
    for (const Case& c : cases)
        EXPECT_EQ(shown(in_fitting_unit({c.bytes}, c.unit)), c.text) << c.bytes;
}

TEST(Display, GroupedDigits)
{
    EXPECT_EQ(grouped(70553706496), "70,553,706,496");
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(-1000), "-1,000");
    EXPECT_EQ(grouped(smallest), "-9,223,372,036,854,775,808");
}

TEST(Display, Parameters)
{
    struct Case
    {
        std::int64_t count;
        const char* text;
    };
    for (const Case& c : {Case{70553706496, "70.55_B"}, Case{8030261248, "8.03_B"}, Case{596049920, "596_M"},
                          Case{512, "512"}, Case{999999, "999,999"}, Case{1000000, "1_M"}, Case{999700000, "1.00_B"},
                          Case{1026408232448, "1.03_T"}, Case{0, "0"}})
        EXPECT_EQ(shown(parameters_text(c.count)), c.text) << c.count;
}

TEST(Display, ThreeDigitsWithPrefix)
{
    struct Case
    {
        double value;
        const char* text;
    };
    // The operations of a 70B layer in the design: 503,316,480 and 1,610,612,736 FLOPs, 983,040 for its norms.
    for (const Case& c :
         {Case{503316480, "503_M"}, Case{1610612736, "1.61_G"}, Case{983040, "983_k"}, Case{0, "0"}, Case{12, "12"},
          Case{11.93, "11.9"}, Case{0.8333, "0.833"}, Case{0.0004, "0.000400"}, Case{999, "999"}, Case{999.6, "1.00_k"},
          Case{999600, "1.00_M"}, Case{989.4e12, "989_T"}, Case{1e15, "1.00_P"}, Case{1e22, "10,000_E"},
          Case{-1500, "-1.50_k"}, Case{infinite, "—"}, Case{-infinite, "—"}, Case{std::nan(""), "—"}})
        EXPECT_EQ(shown(si_text(c.value)), c.text) << c.value;
}

TEST(Display, Traffic)
{
    EXPECT_EQ(shown(traffic_text(42201088)), "42.2_MB");
    EXPECT_EQ(shown(traffic_text(512)), "512_B");
    EXPECT_EQ(shown(traffic_text(1500)), "1.50_kB");
    EXPECT_EQ(shown(traffic_text(67.1e9)), "67.1_GB");
    EXPECT_EQ(shown(traffic_text(std::nan(""))), "—");
}

TEST(Display, Percent)
{
    struct Case
    {
        double fraction;
        const char* text;
    };
    for (const Case& c :
         {Case{0.83, "83_%"}, Case{0.004, "0.4_%"}, Case{16.4, "1,640_%"}, Case{0, "0_%"}, Case{1, "100_%"},
          Case{0.0001, "<0.1_%"}, Case{0.0097, "1_%"}, Case{1.004, "100.4_%"}, Case{1.0000001, "100.1_%"},
          Case{1.006, "101_%"}, Case{-0.05, "-5_%"}, Case{infinite, "—"}, Case{std::nan(""), "—"}})
        EXPECT_EQ(shown(percent_text(c.fraction)), c.text) << c.fraction;
}

TEST(Display, DoesNotFollowTheLocale)
{
    const std::string before = std::setlocale(LC_ALL, nullptr);
    if (std::setlocale(LC_ALL, "de_DE.UTF-8") == nullptr)
        GTEST_SKIP() << "no German locale here";
    EXPECT_EQ(in_unit_bare({1640 * gib_bytes}, ByteUnit::gib), "1,640.00");
    EXPECT_EQ(si_text(11.93), "11.9");
    std::setlocale(LC_ALL, before.c_str());
}

} // namespace
} // namespace weighbridge
