#include "app/cli/resolver.h"
#include "core/estimate/estimate.h"
#include "core/fields/fields.h"
#include "core/files/model_path.h"
#include "core/files/weights_path.h"
#include "core/precision/stored_type.h"
#include "tests/cli/temporary_folder.h"
#include "tests/core/support/weights_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>

namespace weighbridge {
namespace {

using testing::GgufBytes;
using ::testing::HasSubstr;
using testing::TemporaryFolder;

constexpr std::uint32_t f32 = 0, f16 = 1, q4_k = 12, q6_k = 14;

/// Puts tensors one after the other and counts their bytes.
class TensorList
{
public:
    TensorList& add(const std::string& name, const std::vector<std::uint64_t>& shape, std::uint32_t type)
    {
        std::int64_t elements = 1;
        for (const std::uint64_t size : shape)
            elements *= static_cast<std::int64_t>(size);
        file.tensor(name, shape, type, data_);
        const auto size = static_cast<std::uint64_t>(*bytes_stored(*ggml_type(type), elements));
        data_ += (size + 31) / 32 * 32;
        bytes += static_cast<std::int64_t>(size);
        return *this;
    }
    std::string text() const { return file.bytes(data_); }

    GgufBytes file;
    std::int64_t bytes = 0;

private:
    std::uint64_t data_ = 0;
};

void add_keys(GgufBytes& file)
{
    file.string("general.architecture", "llama")
        .string("general.name", "Small")
        .u32("general.file_type", 15)
        .u32("llama.block_count", 2)
        .u32("llama.context_length", 4096)
        .u32("llama.embedding_length", 256)
        .u32("llama.feed_forward_length", 512)
        .u32("llama.attention.head_count", 4)
        .u32("llama.attention.head_count_kv", 2)
        .strings("tokenizer.ggml.tokens", 1000, "tok");
}

/// A Llama of two layers as llama.cpp writes it, in types that no rule gives it.
void add_layers(TensorList& list, int first, int last)
{
    for (int layer = first; layer <= last; ++layer) {
        const std::string b = "blk." + std::to_string(layer) + ".";
        list.add(b + "attn_norm.weight", {256}, f32)
            .add(b + "attn_q.weight", {256, 256}, q4_k)
            .add(b + "attn_k.weight", {256, 128}, q4_k)
            .add(b + "attn_v.weight", {256, 128}, q6_k)
            .add(b + "attn_output.weight", {256, 256}, q4_k)
            .add(b + "ffn_norm.weight", {256}, f32)
            .add(b + "ffn_gate.weight", {256, 512}, q4_k)
            .add(b + "ffn_up.weight", {256, 512}, q4_k)
            .add(b + "ffn_down.weight", {512, 256}, layer == 0 ? q6_k : q4_k);
    }
}

TensorList small_gguf()
{
    TensorList list;
    add_keys(list.file);
    list.add("token_embd.weight", {256, 1000}, q4_k).add("output_norm.weight", {256}, f32);
    list.add("output.weight", {256, 1000}, q6_k);
    add_layers(list, 0, 1);
    return list;
}

Term weights_of(const ModelPointer& model, std::int64_t ranks = 1)
{
    Question question;
    question.model = model;
    question.accelerator = *Catalogue().find("h100_sxm_80");
    question.scenario.hardware.tensor_parallel = ranks;
    const auto result = estimate(question, Detail::memory);
    EXPECT_TRUE(result) << result.error().message;
    return (*result)->terms.front();
}

TEST(WeightsPath, AGgufFileIsModelAndSizes)
{
    const TemporaryFolder folder;
    const TensorList list = small_gguf();
    const auto file = read_model_path(folder.write("small.gguf", list.text()));
    ASSERT_TRUE(file) << file.error().message;
    const Model& model = *file->model;
    EXPECT_EQ(model.name, "Small");
    EXPECT_EQ(model.architecture.family, "llama");
    EXPECT_EQ(model.architecture.layers(), 2);
    EXPECT_EQ(model.architecture.vocab_size, 1000);
    EXPECT_FALSE(model.architecture.tie_word_embeddings);
    ASSERT_TRUE(model.published && model.published->stored);
    EXPECT_EQ(model.published->stored->bytes, list.bytes);
    EXPECT_EQ(model.published->stored->left_out_bytes, 0);
    const bool doubted = std::any_of(model.issues.begin(), model.issues.end(),
                                     [](const Issue& issue) { return issue.severity == Severity::warning; });
    EXPECT_FALSE(doubted) << model.issues.back().message;

    const Term weights = weights_of(file->model);
    EXPECT_EQ(weights.bytes.count, list.bytes);
    EXPECT_EQ(weights.basis, Basis::exact);
    EXPECT_EQ(weights.low, weights.high);
    EXPECT_THAT(weights.source, HasSubstr("exact (file): small.gguf"));
    EXPECT_THAT(weights.source, HasSubstr("the rule makes"));
    std::int64_t children = 0;
    for (const Term& child : weights.children)
        children += child.bytes.count;
    EXPECT_EQ(children, weights.bytes.count);
    // Attention by hand: q and o in Q4_K (144 bytes per 256), k in Q4_K, v in Q6_K (210), in two layers.
    EXPECT_EQ(find_term({weights}, "weights.attention")->bytes.count, 2 * (2 * 256 * 144 + 128 * 144 + 128 * 210));
    EXPECT_EQ(weights_of(file->model, 2).basis, Basis::derived);
}

TEST(WeightsPath, ATableBesideTheRowsLeavesThemTheirTypes)
{
    const TemporaryFolder folder;
    TensorList list = small_gguf();
    list.add("rope_freqs.weight", {32}, f32); // as in every file of Llama 3
    const auto file = read_model_path(folder.write("small.gguf", list.text()));
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->model->published->stored->bytes, list.bytes);
    const Term weights = weights_of(file->model);
    EXPECT_EQ(weights.bytes.count, list.bytes);
    // With 128 B beside it the smallest row of attention is no Q4_K any more: k, 256 × 128 in two layers.
    const Term attention = *find_term({weights}, "weights.attention");
    EXPECT_THAT(attention.formula.symbols, HasSubstr("P_Q4_K · B_Q4_K"));
    EXPECT_THAT(attention.formula.symbols, HasSubstr("P_Q6_K · B_Q6_K"));
    EXPECT_THAT(attention.formula.numbers, HasSubstr("65,536 × "));
}

TEST(WeightsPath, PartsOfASplitFileAreOneModel)
{
    const TemporaryFolder folder;
    TensorList first, second;
    add_keys(first.file);
    first.add("token_embd.weight", {256, 1000}, f16).add("output_norm.weight", {256}, f32);
    add_layers(first, 0, 0);
    second.file.entry("split.no", 2, testing::little_endian(1, 2))
        .entry("split.count", 2, testing::little_endian(2, 2));
    add_layers(second, 1, 1);
    const std::string path = folder.write("small-00001-of-00002.gguf", first.text());
    EXPECT_THAT(read_model_path(path).error().message, HasSubstr("small-00002-of-00002.gguf"));
    const std::string other = folder.write("small-00002-of-00002.gguf", second.text());
    for (const std::string& named : {path, other, folder.path()}) {
        const auto file = read_model_path(named);
        ASSERT_TRUE(file) << file.error().message;
        EXPECT_EQ(file->model->published->stored->bytes, first.bytes + second.bytes);
        EXPECT_EQ(file->model->published->stored->files.size(), 2U);
        EXPECT_TRUE(file->model->architecture.tie_word_embeddings);
        EXPECT_EQ(weights_of(file->model).bytes.count, first.bytes + second.bytes);
    }
}

TEST(WeightsPath, AGgufFileThatSaysTooLittleIsRefused)
{
    const TemporaryFolder folder;
    const std::pair<GgufBytes, const char*> cases[] = {
        {GgufBytes().u32("x", 1), "general.architecture is missing"},
        {GgufBytes().string("general.architecture", "llamma"), "llamma.embedding_length is missing"},
        {GgufBytes().string("general.architecture", "clip"), "a tower for pictures or sound"},
        {GgufBytes().string("general.architecture", "llama").string("general.type", "adapter"), "a LoRA adapter"},
        {GgufBytes().string("general.architecture", "llama"), "llama.embedding_length is missing"},
        {GgufBytes()
             .string("general.architecture", "llama")
             .u32("llama.embedding_length", 0x7FFFFFFF)
             .u32("llama.block_count", 2),
         "hidden_size is 2147483647"},
    };
    for (const auto& [file, says] : cases) {
        const auto read = read_model_path(folder.write("x.gguf", file.bytes()));
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().message, HasSubstr(says));
        EXPECT_THAT(read.error().message, HasSubstr("x.gguf"));
    }
}

