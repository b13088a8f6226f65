#include "tests/ui/session/session_fixture.h"

#include <nlohmann/json.hpp>

namespace weighbridge::test {

namespace {

TEST_F(SessionTest, EditingAnArchitectureFieldRenamesTheModel)
{
    const auto before = session.model()->parameters.total;
    set(u"model.num_layers"_s, u"33"_s);
    EXPECT_EQ(modelName(), u"Llama-3.1-8B (edited)"_s);
    EXPECT_EQ(session.model()->architecture.layers(), 33);
    EXPECT_GT(session.model()->parameters.total, before);
    EXPECT_EQ(session.scenario().model.kind, ModelReference::Kind::config);
    undo();
    EXPECT_EQ(modelName(), u"Llama-3.1-8B"_s);
    EXPECT_EQ(session.scenario().model.kind, ModelReference::Kind::preset);
    EXPECT_EQ(session.model()->parameters.total, before);
}

TEST_F(SessionTest, ASecondEditDoesNotRenameTwice)
{
    set(u"model.num_layers"_s, u"33"_s);
    set(u"model.vocab_size"_s, u"32000"_s);
    EXPECT_EQ(modelName(), u"Llama-3.1-8B (edited)"_s);
}

TEST_F(SessionTest, EditingBackToThePresetIsThePresetAgain)
{
    set(u"model.num_layers"_s, u"33"_s);
    session.endEdit();
    set(u"model.num_layers"_s, u"32"_s);
    EXPECT_EQ(modelName(), u"Llama-3.1-8B"_s);
    EXPECT_EQ(session.scenario().model.kind, ModelReference::Kind::preset);
}

TEST_F(SessionTest, AnArchitectureThatCannotBeIsSaidBesideTheFieldAndChangesNothing)
{
    const ModelPointer before = session.model();
    for (const QString& text : {u"0"_s, u"-1"_s, u"five"_s, u""_s}) {
        set(u"model.num_layers"_s, text);
        EXPECT_NE(errorOf(u"model.num_layers"_s), QString()) << text.toStdString();
        EXPECT_EQ(session.model(), before);
        EXPECT_TRUE(session.state().stale);
    }
}

TEST_F(SessionTest, FieldsThatDependOnOneAnotherCanBeTypedOneAfterTheOther)
{
    // 36 query heads do not go with 8 key/value heads, nor 12 key/value heads with 32 query heads; 36 and 12 do (of
    // 4608 / 36 = 128).
    set(u"model.hidden_size"_s, u"4608"_s);
    set(u"model.num_attention_heads"_s, u"36"_s);
    EXPECT_NE(errorOf(u"model.num_attention_heads"_s), QString());
    EXPECT_TRUE(session.state().stale);
    set(u"model.num_kv_heads"_s, u"12"_s);
    EXPECT_EQ(errorOf(u"model.num_attention_heads"_s), QString());
    EXPECT_EQ(errorOf(u"model.num_kv_heads"_s), QString());
    EXPECT_EQ(text(u"model.num_attention_heads"_s), u"36"_s);
    EXPECT_EQ(text(u"model.num_kv_heads"_s), u"12"_s);
    EXPECT_FALSE(session.state().stale);
}

TEST_F(SessionTest, TyingEmbeddingsTakesAwayTheHead)
{
    const auto before = session.model()->parameters.total;
    set(u"model.tie_word_embeddings"_s, u"true"_s);
    EXPECT_EQ(before - session.model()->parameters.total, 128256LL * 4096);
    EXPECT_EQ(text(u"model.tie_word_embeddings"_s), u"true"_s);
}

TEST_F(SessionTest, AFamilyWithoutExpertsHasNoExpertFields)
{
    EXPECT_FALSE(session.hasField(u"model.num_routed_experts"_s));
    EXPECT_TRUE(session.hasField(u"model.hidden_size"_s));
    set(u"model.num_routed_experts"_s, u"8"_s);
    EXPECT_NE(errorOf(u"model.num_routed_experts"_s), QString());
}

TEST_F(SessionTest, AFieldThatFollowsFromOthersIsShownButNotEdited)
{
    const auto model = loadPreset(u"gpt2-xl"_s);
    ASSERT_TRUE(model) << model.error().message;
    session.setModel(*model);
    session.flush();
    EXPECT_TRUE(session.hasField(u"model.head_dim"_s));
    EXPECT_EQ(text(u"model.head_dim"_s), u"64"_s); // 1,600 / 25
    EXPECT_FALSE(session.canEdit(u"model.head_dim"_s));
    EXPECT_TRUE(session.canEdit(u"model.num_attention_heads"_s));
}

TEST_F(SessionTest, ACustomArchitectureTakesEveryField)
{
    const auto custom = loadCustom(session.model()->architecture);
    ASSERT_TRUE(custom) << custom.error().message;
    EXPECT_EQ((*custom).model->parameters.total, session.model()->parameters.total);
    session.setModel(*custom);
    session.flush();
    EXPECT_EQ(modelName(), u"Custom"_s);
    EXPECT_EQ(text(u"model.num_routed_experts"_s), u"1"_s);
    set(u"model.num_routed_experts"_s, u"8"_s);
    set(u"model.experts_per_token"_s, u"2"_s);
    EXPECT_EQ(modelName(), u"Custom"_s);
    EXPECT_EQ(text(u"model.num_routed_experts"_s), u"8"_s);
    EXPECT_EQ(session.scenario().model.kind, ModelReference::Kind::architecture);
    EXPECT_LT(session.model()->parameters.active, session.model()->parameters.total);
}

TEST_F(SessionTest, AnotherModelClearsWhatWasInvalidOfTheOldOneOnly)
{
    set(u"model.num_layers"_s, u"x"_s);
    set(u"inference.sequence_length"_s, u"y"_s);
    const auto other = loadPreset(u"Llama-3.1-70B"_s);
    ASSERT_TRUE(other) << other.error().message;
    session.setModel(*other);
    session.flush();
    EXPECT_EQ(text(u"model.num_layers"_s), u"80"_s);
    EXPECT_EQ(text(u"inference.sequence_length"_s), u"y"_s);
    EXPECT_TRUE(session.state().stale);
    undo();
    EXPECT_EQ(text(u"model.num_layers"_s), u"x"_s);
}

} // namespace

} // namespace weighbridge::test
