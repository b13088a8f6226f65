// What came from the Hub becomes a model: headers, metadata, or the rule with the reason.

#include "app/cli/command_line.h"
#include "app/cli/environment.h"
#include "tests/core/support/weights_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace weighbridge {
namespace {

using testing::GgufBytes;
using ::testing::HasSubstr;

constexpr const char* fetched_config =
    R"({"model_type":"llama","hidden_size":8,"intermediate_size":16,"num_hidden_layers":1,
    "num_attention_heads":2,"num_key_value_heads":1,"vocab_size":10,"tie_word_embeddings":true,"torch_dtype":"bfloat16"})";

/// Every tensor of that network in F32: 80 + 8 outside, 64 + 32 + 32 + 64 attention, 3 * 128 feed-forward, 16 norms.
constexpr std::int64_t elements = 80 + 8 + 192 + 384 + 16;

FetchedFile whole_file()
{
    nlohmann::ordered_json header;
    std::size_t data = 0;
    const auto add = [&](const std::string& name, const std::vector<std::size_t>& shape) {
        std::size_t bytes = 4;
        for (const std::size_t size : shape)
            bytes *= size;
        header[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {data, data + bytes}}};
        data += bytes;
    };
    const std::string layer = "model.layers.0.";
    add("model.embed_tokens.weight", {10, 8});
    add("model.norm.weight", {8});
    add(layer + "self_attn.q_proj.weight", {8, 8});
    add(layer + "self_attn.k_proj.weight", {4, 8});
    add(layer + "self_attn.v_proj.weight", {4, 8});
    add(layer + "self_attn.o_proj.weight", {8, 8});
    add(layer + "mlp.gate_proj.weight", {16, 8});
    add(layer + "mlp.up_proj.weight", {16, 8});
    add(layer + "mlp.down_proj.weight", {8, 16});
    add(layer + "input_layernorm.weight", {8});
    add(layer + "post_attention_layernorm.weight", {8});
    const std::string bytes = testing::safetensors_bytes(header.dump());
    return {"model.safetensors", bytes.size() + data, bytes};
}

bool says(const Model& model, Severity severity, const std::string& words)
{
    return std::any_of(model.issues.begin(), model.issues.end(), [&](const Issue& issue) {
        return issue.severity == severity && issue.message.find(words) != std::string::npos;
    });
}

TEST(FetchedModel, HeadersGiveExactSizes)
{
    const auto file = model_of_fetched({.config = fetched_config, .files = {whole_file()}}, "tiny", "hf:org/tiny", {});
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->model->name, "tiny");
    ASSERT_TRUE(file->model->published && file->model->published->stored);
    EXPECT_EQ(file->model->published->stored->bytes, elements * 4);
}

TEST(FetchedModel, HeadersThatCantBeReadAreWarnedOf)
{
    FetchedFile cut = whole_file();
    cut.bytes.resize(100);
    FetchedFile broken = whole_file();
    broken.bytes[8] = '[';
    for (const FetchedFile& file : {cut, broken}) {
        const auto read = model_of_fetched({.config = fetched_config, .files = {file}, .counted = {{"F32", elements}}},
                                           "tiny", "hf:org/tiny", {});
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_FALSE(read->model->published);
        EXPECT_TRUE(says(*read->model, Severity::warning, "model.safetensors"));
        // 680 elements in F32 are 2,720 bytes; the rule has them in bfloat16.
        EXPECT_TRUE(says(*read->model, Severity::warning, "the rule makes 1,360"));
    }
}

TEST(FetchedModel, MetadataIsNotedOnlyWhereItCanBeRead)
{
    const auto with = [](std::vector<CountedType> counted) {
        return model_of_fetched({.config = fetched_config, .counted = std::move(counted)}, "tiny", "hf:org/tiny", {});
    };
    EXPECT_TRUE(says(*with({{"BF16", elements}})->model, Severity::note, "680 of BF16"));
    for (const CountedType& bad :
         {CountedType{"MYSTERY", 1}, CountedType{"BF16", -1}, CountedType{"F64", std::int64_t{1} << 62U}})
        EXPECT_FALSE(says(*with({bad})->model, Severity::note, "metadata")) << bad.type;
}

TEST(FetchedModel, AHeaderTellsHowMuchOfItIsMissing)
{
    const FetchedFile file = whole_file();
    const auto need = [&](std::size_t have) {
        return header_need(file.name, std::string_view(file.bytes).substr(0, have), file.size);
    };
    EXPECT_EQ(need(0).bytes, 8U);
    EXPECT_EQ(need(20).bytes, file.bytes.size());
    EXPECT_LE(need(file.bytes.size()).bytes, file.bytes.size());
    EXPECT_FALSE(need(file.bytes.size()).broken);
    EXPECT_TRUE(header_need("x.safetensors", testing::little_endian(~std::uint64_t{0}, 8), 1'000'000).broken);

    GgufBytes gguf;
    gguf.string("general.architecture", "llama").strings("tokenizer.ggml.tokens", 10'000, "token");
    const std::string bytes = gguf.bytes();
    std::size_t have = 0;
    int rounds = 0;
    for (HeaderNeed more = header_need("x.gguf", "", 1ULL << 40U); !more.broken && more.bytes > have && rounds < 100;
         ++rounds) {
        have = static_cast<std::size_t>(more.bytes);
        // The file goes on with its tensors.
        const std::string here = bytes + std::string(have > bytes.size() ? have - bytes.size() : 0, '\0');
        more = header_need("x.gguf", std::string_view(here).substr(0, have), 1ULL << 40U);
    }
    EXPECT_GE(have, bytes.size() - 32);
    EXPECT_LT(have, bytes.size() + 70'000);
    EXPECT_TRUE(header_need("x.gguf", "GGML and more of it", 19).broken);
}

TEST(FetchedModel, TheCommandLineTakesAGgufFileByItsName)
{
    Environment environment;
    std::string asked;
    environment.fetch_model = [&](const std::string& reference) -> Result<HubModel> {
        asked = reference;
        return HubModel{{.config = fetched_config, .files = {whole_file()}}, {}};
    };
    std::istringstream in;
    std::ostringstream out, err;
    const std::vector<std::string> named{"estimate", "hf:org/tiny@v2:Q4_K_M", "--format", "json"};
    EXPECT_EQ(run_command_line(named, in, out, err, environment), 0) << err.str();
    EXPECT_EQ(asked, "org/tiny@v2:Q4_K_M");
    const auto report = nlohmann::json::parse(out.str());
    EXPECT_EQ(report["model"]["name"], "tiny:Q4_K_M");
    EXPECT_THAT(out.str(), HasSubstr("exact (file): model.safetensors: F32"));
    const std::vector<std::string> nameless{"estimate", "hf:org/tiny:"};
    EXPECT_NE(run_command_line(nameless, in, out, err, environment), 0);
    EXPECT_THAT(err.str(), HasSubstr("hf:org/name:FILE"));
}

} // namespace
} // namespace weighbridge
