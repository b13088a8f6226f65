#include "core/sources/derived_network.h"
#include "core/sources/hf_config.h"
#include "core/sources/weights_model.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <string>

namespace weighbridge {

namespace {

StoredTensor tensor(const std::string& name, std::int64_t inputs, std::int64_t outputs = 1, std::int64_t count = 1)
{
    StoredTensor made;
    made.name = name;
    made.shape = {inputs, outputs, count, 1};
    made.elements = inputs * outputs * count;
    return made;
}

GgufEntry number(const std::string& key, std::int64_t value)
{
    return {key, GgufValue{value}};
}

/// Width 8; a block with grouped attention and a gated network, one with a state and experts.
GgufHeader marmot()
{
    GgufHeader header;
    header.entries = {{"general.architecture", GgufValue{std::string("marmot")}},
                      number("marmot.embedding_length", 8),
                      number("marmot.block_count", 2),
                      number("marmot.context_length", 512),
                      number("marmot.attention.head_count", 4),
                      number("marmot.attention.head_count_kv", 2),
                      number("marmot.expert_used_count", 2),
                      number("marmot.ssm.state_size", 16),
                      number("marmot.ssm.inner_size", 12)};
    header.tensors = {tensor("token_embd.weight", 8, 100),
                      tensor("output.weight", 8, 100),
                      tensor("output_norm.weight", 8),
                      tensor("token_embd_norm.weight", 8),
                      tensor("blk.0.attn_q.weight", 8, 12),
                      tensor("blk.0.attn_k.weight", 8, 6),
                      tensor("blk.0.attn_v.weight", 8, 10),
                      tensor("blk.0.attn_output.weight", 20, 8),
                      tensor("blk.0.attn_norm.weight", 8),
                      tensor("blk.0.ffn_gate.weight", 8, 24),
                      tensor("blk.0.ffn_up.weight", 8, 24),
                      tensor("blk.0.ffn_down.weight", 24, 8),
                      tensor("blk.1.ssm_conv1d.weight", 4, 14),
                      tensor("blk.1.ssm_out.weight", 12, 8),
                      tensor("blk.1.ffn_gate_inp.weight", 8, 3),
                      tensor("blk.1.ffn_up_exps.weight", 8, 5, 3),
                      tensor("blk.1.ffn_gate_exps.weight", 8, 5, 3),
                      tensor("blk.1.ffn_down_exps.weight", 5, 8, 3)};
    return header;
}

TEST(DerivedNetwork, IsWhatItsTensorsSay)
{
    std::vector<Issue> notes;
    const auto config = derived_config(marmot(), "marmot", "x.gguf", notes);
    ASSERT_TRUE(config) << config.error().message;
    const auto model = import_config(*config, "marmot");
    ASSERT_TRUE(model) << model.error().message;
    std::int64_t elements = 0;
    for (const StoredTensor& stored : marmot().tensors)
        elements += stored.elements;
    EXPECT_EQ((*model)->parameters.total, elements);
    EXPECT_EQ((*model)->architecture.layers(), 2);
    EXPECT_TRUE((*model)->family_assumed); // what follows from its shape is marked so
    ASSERT_EQ((*model)->cache.size(), 2U);
    const CacheRun& keys = (*model)->cache.front();
    EXPECT_EQ(keys.kv_heads, 2);
    EXPECT_EQ(keys.key_dim, 3);   // 6 rows of two heads
    EXPECT_EQ(keys.value_dim, 5); // 10 rows of two heads
    const CacheRun& state = (*model)->cache.back();
    EXPECT_EQ(state.kind, CacheKind::state);
    EXPECT_EQ(state.state_elements, 12 * 16);
    EXPECT_EQ(state.conv_channels, 14);
    EXPECT_EQ(state.conv_kernel, 4);
    EXPECT_FALSE((*model)->issues.empty());
    EXPECT_NE((*model)->issues.front().message.find("derived from the file's tensors"), std::string::npos);
}

TEST(DerivedNetwork, FollowsKeysOfEachLayer)
{
    GgufHeader header = marmot();
    GgufValue::List heads;
    heads.length = 2;
    heads.numbers = {1, 2};
    std::erase_if(header.entries, [](const GgufEntry& entry) { return entry.key.ends_with("head_count_kv"); });
    header.entries.push_back({"marmot.attention.head_count_kv", GgufValue{heads}});
    header.entries.push_back(number("marmot.attention.sliding_window", 64));
    std::vector<Issue> notes;
    const auto config = derived_config(header, "marmot", "x.gguf", notes);
    ASSERT_TRUE(config) << config.error().message;
    ASSERT_EQ(notes.size(), 1U); // no key says which layers slide
    EXPECT_EQ(notes.front().field, "marmot.attention.sliding_window");
    const auto model = import_config(*config, "marmot");
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ((*model)->cache.front().kv_heads, 1);
    EXPECT_EQ((*model)->cache.front().key_dim, 6);
    EXPECT_EQ((*model)->cache.front().kind, CacheKind::growing);

    header.entries.push_back(number("marmot.attention.sliding_window_pattern", 2)); // layer 0 slides, layer 1 does not
    notes.clear();
    const auto sliding = import_config(*derived_config(header, "marmot", "x.gguf", notes), "marmot");
    ASSERT_TRUE(sliding);
    EXPECT_TRUE(notes.empty());
    EXPECT_EQ((*sliding)->cache.front().kind, CacheKind::windowed);
    EXPECT_EQ((*sliding)->cache.front().window, 64);
}

TEST(DerivedNetwork, NeedsAWidthAndAVocabulary)
{
    std::vector<Issue> notes;
    GgufHeader header = marmot();
    std::erase_if(header.entries, [](const GgufEntry& entry) { return entry.key.ends_with("block_count"); });
    const auto shorter = derived_config(header, "marmot", "x.gguf", notes);
    ASSERT_FALSE(shorter);
    EXPECT_EQ(shorter.error().field, "marmot.block_count");
    header = marmot();
    header.tensors.erase(header.tensors.begin(), header.tensors.begin() + 2);
    const auto wordless = derived_config(header, "marmot", "x.gguf", notes);
    ASSERT_FALSE(wordless);
    EXPECT_NE(wordless.error().message.find("no tensor token_embd.weight"), std::string::npos);
}

TEST(DerivedNetwork, SurvivesKeysThatAreMadeUp)
{
    constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t low = std::numeric_limits<std::int64_t>::min();
    for (const char* key :
         {"embedding_length", "block_count", "attention.head_count", "attention.head_count_kv", "nextn_predict_layers",
          "attention.key_length", "attention.sliding_window", "attention.sliding_window_pattern", "ssm.state_size",
          "ssm.inner_size", "expert_used_count", "wkv.head_size", "attention.kv_lora_rank", "context_length"})
        for (const std::int64_t value : {huge, low, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}}) {
            GgufHeader header = marmot();
            const std::string name = std::string("marmot.") + key;
            std::erase_if(header.entries, [&](const GgufEntry& entry) { return entry.key == name; });
            header.entries.push_back(number(name, value));
            header.tensors.push_back(tensor("blk.0.attn_kv_a_mqa.weight", 8, 4));
            header.tensors.push_back(tensor("blk.1.time_mix_output.weight", 8, 8));
            std::vector<Issue> notes;
            const auto config = derived_config(header, "marmot", "x.gguf", notes);
            if (!config) {
                EXPECT_FALSE(config.error().message.empty()) << name;
                continue;
            }
            const auto model = import_config(*config, "marmot");
            EXPECT_TRUE(model || !model.error().message.empty()) << name << ' ' << value;
        }
}

TEST(DerivedNetwork, SurvivesAConfigThatContradictsItself)
{
    std::vector<Issue> notes;
    const nlohmann::json config = *derived_config(marmot(), "marmot", "x.gguf", notes);
    for (const auto& [key, value] : config.items())
        for (const nlohmann::json& wrong : {nlohmann::json(), nlohmann::json(-1), nlohmann::json("x"),
                                            nlohmann::json::array({1}), nlohmann::json::object()}) {
            nlohmann::json changed = config;
            changed[key] = wrong;
            const auto model = import_config(changed, "marmot");
            EXPECT_TRUE(model || !model.error().message.empty()) << key;
        }
    nlohmann::json many = config;
    many["layers"][0]["count"] = 10'000;
    EXPECT_FALSE(import_config(many, "marmot"));
}

} // namespace

} // namespace weighbridge
