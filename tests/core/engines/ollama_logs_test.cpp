// Ollama against what public logs of it print: its own estimate of old releases, and where layers lie.

#include "core/fields/scenario_json.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace weighbridge::testing {
namespace {

using nlohmann::json;

std::vector<json> ollama_records()
{
    std::vector<json> list;
    std::istringstream lines(read_test_data("ollama_logs.jsonl"));
    for (std::string line; std::getline(lines, line);)
        list.push_back(json::parse(line));
    return list;
}

EstimatePointer logged_answer(const json& record)
{
    const auto scenario = read_scenario(record["scenario"]);
    EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().message);
    if (!scenario)
        return std::make_shared<Estimate>();
    Question question = scenario->model.kind == ModelReference::Kind::config
                            ? question_about_config(*scenario->model.config)
                            : question_about_preset(scenario->model.text);
    question.scenario = *scenario;
    if (scenario->hardware.custom)
        question.accelerator = *scenario->hardware.custom;
    else if (auto known = Catalogue().find(scenario->hardware.accelerator))
        question.accelerator = *known;
    return estimate_of(question, Detail::full);
}

double logged_print(const Estimate& estimate, std::string_view id)
{
    for (const EnginePrint& print : estimate.engine_prints)
        if (print.id == id)
            return print.value;
    return -1;
}

TEST(OllamaLogs, AreMet)
{
    for (const json& record : ollama_records()) {
        SCOPED_TRACE(record["title"].get<std::string>());
        const EstimatePointer estimate = logged_answer(record);
        for (const auto& [id, wanted] : record["printed"].items())
            EXPECT_NEAR(logged_print(*estimate, id), wanted[0].get<double>(), wanted[1].get<double>() + 1e-9) << id;
        if (record.contains("layers")) {
            std::vector<std::int64_t> layers;
            for (const DeviceShare& share : estimate->devices)
                layers.insert(layers.end(), static_cast<std::size_t>(share.count), share.layers.value_or(0));
            EXPECT_EQ(layers, record["layers"].get<std::vector<std::int64_t>>());
        }
        if (record.contains("cache_gib")) {
            double bytes = 0;
            for (const DeviceShare& share : estimate->devices)
                if (const Term* term = find_term(share.terms, "kv_cache"))
                    bytes += static_cast<double>(term->bytes.count);
            ASSERT_TRUE(estimate->host);
            if (const Term* term = find_term(estimate->host->terms, "kv_cache"))
                bytes += static_cast<double>(term->bytes.count);
            EXPECT_NEAR(bytes / bytes_per_gib, record["cache_gib"][0].get<double>(),
                        record["cache_gib"][1].get<double>());
        }
    }
}

} // namespace
} // namespace weighbridge::testing