TEST(WeightsPath, TensorsThatContradictTheKeysAreSaid)
{
    const TemporaryFolder folder;
    TensorList list;
    add_keys(list.file);
    list.add("token_embd.weight", {256, 1000}, f16).add("output_norm.weight", {256}, f32);
    add_layers(list, 0, 0); // the keys say two layers
    const auto file = read_model_path(folder.write("small.gguf", list.text()));
    ASSERT_TRUE(file);
    const bool said = std::any_of(file->model->issues.begin(), file->model->issues.end(), [](const Issue& issue) {
        return issue.severity == Severity::warning &&
               issue.message.find("elements; the network read from its keys has") != std::string::npos;
    });
    EXPECT_TRUE(said);
}

constexpr const char* index_config =
    R"({"model_type":"llama","hidden_size":8,"intermediate_size":16,"num_hidden_layers":2,
    "num_attention_heads":2,"num_key_value_heads":1,"vocab_size":10,"tie_word_embeddings":true,"torch_dtype":"bfloat16"})";

/// A shard with those tensors, all in one type.
std::string shard(const std::vector<std::pair<std::string, std::vector<int>>>& tensors, const std::string& type,
                  int bytes_each)
{
    nlohmann::ordered_json header;
    std::size_t data = 0;
    for (const auto& [name, shape] : tensors) {
        std::size_t bytes = static_cast<std::size_t>(bytes_each);
        for (const int size : shape)
            bytes *= static_cast<std::size_t>(size);
        header[name] = {{"dtype", type}, {"shape", shape}, {"data_offsets", {data, data + bytes}}};
        data += bytes;
    }
    return testing::safetensors_bytes(header.dump(), data);
}

