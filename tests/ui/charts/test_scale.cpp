#include "ui/charts/scale.h"

#include <gmock/gmock.h>

namespace weighbridge {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pointwise;

TEST(LinearScale, MapsInProportion)
{
    const LinearScale scale{0, 80, 10, 410};
    EXPECT_DOUBLE_EQ(scale.map(0), 10);
    EXPECT_DOUBLE_EQ(scale.map(20), 110);
    EXPECT_DOUBLE_EQ(scale.map(80), 410);
}

TEST(LinearScale, EmptyDomainMapsToItsStart)
{
    const LinearScale scale{5, 5, 10, 20};
    EXPECT_DOUBLE_EQ(scale.map(7), 10);
    EXPECT_THAT(scale.ticks(5), IsEmpty());
}

TEST(LinearScale, BinaryTicksSuitGibibytes)
{
    const LinearScale scale{0, 79.65, 0, 1};
    EXPECT_THAT(scale.ticks(6, TickBase::binary), ElementsAre(0, 16, 32, 48, 64));
}

TEST(LinearScale, DecimalTicksAreOneTwoOrFive)
{
    EXPECT_THAT((LinearScale{0, 85.5, 0, 1}.ticks(6)), ElementsAre(0, 20, 40, 60, 80));
    EXPECT_THAT((LinearScale{0, 0.9, 0, 1}.ticks(2)), Pointwise(DoubleEq(), {0.0, 0.5}));
}

TEST(LinearScale, InfiniteDomainHasNoTicks)
{
    EXPECT_THAT((LinearScale{0, INFINITY, 0, 1}.ticks(6)), IsEmpty());
}

TEST(LogScale, MapsDecadesEvenly)
{
    const LogScale scale{-1, 3, 0, 400};
    EXPECT_DOUBLE_EQ(scale.map(0.1), 0);
    EXPECT_DOUBLE_EQ(scale.map(10), 200);
    EXPECT_DOUBLE_EQ(scale.map(1000), 400);
}

TEST(LogScale, ValuesOutsideLieOnTheEdge)
{
    const LogScale scale{0, 2, 0, 100};
    EXPECT_DOUBLE_EQ(scale.map(0), 0);
    EXPECT_DOUBLE_EQ(scale.map(-4), 0);
    EXPECT_DOUBLE_EQ(scale.map(1e9), 100);
}

TEST(LogScale, TicksAreDecadesAndThinOut)
{
    const LogScale scale{-1, 5, 0, 1};
    EXPECT_THAT(scale.ticks(10), Pointwise(DoubleEq(), {0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5}));
    EXPECT_THAT(scale.ticks(3), Pointwise(DoubleEq(), {0.1, 10.0, 1e3, 1e5}));
}

TEST(LogScale, SpansTheValuesByWholeDecades)
{
    const LogScale scale = LogScale::around(0.8, 295);
    EXPECT_EQ(scale.lowDecade, -1);
    EXPECT_EQ(scale.highDecade, 3);
}

TEST(LogScale, SurvivesNonsense)
{
    for (const auto& [low, high] : {std::pair{0.0, 0.0}, {-1.0, 5.0}, {5.0, 1.0}, {1.0, INFINITY}, {NAN, NAN}})
        EXPECT_GT(LogScale::around(low, high).highDecade, LogScale::around(low, high).lowDecade);
}

} // namespace weighbridge
