// Out and in again: what a tool's command or file says of a random scenario is read back as the same, but for the keys
// that it has no flag for. Seeded, a hundred scenarios per tool.

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "core/launch/launch.h"
#include "core/launch/write_launch.h"
#include "core/quantity/text.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

namespace weighbridge {

namespace {

class Chance
{
public:
    explicit Chance(unsigned seed) : engine_(seed) {}

    std::int64_t whole(std::int64_t least, std::int64_t most)
    {
        return least + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
    }
    bool once_in(int times) { return whole(1, times) == 1; }
    template<class List>
    std::string one_of(const List& list)
    {
        return std::string(list[static_cast<std::size_t>(whole(0, static_cast<std::int64_t>(std::size(list)) - 1))]);
    }

private:
    std::mt19937_64 engine_;
};

/// A text that the field takes; empty where this test knows none.
std::string random_text(Chance& chance, const ScenarioField& field)
{
    constexpr std::array weights = {"fp8", "bnb_nf4", "int8"};
    constexpr std::array caches = {"fp8", "bf16", "q8_0"};
    constexpr std::array optimizers = {"adamw", "adamw_8bit", "paged_adamw_8bit", "adafactor", "sgd", "lion_8bit"};
    constexpr std::array recompute = {"none", "full", "selective", "offload"};
    constexpr std::array targets = {"q_proj", "q_proj,v_proj", "all_linear"};
    switch (field.names) {
    case NameTable::weights_format:
        return chance.one_of(weights);
    case NameTable::kv_cache_format:
        return chance.one_of(caches);
    case NameTable::optimizer:
        return chance.one_of(optimizers);
    case NameTable::recompute:
        return chance.one_of(recompute);
    case NameTable::adapter_target:
        return chance.one_of(targets);
    case NameTable::none:
    case NameTable::training_attention:
    case NameTable::trainer:
        return field.choices.empty() ? std::string() : chance.one_of(field.choices);
    default:
        return {};
    }
}

std::string random_value(Chance& chance, const ScenarioField& field)
{
    const double most = std::min(field.range.most, field.range.least + (field.key.starts_with("hardware.") ? 8 : 4000));
    switch (field.kind) {
    case OptionKind::flag:
        return chance.once_in(2) ? "true" : "false";
    case OptionKind::whole:
        return std::to_string(
            chance.whole(static_cast<std::int64_t>(field.range.least) + 1,
                         std::max(static_cast<std::int64_t>(most), static_cast<std::int64_t>(field.range.least) + 1)));
    case OptionKind::real:
        return most <= 1 ? "0." + std::to_string(chance.whole(1, 9)) : std::to_string(chance.whole(1, 40));
    case OptionKind::numbers:
        return std::to_string(chance.whole(1, 9)) + "," + std::to_string(chance.whole(10, 19));
    case OptionKind::text:
    case OptionKind::pair:
    case OptionKind::list:
        return random_text(chance, field);
    case OptionKind::devices:
        break;
    }
    return {};
}

/// Keys that two spellings share or that the form of a command settles.
bool is_left_out(const ScenarioField& field)
{
    static const std::vector<std::string> keys = {"task", "inference.engine", "hardware.accelerator",
                                                  "inference.speculative_config.num_speculative_tokens"};
    return contains(keys, field.key) || field.name() == "framework" || field.name() == "trainer" ||
           field.name() == "framework_version";
}

Scenario random_scenario(Chance& chance, const std::string& tool, const std::string& task)
{
    Scenario scenario;
    EXPECT_FALSE(set_field(scenario, "task", task));
    EXPECT_FALSE(choose_launched(scenario, tool));
    scenario.model.kind = ModelReference::Kind::hub;
    scenario.model.text = "org/Some-Model";
    if (tool == "exllamav3" || tool == "megatron") {
        scenario.model.kind = ModelReference::Kind::path;
        scenario.model.text = "/models/Some-Model";
    }
    for (const ScenarioField& field : scenario_fields()) {
        if (!is_read(scenario, field) || !concerns_task(scenario, field) || is_left_out(field) || !chance.once_in(6))
            continue;
        if (const std::string value = random_value(chance, field); !value.empty())
            set_field(scenario, field.key, value);
    }
    return scenario;
}

struct RoundTrip
{
    std::string tool;
    std::string task;
};

class OutAndIn : public testing::TestWithParam<RoundTrip>
{
};

TEST_P(OutAndIn, IsTheSame)
{
    const auto& [tool, task] = GetParam();
    constexpr unsigned scenarios = 100;
    int wrong = 0;
    std::size_t chosen = 0;
    std::size_t unsaid = 0;
    for (unsigned seed = 1; seed <= scenarios && wrong < 5; ++seed) {
        Chance chance(seed);
        const Scenario scenario = random_scenario(chance, tool, task);
        const auto written = write_launch(scenario, tool);
        ASSERT_TRUE(written) << written.error().message;
        const auto read = read_launch(written->text);
        ASSERT_TRUE(read) << written->text;
        EXPECT_EQ(read->scenario.model, scenario.model) << written->text;
        unsaid += written->cant_say.size();
        for (const ScenarioField& field : scenario_fields()) {
            if (!is_read(scenario, field) || is_left_out(field))
                continue;
            chosen += is_chosen(scenario, field) ? 1U : 0U;
            const bool unsayable =
                std::any_of(written->cant_say.begin(), written->cant_say.end(), [&](const std::string& key) {
                    return key.starts_with(field.key) || field.key.starts_with(key);
                });
            // Where one half of the cache is chosen, the other is the engine's.
            if (field.key == "precision.kv_cache" ||
                (field.key.starts_with("precision.kv_cache.") && !is_chosen(scenario, field)))
                continue;
            if (unsayable || field.same(scenario, read->scenario))
                continue;
            ADD_FAILURE() << "seed " << seed << ": " << field.key << " is " << field_text(scenario, field)
                          << ", and comes back as " << field_text(read->scenario, field) << " from\n"
                          << written->text;
            ++wrong;
        }
        for (const LaunchFlag& flag : read->flags)
            if (flag.read == FlagRead::unknown) {
                ADD_FAILURE() << "seed " << seed << ": " << flag.flag << " is not known again\n" << written->text;
                ++wrong;
            }
    }
    RecordProperty("chosen", static_cast<int>(chosen));
    RecordProperty("unsaid", static_cast<int>(unsaid));
}

INSTANTIATE_TEST_SUITE_P(Tools, OutAndIn,
                         testing::Values(RoundTrip{"vllm", "inference"}, RoundTrip{"docker:vllm", "inference"},
                                         RoundTrip{"compose:sglang", "inference"},
                                         RoundTrip{"kubernetes:vllm", "inference"}, RoundTrip{"sglang", "inference"},
                                         RoundTrip{"llama.cpp", "inference"},
                                         RoundTrip{"docker:llama.cpp", "inference"}, RoundTrip{"ollama", "inference"},
                                         RoundTrip{"mlx", "inference"}, RoundTrip{"exllamav3", "inference"},
                                         RoundTrip{"tensorrt-llm", "inference"}, RoundTrip{"lmdeploy", "inference"},
                                         RoundTrip{"trl", "fine_tune"}, RoundTrip{"hf_trainer", "fine_tune"},
                                         RoundTrip{"axolotl", "fine_tune"}, RoundTrip{"llama_factory", "fine_tune"},
                                         RoundTrip{"ms_swift", "fine_tune"}, RoundTrip{"unsloth", "fine_tune"},
                                         RoundTrip{"torchtune", "fine_tune"}, RoundTrip{"torchtitan", "train"},
                                         RoundTrip{"megatron", "train"}, RoundTrip{"mlx", "fine_tune"}),
                         [](const testing::TestParamInfo<RoundTrip>& tested) {
                             std::string name = tested.param.tool + "_" + tested.param.task;
                             std::replace_if(
                                 name.begin(), name.end(),
                                 [](char letter) { return letter == ':' || letter == '.' || letter == '-'; }, '_');
                             return name;
                         });

TEST(WriteLaunch, SaysWhichToolsThereAre)
{
    EXPECT_FALSE(write_launch({}, "banana"));
    EXPECT_FALSE(write_launch({}, "docker:trl"));
    Scenario scenario;
    ASSERT_FALSE(set_field(scenario, "inference.engine", "sglang"));
    EXPECT_TRUE(choose_launched(scenario, "vllm"));
}

} // namespace

} // namespace weighbridge