std::vector<std::pair<std::string, std::vector<int>>> llama_layer(int layer)
{
    const std::string b = "model.layers." + std::to_string(layer) + ".";
    return {{b + "self_attn.q_proj.weight", {8, 8}},     {b + "self_attn.k_proj.weight", {4, 8}},
            {b + "self_attn.v_proj.weight", {4, 8}},     {b + "self_attn.o_proj.weight", {8, 8}},
            {b + "mlp.gate_proj.weight", {16, 8}},       {b + "mlp.up_proj.weight", {16, 8}},
            {b + "mlp.down_proj.weight", {8, 16}},       {b + "input_layernorm.weight", {8}},
            {b + "post_attention_layernorm.weight", {8}}};
}

TEST(WeightsPath, ShardsOfAnIndex)
{
    const TemporaryFolder folder;
    folder.write("config.json", index_config);
    auto first = llama_layer(0);
    first.push_back({"model.embed_tokens.weight", {10, 8}});
    first.push_back({"lm_head.weight", {10, 8}}); // a copy of the tied embedding
    first.push_back({"model.layers.0.self_attn.rotary_emb.inv_freq", {2}});
    auto second = llama_layer(1);
    second.push_back({"model.norm.weight", {8}});
    nlohmann::json index = {{"weight_map", nlohmann::json::object()}};
    for (const auto& tensor : first)
        index["weight_map"][tensor.first] = "model-00001-of-00002.safetensors";
    for (const auto& tensor : second)
        index["weight_map"][tensor.first] = "model-00002-of-00002.safetensors";
    const std::string one = folder.write("model-00001-of-00002.safetensors", shard(first, "BF16", 2));
    const std::string path = folder.write("model.safetensors.index.json", index.dump());
    EXPECT_THAT(read_model_path(path).error().message,
                HasSubstr("model-00002-of-00002.safetensors can't be read: there is no such file"));
    folder.write("model-00002-of-00002.safetensors", shard(second, "F32", 4));

    constexpr std::int64_t layer = 8 * 8 * 2 + 4 * 8 * 2 + 3 * 16 * 8 + 2 * 8;
    for (const std::string& named : {path, one, folder.path()}) {
        const auto file = read_model_path(named);
        ASSERT_TRUE(file) << file.error().message;
        const StoredWeights& stored = *file->model->published->stored;
        EXPECT_EQ(stored.bytes, (layer + 10 * 8) * 2 + (layer + 8) * 4);
        EXPECT_EQ(stored.left_out_bytes, (10 * 8 + 2) * 2);
        const Term weights = weights_of(file->model);
        EXPECT_EQ(weights.bytes.count, stored.bytes);
        EXPECT_EQ(weights.basis, Basis::exact);
        EXPECT_THAT(weights.source, HasSubstr("the rule makes"));
        EXPECT_THAT(weights.source, HasSubstr(" less"));
    }

    index["weight_map"]["not.there"] = "model-00001-of-00002.safetensors";
    EXPECT_THAT(read_model_path(folder.write("model.safetensors.index.json", index.dump())).error().message,
                HasSubstr("the files hold only"));
    std::filesystem::remove(folder.file("config.json"));
    folder.write("model.safetensors.index.json",
                 R"({"weight_map":{"model.norm.weight":"model-00002-of-00002.safetensors"}})");
    EXPECT_THAT(read_model_path(path).error().message, HasSubstr("no config.json beside it"));
}

