// The web form's own figures on 60 generic architectures (tests/data/web_form_cases.json): equal to the byte.

#include "tests/core/support/scenarios.h"

namespace weighbridge::testing {
namespace {

struct WebFormCase
{
    std::string id;
    nlohmann::json inputs;
    nlohmann::json outputs;
};

std::vector<WebFormCase> web_form_cases()
{
    std::vector<WebFormCase> cases;
    const auto file = nlohmann::json::parse(read_test_data("web_form_cases.json"), nullptr, false);
    for (const auto& entry : file.at("cases"))
        cases.push_back({entry.at("id"), entry.at("inputs"), entry.at("outputs")});
    return cases;
}

std::string nominal(const nlohmann::json& bytes)
{
    return "nominal:" + bytes.dump();
}

Question question_of(const WebFormCase& test)
{
    nlohmann::json config = {{"model_type", "generic"}};
    for (const char* key : {"hidden_size", "intermediate_size", "num_layers", "num_attention_heads", "num_kv_heads",
                            "head_dim", "vocab_size", "tie_word_embeddings", "num_routed_experts", "num_shared_experts",
                            "expert_ffn_size", "experts_per_token"})
        config[key] = test.inputs.at(key);
    Question question = question_about_config(config);
    Scenario& scenario = question.scenario;
    scenario.precision.weights = nominal(test.inputs.at("weight_bytes"));
    scenario.precision.kv_cache_k = scenario.precision.kv_cache_v = nominal(test.inputs.at("kv_bytes"));
    scenario.precision.activations = nominal(test.inputs.at("activation_bytes"));
    scenario.inference.sequence_length = test.inputs.at("sequence_length");
    scenario.inference.concurrent_sequences = test.inputs.at("batch_size");
    scenario.inference.overhead_bytes = 0;
    scenario.hardware.tensor_parallel = test.inputs.at("tensor_parallel");
    return question;
}

class WebForm : public ::testing::TestWithParam<WebFormCase>
{
};

TEST_P(WebForm, MemoryIsEqualToTheByte)
{
    const auto result = estimate_of(question_of(GetParam()));
    const nlohmann::json& expected = GetParam().outputs;
    EXPECT_EQ(result->model->parameters.total, expected.at("parameters_total").get<std::int64_t>());
    EXPECT_EQ(bytes_of(*result, "weights"), expected.at("weights_bytes").get<std::int64_t>());
    EXPECT_EQ(bytes_of(*result, "kv_cache"), expected.at("kv_cache_bytes").get<std::int64_t>());
    EXPECT_EQ(bytes_of(*result, "activations"), expected.at("activation_bytes").get<std::int64_t>());
    EXPECT_EQ(result->total.count, expected.at("total_bytes").get<std::int64_t>());
}

TEST_P(WebForm, DecodeFlopsAreEqual)
{
    const auto result = estimate_of(question_of(GetParam()), Detail::full);
    const nlohmann::json& expected = GetParam().outputs.at("decode_flops");
    ASSERT_FALSE(result->rooflines.empty());
    const Roofline& decode = result->rooflines.front();
    ASSERT_EQ(decode.phase, Phase::decode);
    std::size_t compared = 0;
    for (const RooflineRow& row : decode.rows) {
        if (!expected.contains(row.operation.id))
            continue;
        EXPECT_EQ(row.operation.flops, expected.at(row.operation.id).get<double>()) << row.operation.id;
        ++compared;
    }
    EXPECT_EQ(compared, expected.size());
}

INSTANTIATE_TEST_SUITE_P(Cases, WebForm, ::testing::ValuesIn(web_form_cases()),
                         [](const auto& test) { return test.param.id; });

} // namespace
} // namespace weighbridge::testing
