#pragma once

#include "core/estimate/estimate.h"
#include "core/memory/load.h"
#include "core/sources/hf_config.h"
#include "core/sources/presets.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <string>

namespace weighbridge::testing {

inline std::string read_test_data(const std::string& name)
{
    std::ifstream file(std::string(WEIGHBRIDGE_TEST_DATA) + "/" + name, std::ios::binary);
    EXPECT_TRUE(file) << "missing test data " << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A card of its own with 80 GiB, so that tests of figures depend on no catalogue.
inline Accelerator plain_accelerator(std::int64_t gib = 80)
{
    Accelerator accelerator;
    accelerator.id = "custom";
    accelerator.name = "Test card";
    accelerator.capacity = {gib * 1024 * 1024 * 1024};
    accelerator.capacity_from_driver = true;
    accelerator.bandwidth_gbs = 1000;
    accelerator.tflops.bf16 = 100;
    return accelerator;
}

inline Question question_about(ModelPointer model)
{
    Question question;
    question.model = std::move(model);
    question.accelerator = plain_accelerator();
    return question;
}

inline Question question_about_preset(std::string_view name)
{
    auto model = preset_model(name);
    EXPECT_TRUE(model) << (model ? "" : model.error().message);
    return question_about(model ? *model : nullptr);
}

inline Question question_about_config(const nlohmann::json& config)
{
    auto model = import_config(config, "test");
    EXPECT_TRUE(model) << (model ? "" : model.error().message);
    return question_about(model ? *model : nullptr);
}

/// The estimate's terms and totals; fails the test where there is none.
inline EstimatePointer estimate_of(const Question& question, Detail detail = Detail::memory)
{
    auto result = estimate(question, detail);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : std::make_shared<Estimate>();
}

inline std::int64_t bytes_of(const Estimate& estimate, std::string_view id)
{
    const Term* term = find_term(estimate.terms, id);
    EXPECT_NE(term, nullptr) << id;
    return term ? term->bytes.count : -1;
}

/// The generic decoder with the dimensions of Llama-3.1-70B.
inline nlohmann::json generic_70b()
{
    return {{"model_type", "generic"}, {"hidden_size", 8192},       {"intermediate_size", 28672},
            {"num_layers", 80},        {"num_attention_heads", 64}, {"num_kv_heads", 8},
            {"head_dim", 128},         {"vocab_size", 128256},      {"tie_word_embeddings", false}};
}

} // namespace weighbridge::testing