using NamedShapes = std::vector<std::pair<std::string, std::vector<int>>>;

/// Everything that `config` says.
NamedShapes whole_llama()
{
    NamedShapes tensors = {{"model.embed_tokens.weight", {10, 8}}, {"model.norm.weight", {8}}};
    for (const int layer : {0, 1})
        for (auto& tensor : llama_layer(layer))
            tensors.push_back(tensor);
    return tensors;
}

std::string warning_of(const Model& model)
{
    std::string said;
    for (const Issue& issue : model.issues)
        if (issue.severity == Severity::warning)
            said += issue.message;
    return said;
}

/// By hand: 80 embedding, 8 norm, and per layer 192 of attention, 384 of feed-forward, 16 of norms.
constexpr std::int64_t llama_elements = 80 + 8 + 2 * (192 + 384 + 16);

TEST(WeightsPath, FilesThatMatchTheirConfigAreExact)
{
    const TemporaryFolder folder;
    folder.write("config.json", index_config);
    NamedShapes beside = whole_llama();
    beside.push_back({"model.layers.0.self_attn.rotary_emb.inv_freq", {2}});
    beside.push_back({"model.layers.2.mlp.up_proj.weight", {16, 8}}); // for multi-token prediction
    for (const NamedShapes& tensors : {whole_llama(), beside}) {
        const auto file = read_model_path(folder.write("model.safetensors", shard(tensors, "BF16", 2)));
        ASSERT_TRUE(file) << file.error().message;
        EXPECT_EQ(warning_of(*file->model), "");
        const Term weights = weights_of(file->model);
        EXPECT_EQ(weights.bytes.count, llama_elements * 2);
        EXPECT_EQ(weights.basis, Basis::exact);
    }
}

struct Contradiction
{
    const char* name;
    std::function<void(NamedShapes&)> change;
    const char* says;
    std::int64_t bytes; ///< of the weights
};

