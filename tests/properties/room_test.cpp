// What is promised is held: the room that is named, the GPUs that are said to be needed, recommended layouts, the
// tables of serving, advised savings. Each is asked as a question of its own.

#include "tests/properties/scenarios.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weighbridge::testing {
namespace {

constexpr std::size_t room_scenarios = 12;
constexpr std::uint32_t room_seed = 31;
constexpr std::int64_t most_sequences = std::int64_t{1} << 20; // no search goes further
constexpr std::int64_t most_tokens = std::int64_t{1} << 30;

/// A question, and whether it must fit.
struct Promise
{
    std::string what;
    json scenario;
    bool fits = true;
};

void keep(const std::vector<Promise>& promises)
{
    std::vector<json> scenarios;
    scenarios.reserve(promises.size());
    for (const Promise& promise : promises)
        scenarios.push_back(promise.scenario);
    const std::vector<Answer> answers = ask(scenarios);
    for (std::size_t i = 0; i < promises.size(); ++i) {
        const Promise& promise = promises[i];
        if (promise.fits) {
            EXPECT_TRUE(answers[i]) << promise.what << ": " << answers[i].refusal << pasted(promise.scenario);
        }
        if (answers[i] && can_be_held(answers[i].report)) {
            EXPECT_EQ(holds(answers[i].report), promise.fits)
                << promise.what << ": " << answers[i].report["fit"][0].dump() << pasted(promise.scenario);
        }
    }
}

class Room : public ::testing::TestWithParam<Owner>
{
protected:
    static std::vector<Asked> asked() { return answered(GetParam(), room_scenarios, room_seed); }
};

/// Both ends of one search: `found` fits and one more does not.
void promise_most(std::vector<Promise>& promises, const json& scenario, const std::string& key, std::int64_t found,
                  std::int64_t most)
{
    const std::string what = std::to_string(found) + " as " + key;
    if (found > 0)
        promises.push_back({what, but(scenario, key, found), true});
    if (found < most)
        promises.push_back({"one more than " + what, but(scenario, key, found + 1), false});
}

TEST_P(Room, IsMaximal)
{
    std::vector<Promise> promises;
    for (const auto& [scenario, report] : asked()) {
        const json& room = report["capacity"];
        // What an engine or a model refuses beyond is no matter of memory.
        if (!can_be_held(report))
            continue;
        const std::string limit = room.value("limited_by", "memory");
        if (limit == "engine" || limit == "model")
            continue;
        promise_most(promises, scenario, "inference.concurrent_sequences",
                     room["max_concurrent_sequences"].get<std::int64_t>(), most_sequences);
        promise_most(promises, scenario, "inference.sequence_length", room["max_sequence_length"].get<std::int64_t>(),
                     most_tokens);
    }
    keep(promises);
}

/// Of the keys of a layout, which stand without it.
std::string owner_of_key(const std::string& key)
{
    return key == "decode_context_parallel_size" ? "inference." : "hardware.";
}

TEST_P(Room, FewestGpusAreMinimal)
{
    std::vector<Promise> promises;
    for (const auto& [scenario, report] : asked()) {
        const json& hardware = scenario["hardware"];
        if (hardware.contains("pipeline_parallel") || hardware.contains("data_parallel"))
            continue;
        const json& fit = report["fit"][0];
        const bool found = fit["gpus_needed"].is_number();
        const std::int64_t needed = found ? fit["gpus_needed"].get<std::int64_t>() : 32;
        const auto of = [&, &scenario = scenario](std::int64_t ranks) {
            return but(scenario, "hardware.tensor_parallel", ranks);
        };
        if (found) {
            json layout = scenario;
            if (fit.contains("layout_needed") && fit["layout_needed"].is_object())
                for (const auto& [key, value] : fit["layout_needed"].items())
                    layout = but(std::move(layout), owner_of_key(key) + key, value);
            else
                layout = of(needed);
            promises.push_back({"as many GPUs as needed", layout, true});
        }
        if (found || fit["verdict"] == "exceeds")
            for (std::int64_t ranks = 1; ranks < needed; ranks *= 2)
                promises.push_back({"fewer than " + std::to_string(needed) + " GPUs", of(ranks), false});
    }
    keep(promises);
}

TEST_P(Room, CardsSayWhatTheirOwnScenarioSays)
{
    Chance chance(room_seed);
    for (const auto& [scenario, report] : asked()) {
        if (scenario["hardware"].contains("usable_fraction"))
            continue; // meant for accelerators of one kind
        const std::vector<json> cards(report["fit"].begin() + 1, report["fit"].end());
        const json& card = chance.one_of(cards);
        const json other = but(scenario, "hardware.accelerator", card["accelerator"]);
        const Answer answer = ask(other);
        if (!answer)
            continue;
        const json& own = answer.report["fit"][0];
        for (const char* key : {"usable_bytes", "verdict", "gpus_needed"})
            EXPECT_EQ(card[key], own[key]) << key << pasted(scenario, other);
        if (card["needed_bytes"].is_number()) {
            EXPECT_NEAR(card["needed_bytes"].get<double>(), own["needed_bytes"].get<double>(), 1)
                << pasted(scenario, other);
        }
    }
}

TEST_P(Room, ServingTablesAreMaximal)
{
    std::vector<Promise> promises;
    for (const Asked& asked : answered(GetParam(), 3, room_seed + 1)) {
        const Answer answer = ask(asked.scenario, {"--serving", "--lengths", "2000,32000", "--concurrencies", "1,32"});
        ASSERT_TRUE(answer) << answer.refusal << pasted(asked.scenario);
        for (const json& row : answer.report["serving"]["by_length"])
            if (row["remark"] == "")
                promise_most(promises, but(asked.scenario, "inference.sequence_length", row["sequence_length"]),
                             "inference.concurrent_sequences", row["max_concurrent_sequences"].get<std::int64_t>(),
                             most_sequences);
        for (const json& row : answer.report["serving"]["by_concurrency"])
            if (row["remark"] == "")
                promise_most(promises,
                             but(asked.scenario, "inference.concurrent_sequences", row["concurrent_sequences"]),
                             "inference.sequence_length", row["max_sequence_length"].get<std::int64_t>(), most_tokens);
    }
    keep(promises);
}

TEST_P(Room, RecommendedLayoutsTakeWhatTheySay)
{
    Chance chance(room_seed);
    const std::string engine = GetParam().name;
    for (const char* model : {"Qwen3-14B", "Moonlight-16B-A3B"}) {
        const json scenario{{"model", model}, {"inference", {{"engine", engine}, {"concurrent_sequences", 4}}}};
        const Answer answer = ask(scenario, {"--recommend"});
        ASSERT_TRUE(answer) << answer.refusal << pasted(scenario);
        const json& recommended = answer.report["recommended"];
        std::vector<json> rows;
        json smallest;
        for (const json& row : recommended["configurations"]) {
            if (smallest.is_null() && row["fits"] == true)
                smallest = row["configuration"];
            if (row["refusal"].is_null() || row["refusal"] == "")
                rows.push_back(row);
        }
        EXPECT_EQ(recommended["smallest"], smallest) << pasted(scenario);
        ASSERT_FALSE(rows.empty());
        for (int i = 0; i < 4; ++i) {
            const json& row = chance.one_of(rows);
            json layout = scenario;
            for (const char* key : {"accelerator", "tensor_parallel", "pipeline_parallel", "data_parallel"})
                layout["hardware"][key] = row[key];
            const Answer own = ask(layout);
            ASSERT_TRUE(own) << own.refusal << pasted(layout);
            EXPECT_NEAR(static_cast<double>(total(own.report)), row["needed_bytes"].get<double>(), 2)
                << row["configuration"] << pasted(scenario, layout);
            EXPECT_EQ(holds(own.report), row["fits"] == true) << row["configuration"] << pasted(scenario, layout);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Room, ::testing::ValuesIn(engines()),
                         [](const auto& instance) { return owner_name(instance.param); });

class Advice : public ::testing::TestWithParam<Owner>
{
};

TEST_P(Advice, SavesWhatItSays)
{
    for (const Asked& asked : answered(GetParam(), 4, room_seed)) {
        const Answer answer = ask(asked.scenario, {"--savings"});
        ASSERT_TRUE(answer) << answer.refusal << pasted(asked.scenario);
        std::vector<json> savings(answer.report["savings"].begin(), answer.report["savings"].end());
        savings.resize(std::min<std::size_t>(savings.size(), 4));
        for (const json& saving : savings) {
            const std::string option = saving["field"].get<std::string>() + '=' + saving["value"].get<std::string>();
            const Answer saved = ask(asked.scenario, {"--set", option});
            ASSERT_TRUE(saved) << option << ": " << saved.refusal << pasted(asked.scenario);
            EXPECT_NEAR(static_cast<double>(total(saved.report)), saving["total_bytes"].get<double>(), 2)
                << option << pasted(asked.scenario);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Advice, ::testing::ValuesIn(trainers()),
                         [](const auto& instance) { return owner_name(instance.param); });

} // namespace
} // namespace weighbridge::testing
