#include "tests/ui/session/session_fixture.h"
#include "ui/session/architecture_keys.h"

#include "core/fields/scenario_json.h"

#include <nlohmann/json.hpp>

namespace weighbridge::test {

namespace {

constexpr const char* smallLlama =
    R"({"model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "vocab_size": 100})";

TEST(LoadedModel, AConfigFromAFileCanBeEditedSavedAndReadAgain)
{
    const auto loaded = loadConfig(smallLlama, u"small"_s, u"/models/small/config.json"_s);
    ASSERT_TRUE(loaded) << loaded.error().message;
    Session session;
    session.setModel(*loaded);
    session.setField(u"model.num_layers"_s, u"3"_s);
    session.flush();
    const auto again = read_scenario(write_scenario(session.scenario()));
    ASSERT_TRUE(again) << again.error().message;
    const auto model = load_model(again->model);
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->model->architecture, session.model()->architecture);
    EXPECT_EQ(model->model->name, session.model()->name);
}

TEST(LoadedModel, AnUnknownFamilyIsReadWithAWarning)
{
    QByteArray config(smallLlama);
    config.replace("llama", "lama9");
    const auto assumed = loadConfig(config, u"odd"_s, {});
    ASSERT_TRUE(assumed) << assumed.error().message;
    EXPECT_EQ(assumed->model->issues.front().field, "model_type");
    EXPECT_TRUE(assumed->model->family_assumed);
    const auto allowed = loadConfig(config, u"odd"_s, {}, {.read_as = std::string(llama_like)});
    ASSERT_TRUE(allowed) << allowed.error().message;
    EXPECT_FALSE(allowed->model->issues.empty());
}

TEST(LoadedModel, GarbageIsRefused)
{
    EXPECT_FALSE(loadConfig("", u"x"_s, {}));
    EXPECT_FALSE(loadConfig("[]", u"x"_s, {}));
    EXPECT_FALSE(loadConfig("{", u"x"_s, {}));
    EXPECT_FALSE(loadConfig("\xff\xfe", u"x"_s, {}));
}

TEST(LoadedModel, PathsAndHubNamesHaveToBeOpenedFirst)
{
    ModelReference reference;
    reference.kind = ModelReference::Kind::hub;
    reference.text = "org/name";
    EXPECT_FALSE(load_model(reference));
}

TEST(ArchitectureKeys, KeysOfConfigFilesLeadToTheirFields)
{
    EXPECT_EQ(formKeyOf("num_hidden_layers"), "model.num_layers");
    EXPECT_EQ(formKeyOf("text_config.moe_intermediate_size"), "model.expert_ffn_size");
    EXPECT_EQ(formKeyOf("num_attention_heads"), "model.num_attention_heads");
    EXPECT_EQ(formKeyOf("hardware.tensor_parallel"), "hardware.tensor_parallel");
    EXPECT_EQ(formKeyOf("rope_theta"), "");
}

} // namespace

} // namespace weighbridge::test
