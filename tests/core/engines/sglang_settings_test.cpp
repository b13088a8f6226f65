// Settings that SGLang 0.5.23's own code was run on: its argument resolution, model classes and pool configurators
// behind a card that is not there (tests/data/sglang_settings.jsonl). Weights are tensors, not what the device lost.
// Records whose memory lacks what the server does take (MLA's second copies, a tower for sound) are not among them.

#include "core/fields/scenario_json.h"
#include "core/hardware/accelerator.h"
#include "tests/core/support/prints.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace weighbridge::testing {
namespace {

using nlohmann::json;

struct Setting
{
    std::string id;
    Question question;
    json expected;
};

std::vector<Setting> settings()
{
    std::vector<Setting> list;
    std::istringstream lines(read_test_data("sglang_settings.jsonl"));
    for (std::string line; std::getline(lines, line);) {
        const json record = json::parse(line);
        const auto scenario = read_scenario(record.at("scenario"));
        EXPECT_TRUE(scenario) << record.at("id") << (scenario ? "" : scenario.error().message);
        if (!scenario)
            continue;
        Question question = question_about_preset(scenario->model.text);
        question.scenario = *scenario;
        question.accelerator = *Catalogue().find(scenario->hardware.accelerator);
        list.push_back({record.at("id"), std::move(question), record.at("expected")});
    }
    return list;
}

/// The same with the share and the memory free before loading that the engine's run had.
EstimatePointer with_given_memory(const Setting& setting, const Estimate& typed)
{
    const auto free =
        static_cast<std::int64_t>(setting.expected.at("free_before_load_gib").get<double>() * bytes_per_gib);
    Question given = setting.question;
    given.scenario.inference.sglang.mem_fraction_static = setting.expected.at("mem_fraction_static");
    given.scenario.inference.total_memory_bytes =
        free + bytes_of(typed, "overhead.cuda_context") + bytes_of(typed, "overhead.nccl");
    return estimate_of(given, Detail::memory);
}

TEST(SglangSettings, StaticShareAndWeights)
{
    const auto list = settings();
    EXPECT_EQ(list.size(), 22U);
    for (const Setting& setting : list) {
        const auto result = estimate_of(setting.question, Detail::memory);
        EXPECT_NEAR(print_of(*result, "mem_fraction_static"), setting.expected.at("mem_fraction_static"), 0.001)
            << setting.id;
        const double weights = setting.expected.at("weights_gib");
        EXPECT_NEAR(print_of(*result, "load_weight_gib"), weights, std::max(0.15, 0.005 * weights)) << setting.id;
    }
}

TEST(SglangSettings, PoolsAtGivenMemory)
{
    for (const Setting& setting : settings()) {
        const auto result = with_given_memory(setting, *estimate_of(setting.question, Detail::memory));
        const double tokens = print_of(*result, "max_total_num_tokens");
        const double wanted = setting.expected.at("max_total_num_tokens");
        EXPECT_NEAR(tokens, wanted, 0.02 * wanted) << setting.id;
        const bool by_requests = setting.id.ends_with("noradmrr"); // its pools have no common size of a token
        if (!by_requests) {
            const double per_token = setting.expected.at("bytes_per_token");
            EXPECT_NEAR(print_of(*result, "kv_gib") * bytes_per_gib / tokens, per_token, 0.0005 * per_token)
                << setting.id;
        }
        EXPECT_EQ(print_of(*result, "max_running_requests"), setting.expected.at("max_running_requests")) << setting.id;
        if (setting.expected.contains("swa_max_total_num_tokens")) {
            const double windows = setting.expected.at("swa_max_total_num_tokens");
            EXPECT_NEAR(print_of(*result, "swa_max_total_num_tokens"), windows, 0.02 * windows) << setting.id;
        }
        if (setting.expected.contains("state_slots")) {
            const double slots = setting.expected.at("state_slots");
            EXPECT_NEAR(print_of(*result, "max_mamba_cache_size"), slots, 0.02 * slots) << setting.id;
        }
    }
}

} // namespace
} // namespace weighbridge::testing