TEST(WeightsPath, FilesThatContradictTheirConfigAreSaidInNumbers)
{
    const auto without = [](const char* what) {
        return [what](NamedShapes& tensors) {
            std::erase_if(tensors, [&](const auto& tensor) { return tensor.first.find(what) != std::string::npos; });
        };
    };
    const Contradiction cases[] = {
        {"only_the_embedding", [](NamedShapes& tensors) { tensors.resize(1); },
         "the files lack 1,192 of them (mlp.gate_proj.weight in 2 of 2 layers, mlp.up_proj.weight in 2 of 2 layers, "
         "mlp.down_proj.weight in 2 of 2 layers and 7 more)",
         llama_elements * 2},
        {"a_layer_less", without("layers.1."), "the files lack 592 of them (mlp.gate_proj.weight in 1 of 2 layers",
         llama_elements * 2},
        {"one_matrix_less", without("layers.1.self_attn.k_proj"),
         "the files lack 32 of them (self_attn.k_proj.weight in 1 of 2 layers)", llama_elements * 2},
        {"a_huge_norm", [](NamedShapes& tensors) { tensors[1].second = {1 << 20}; },
         "the files hold 1,048,568 that it has no place for (model.norm.weight: 1,048,576 in place of 8)",
         llama_elements * 2 + 1'048'568 * 2},
        {"a_narrow_matrix",
         [](NamedShapes& tensors) {
             tensors[2].second = {8, 4};
         },
         "the files lack 32 of them (self_attn.q_proj.weight: 96 in place of 128)", llama_elements * 2},
        {"an_adapter",
         [](NamedShapes& tensors) {
             tensors = {{"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", {2, 8}},
                        {"base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight", {8, 2}}};
         },
         "the files lack 1,240 of them", llama_elements * 2},
    };
    for (const Contradiction& contradiction : cases) {
        SCOPED_TRACE(contradiction.name);
        const TemporaryFolder folder;
        folder.write("config.json", index_config);
        NamedShapes tensors = whole_llama();
        contradiction.change(tensors);
        const auto file = read_model_path(folder.write("model.safetensors", shard(tensors, "BF16", 2)));
        ASSERT_TRUE(file) << file.error().message;
        const std::string said = warning_of(*file->model);
        EXPECT_THAT(said, HasSubstr("don't match config.json, whose network has 1,272 elements"));
        EXPECT_THAT(said, HasSubstr(contradiction.says));
        const Term weights = weights_of(file->model);
        EXPECT_EQ(weights.bytes.count, contradiction.bytes);
        EXPECT_NE(weights.basis, Basis::exact);
        EXPECT_THAT(weights.source, HasSubstr("file that does not match its config"));
        std::int64_t children = 0;
        for (const Term& child : weights.children)
            children += child.bytes.count;
        EXPECT_EQ(children, weights.bytes.count);
    }
}

TEST(WeightsPath, PartsThatMatchStayExact)
{
    const TemporaryFolder folder;
    folder.write("config.json", index_config);
    NamedShapes tensors = whole_llama();
    std::erase_if(tensors, [](const auto& tensor) { return tensor.first.find("k_proj") != std::string::npos; });
    const Term weights =
        weights_of(read_model_path(folder.write("model.safetensors", shard(tensors, "BF16", 2)))->model);
    EXPECT_EQ(find_term({weights}, "weights.feed_forward")->basis, Basis::exact);
    EXPECT_EQ(find_term({weights}, "weights.attention")->basis, Basis::derived);
}

