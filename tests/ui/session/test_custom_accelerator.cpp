#include "tests/ui/session/session_fixture.h"

namespace weighbridge::test {

namespace {

TEST_F(SessionTest, ACustomAcceleratorStartsWithTheFiguresOfTheChosenOne)
{
    const Accelerator before = session.accelerator();
    set(u"hardware.accelerator"_s, u"custom"_s);
    EXPECT_EQ(session.accelerator().id, "custom");
    EXPECT_EQ(session.accelerator().capacity, before.capacity);
    EXPECT_EQ(session.accelerator().bandwidth_gbs, before.bandwidth_gbs);
    EXPECT_FALSE(session.state().stale);
}

TEST_F(SessionTest, TheFiguresOfACustomAcceleratorCanBeTyped)
{
    set(u"hardware.accelerator"_s, u"custom"_s);
    set(u"hardware.custom.name"_s, u"My card"_s);
    set(u"hardware.custom.memory"_s, u"48"_s);
    set(u"hardware.custom.bandwidth"_s, u"1000"_s);
    set(u"hardware.custom.peak"_s, u"200"_s);
    const Accelerator& card = session.state().estimate->accelerator;
    EXPECT_EQ(card.name, "My card");
    EXPECT_EQ(card.capacity.count, 48LL << 30);
    EXPECT_EQ(card.bandwidth_gbs, 1000);
    EXPECT_EQ(card.tflops.bf16, 200);
    undo();
    undo();
    EXPECT_EQ(text(u"hardware.custom.memory"_s), u"48"_s);
}

TEST_F(SessionTest, UnusableFiguresAreSaid)
{
    set(u"hardware.accelerator"_s, u"custom"_s);
    for (const QString& text : {u"0"_s, u"-4"_s, u"lots"_s, u""_s, u"1e12"_s}) {
        set(u"hardware.custom.memory"_s, text);
        EXPECT_NE(errorOf(u"hardware.custom.memory"_s), QString()) << text.toStdString();
    }
    set(u"hardware.custom.memory"_s, u"24"_s);
    set(u"hardware.custom.bandwidth"_s, u""_s);
    EXPECT_EQ(errorOf(u"hardware.custom.bandwidth"_s), QString());
    EXPECT_EQ(session.accelerator().bandwidth_gbs, 0);
    EXPECT_FALSE(session.state().stale);
}

TEST_F(SessionTest, AnUnknownAcceleratorIsRefused)
{
    set(u"hardware.accelerator"_s, u"h1000"_s);
    EXPECT_NE(errorOf(u"hardware.accelerator"_s), QString());
    EXPECT_EQ(session.accelerator().id, "h100_sxm_80");
}

} // namespace

} // namespace weighbridge::test
