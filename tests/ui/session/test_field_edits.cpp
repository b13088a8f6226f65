#include "tests/ui/session/session_fixture.h"

namespace weighbridge::test {

namespace {

TEST_F(SessionTest, StartsWithAnEstimateOfTheDefaultScenario)
{
    ASSERT_TRUE(session.state().estimate);
    EXPECT_FALSE(session.state().stale);
    EXPECT_EQ(modelName(), u"Llama-3.1-8B"_s);
    EXPECT_EQ(session.accelerator().id, "h100_sxm_80");
    EXPECT_EQ(text(u"inference.sequence_length"_s), u""_s) << "nobody chose it";
    EXPECT_EQ(session.state().estimate->scenario.inference.sequence_length, 8192);
    EXPECT_EQ(session.undoStack().count(), 0);
}

TEST_F(SessionTest, EditsOfOneTurnAreAnsweredByOneChange)
{
    QSignalSpy changed(&session, &Session::changed);
    session.setField(u"inference.sequence_length"_s, u"4096"_s);
    session.setField(u"inference.concurrent_sequences"_s, u"4"_s);
    session.setUnit(ByteUnit::gb);
    EXPECT_EQ(changed.count(), 0);
    ASSERT_TRUE(changed.wait(1000));
    QCoreApplication::processEvents();
    EXPECT_EQ(changed.count(), 1);
    EXPECT_EQ(session.state().estimate->scenario.inference.concurrent_sequences, 4);
}

TEST_F(SessionTest, AListOfDevicesStaysUntilACardIsChosen)
{
    set(u"inference.engine"_s, u"llama.cpp"_s);
    set(u"hardware.devices"_s, u"2xrtx_3090, rtx_3060_12"_s);
    EXPECT_EQ(text(u"hardware.devices"_s), u"2xrtx_3090,rtx_3060_12"_s);
    ASSERT_TRUE(session.state().estimate);
    EXPECT_EQ(session.state().estimate->scenario.hardware.pipeline_parallel, 3);
    set(u"inference.sequence_length"_s, u"4096"_s);
    EXPECT_EQ(session.scenario().hardware.devices.size(), 2U);
    set(u"hardware.accelerator"_s, u"rtx_4090"_s);
    EXPECT_TRUE(session.scenario().hardware.devices.empty());
    EXPECT_EQ(session.state().estimate->accelerator.id, "rtx_4090");
    undo();
    EXPECT_EQ(session.scenario().hardware.devices.size(), 2U);
}

struct Typed
{
    const char* key;
    const char* typed;
    const char* shown;
};

class TypedText : public SessionTest, public ::testing::WithParamInterface<Typed>
{
};

TEST_P(TypedText, IsReadAsPeopleMeanIt)
{
    const QString key = QString::fromUtf8(GetParam().key);
    set(key, QString::fromUtf8(GetParam().typed));
    EXPECT_EQ(errorOf(key), QString());
    EXPECT_EQ(text(key), QString::fromUtf8(GetParam().shown));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, TypedText,
    ::testing::Values(
        Typed{"inference.sequence_length", "8k", "8192"}, Typed{"inference.sequence_length", "4*8192", "32768"},
        Typed{"inference.sequence_length", "128k", "131072"}, Typed{"inference.concurrent_sequences", "12", "12"},
        Typed{"inference.overhead_bytes", "0.5", "0.5"}, Typed{"inference.overhead_bytes", "1.25", "1.25"},
        Typed{"inference.activation_fraction", "15", "15 %"}, Typed{"inference.activation_fraction", "0.2", "20 %"},
        Typed{"hardware.usable_fraction", "92", "92 %"}, Typed{"hardware.usable_fraction", "92 %", "92 %"},
        Typed{"hardware.usable_fraction", "0.9", "90 %"}, Typed{"precision.weights", "bits:3.5", "bits:3.5"},
        Typed{"precision.kv_cache", "fp8", "fp8"}, Typed{"precision.kv_cache.v", "nvfp4", "nvfp4"},
        Typed{"inference.use_kv_cache", "false", "false"}, Typed{"inference.parameters", "7000000000", "7000000000"}));

TEST_F(SessionTest, OverheadIsTypedInGibAndKeptInBytes)
{
    set(u"inference.overhead_bytes"_s, u"1.5"_s);
    EXPECT_EQ(session.scenario().inference.overhead_bytes, 1610612736); // 1.5 x 2^30
}

TEST_F(SessionTest, OverheadKindSwitchesBetweenAmountAndShare)
{
    set(u"inference.overhead_kind"_s, u"fraction"_s);
    ASSERT_TRUE(session.scenario().inference.overhead_fraction);
    EXPECT_EQ(text(u"inference.overhead_kind"_s), u"fraction"_s);
    set(u"inference.overhead_fraction"_s, u"20 %"_s);
    EXPECT_DOUBLE_EQ(*session.scenario().inference.overhead_fraction, 0.2);
    set(u"inference.overhead_kind"_s, u"bytes"_s);
    EXPECT_FALSE(session.scenario().inference.overhead_fraction);
}

TEST_F(SessionTest, EmptyingAnOptionalFieldUnsetsIt)
{
    set(u"hardware.usable_fraction"_s, u"50"_s);
    ASSERT_TRUE(session.scenario().hardware.usable_fraction);
    set(u"hardware.usable_fraction"_s, u""_s);
    EXPECT_FALSE(session.scenario().hardware.usable_fraction);
    EXPECT_EQ(errorOf(u"hardware.usable_fraction"_s), QString());
    set(u"inference.parameters"_s, u"1000000000"_s);
    set(u"inference.parameters"_s, u""_s);
    EXPECT_FALSE(session.scenario().inference.parameters);
}

TEST_F(SessionTest, InvalidTextIsKeptAndSaidAndTheLastEstimateStaysGreyed)
{
    const auto before = session.state().estimate;
    for (const QString& text : {u"abc"_s, u"0"_s, u"-3"_s, u"1.5"_s, u"99999999999999999999"_s}) {
        set(u"inference.sequence_length"_s, text);
        EXPECT_EQ(session.fieldText(u"inference.sequence_length"_s), text);
        EXPECT_NE(errorOf(u"inference.sequence_length"_s), QString()) << text.toStdString();
        EXPECT_TRUE(session.state().stale);
        EXPECT_EQ(session.state().estimate, before);
        EXPECT_EQ(session.scenario().inference.sequence_length, std::nullopt);
    }
    set(u"inference.sequence_length"_s, u"4096"_s);
    EXPECT_FALSE(session.state().stale);
    EXPECT_NE(session.state().estimate, before);
    EXPECT_TRUE(session.issues().empty() || session.issues().front().severity != Severity::error);
}

TEST_F(SessionTest, ARuleBetweenFieldsIsSaidBesideTheField)
{
    set(u"hardware.tensor_parallel"_s, u"3"_s);
    EXPECT_NE(errorOf(u"hardware.tensor_parallel"_s), QString());
    EXPECT_TRUE(session.state().stale);
    set(u"hardware.tensor_parallel"_s, u"4"_s);
    EXPECT_FALSE(session.state().stale);
}

TEST_F(SessionTest, AnotherEditDoesNotHideWhatIsInvalid)
{
    set(u"inference.sequence_length"_s, u"x"_s);
    set(u"inference.concurrent_sequences"_s, u"2"_s);
    EXPECT_TRUE(session.state().stale);
    EXPECT_EQ(text(u"inference.sequence_length"_s), u"x"_s);
    set(u"inference.sequence_length"_s, u"1024"_s);
    EXPECT_FALSE(session.state().stale);
    EXPECT_EQ(session.state().estimate->scenario.inference.concurrent_sequences, 2);
}

TEST_F(SessionTest, EditsOfOneFieldMergeIntoOneStep)
{
    for (const QString& text : {u"1"_s, u"16"_s, u"163"_s, u"1638"_s, u"16384"_s})
        set(u"inference.sequence_length"_s, text);
    EXPECT_EQ(session.undoStack().count(), 1);
    undo();
    EXPECT_EQ(text(u"inference.sequence_length"_s), u""_s);
    redo();
    EXPECT_EQ(text(u"inference.sequence_length"_s), u"16384"_s);
}

TEST_F(SessionTest, LeavingAFieldEndsTheStep)
{
    set(u"inference.sequence_length"_s, u"1024"_s);
    session.endEdit();
    set(u"inference.sequence_length"_s, u"2048"_s);
    EXPECT_EQ(session.undoStack().count(), 2);
    undo();
    EXPECT_EQ(text(u"inference.sequence_length"_s), u"1024"_s);
}

TEST_F(SessionTest, TypingAValueAndTakingItBackLeavesNoStep)
{
    set(u"inference.concurrent_sequences"_s, u"12"_s);
    set(u"inference.concurrent_sequences"_s, u"1"_s);
    EXPECT_EQ(session.undoStack().count(), 0);
}

TEST_F(SessionTest, UndoBringsBackInvalidTextAndItsMessage)
{
    set(u"inference.sequence_length"_s, u"many"_s);
    session.endEdit();
    set(u"inference.sequence_length"_s, u"100"_s);
    undo();
    EXPECT_EQ(text(u"inference.sequence_length"_s), u"many"_s);
    EXPECT_TRUE(session.state().stale);
    undo();
    EXPECT_EQ(text(u"inference.sequence_length"_s), u""_s);
    EXPECT_FALSE(session.state().stale);
}

TEST_F(SessionTest, PinnedAcceleratorsGetACard)
{
    const auto cards = session.state().estimate->cards.size();
    session.pin(u"l4"_s, true);
    session.flush();
    EXPECT_EQ(session.state().estimate->cards.size(), cards + 1);
    undo();
    EXPECT_EQ(session.state().estimate->cards.size(), cards);
}

} // namespace

} // namespace weighbridge::test