TEST(WeightsPath, PackedMatricesHoldWhatTheSchemeSays)
{
    // AWQ: eight weights of four bits per word; a group of 8 has a scale of 16 bits and eight zero points in a word.
    const TemporaryFolder folder;
    auto quantized = nlohmann::json::parse(index_config);
    quantized["num_key_value_heads"] = 2;
    quantized["quantization_config"] = {
        {"quant_method", "awq"}, {"bits", 4}, {"group_size", 8}, {"zero_point", true}, {"version", "gemm"}};
    folder.write("config.json", quantized.dump());
    nlohmann::ordered_json header;
    std::size_t data = 0;
    const auto add = [&](const std::string& name, const char* type, int each, const std::vector<int>& shape) {
        std::size_t bytes = static_cast<std::size_t>(each);
        for (const int size : shape)
            bytes *= static_cast<std::size_t>(size);
        header[name] = {{"dtype", type}, {"shape", shape}, {"data_offsets", {data, data + bytes}}};
        data += bytes;
    };
    const auto write = [&](int layers) {
        header.clear();
        data = 0;
        for (auto [name, shape] : whole_llama()) {
            if (name.find("k_proj") != std::string::npos || name.find("v_proj") != std::string::npos)
                shape = {8, 8};
            if (name.find("layers.1.") != std::string::npos && layers == 1)
                continue;
            if (name.find("_proj") == std::string::npos) {
                add(name, "BF16", 2, shape);
                continue;
            }
            const std::string stem = name.substr(0, name.size() - 6);
            add(stem + "qweight", "I32", 4, {shape[1], shape[0] / 8});
            add(stem + "qzeros", "I32", 4, {shape[1] / 8, shape[0] / 8});
            add(stem + "scales", "F16", 2, {shape[1] / 8, shape[0]});
        }
        return folder.write("model.safetensors", testing::safetensors_bytes(header.dump(), data));
    };
    const auto whole = read_model_path(write(2));
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_FALSE(whole->model->published->stored->mismatch.any()) << warning_of(*whole->model);
    EXPECT_EQ(weights_of(whole->model).basis, Basis::exact);
    const auto half = read_model_path(write(1));
    ASSERT_TRUE(half) << half.error().message;
    EXPECT_EQ(half->model->published->stored->mismatch.missing, 256 + 384 + 16);
    EXPECT_THAT(warning_of(*half->model), HasSubstr("mlp.gate_proj.weight in 1 of 2 layers"));
}

TEST(WeightsPath, GgufFilesWithoutTensorsOrWithOthersThanTheySayAreRefused)
{
    const TemporaryFolder folder;
    TensorList empty;
    add_keys(empty.file);
    TensorList counted = small_gguf();
    counted.file.u32("split.tensors.count", 999);
    TensorList doubled = small_gguf();
    doubled.add("token_embd.weight", {256, 1000}, q4_k);
    TensorList nameless = small_gguf();
    nameless.add("", {256}, f32);
    const std::pair<const TensorList*, const char*> cases[] = {
        {&empty, "it holds no tensors"},
        {&counted, "split.tensors.count is 999, but the file holds 21 tensors"},
        {&doubled, "tensor \"token_embd.weight\" is there twice"},
        {&nameless, "a tensor has no name"},
    };
    for (const auto& [list, says] : cases) {
        const auto file = read_model_path(folder.write("x.gguf", list->text()));
        ASSERT_FALSE(file) << says;
        EXPECT_THAT(file.error().message, HasSubstr(says));
    }
}

TEST(WeightsPath, MoreThanAnyModelHoldsIsRefusedByItsName)
{
    const auto model = import_config_text(index_config, "tiny");
    ASSERT_TRUE(model);
    std::vector<TensorFile> files = {{"one.safetensors", {}}, {"two.safetensors", {}}};
    for (TensorFile& file : files) // 2^49 elements each: two are 1.1 * 10^15
        file.tensors.push_back({.name = file.name,
                                .type = safetensors_type("I8"),
                                .elements = std::int64_t{1} << 49U,
                                .bytes = std::int64_t{1} << 49U});
    const auto sized = with_safetensors(**model, files);
    ASSERT_FALSE(sized);
    EXPECT_EQ(sized.error().message, "one.safetensors and the files with it hold tensors of more than 10^15 elements "
                                     "in all, more than are computed");
}

TEST(WeightsPath, AnExplicitPrecisionGoesOverTheFile)
{
    const TemporaryFolder folder;
    const std::string path = folder.write("small.gguf", small_gguf().text());
    Scenario scenario;
    scenario.model.kind = ModelReference::Kind::path;
    scenario.model.text = path;
    const auto published = Resolver(Environment{}).resolve(scenario);
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_EQ(published->scenario.precision.weights, std::nullopt) << "nobody chose";
    EXPECT_EQ(weights_in_use(published->scenario.precision, *published->model), "checkpoint");
    ASSERT_FALSE(set_field(scenario, "precision.weights", "bf16"));
    EXPECT_EQ(Resolver(Environment{}).resolve(scenario)->scenario.precision.weights, "bf16");
}

} // namespace
} // namespace weighbridge
