#include "core/estimate/fit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

namespace weighbridge {
namespace {

Accelerator card(std::int64_t capacity)
{
    Accelerator accelerator;
    accelerator.capacity = {capacity};
    return accelerator;
}

TEST(Fit, FitsUpToFourFifthsIsTightUpToAllAndExceedsAbove)
{
    struct Case
    {
        std::int64_t needed;
        Verdict verdict;
        std::int64_t free;
    };
    for (const Case& c : {Case{0, Verdict::fits, 1000}, Case{800, Verdict::fits, 200}, Case{801, Verdict::tight, 199},
                          Case{1000, Verdict::tight, 0}, Case{1001, Verdict::exceeds, -1}}) {
        const Fit fit = judge(card(1000), std::nullopt, {c.needed});
        EXPECT_EQ(fit.verdict, c.verdict) << c.needed;
        EXPECT_EQ(fit.free_bytes, c.free) << c.needed;
        EXPECT_DOUBLE_EQ(fit.fraction, static_cast<double>(c.needed) / 1000);
        EXPECT_FALSE(fit.gpus_needed);
    }
}

TEST(Fit, CountsOnTheUsableShare)
{
    const Fit fit = judge(card(1000), 0.9, {720});
    EXPECT_EQ(fit.usable.count, 900);
    EXPECT_EQ(fit.capacity.count, 1000);
    EXPECT_EQ(fit.verdict, Verdict::fits);
    Accelerator unified = card(1000);
    unified.unified_memory = true;
    EXPECT_EQ(judge(unified, std::nullopt, {1}).usable.count, 750);
    EXPECT_EQ(judge(unified, 1.0, {1}).usable.count, 1000);
}

TEST(Fit, NothingUsableExceedsAndIsNeverANumberByAccident)
{
    EXPECT_EQ(judge(card(0), std::nullopt, {1}).verdict, Verdict::exceeds);
    EXPECT_TRUE(std::isinf(judge(card(0), std::nullopt, {1}).fraction));
    EXPECT_EQ(judge(card(0), std::nullopt, {0}).fraction, 0);
}

TEST(Fit, VerdictsHaveNames)
{
    EXPECT_EQ(verdict_name(Verdict::fits), "fits");
    EXPECT_EQ(verdict_name(Verdict::tight), "tight");
    EXPECT_EQ(verdict_name(Verdict::exceeds), "exceeds");
}

TEST(Fit, StandardAcceleratorsAreTheWebFormsAndTheAppendixs)
{
    const std::set<std::string_view> expected = {// web form
                                                 "a100_sxm_40", "a100_sxm_80", "h100_sxm_80", "h100_nvl_94",
                                                 "h200_sxm_141", "b200_sxm",
                                                 // appendix
                                                 "rtx_4090", "rtx_5090", "b300_sxm", "m4_max", "m3_ultra"};
    const auto ids = standard_accelerators();
    EXPECT_EQ(std::set<std::string_view>(ids.begin(), ids.end()), expected);
    EXPECT_EQ(ids.size(), expected.size());
    const Catalogue catalogue;
    Bytes before;
    for (const std::string_view id : ids) {
        const auto accelerator = catalogue.find(id);
        ASSERT_TRUE(accelerator) << id;
        EXPECT_LE(before, accelerator->capacity) << id << " is out of order";
        before = accelerator->capacity;
    }
}

} // namespace
} // namespace weighbridge
