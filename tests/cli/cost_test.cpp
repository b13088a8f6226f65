#include "core/price/bundled_prices.h"
#include "tests/cli/run_command.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weighbridge::testing {

namespace {

nlohmann::json dated_report(Arguments arguments, const std::string& today = "2026-12-01")
{
    arguments.insert(arguments.begin(), "estimate");
    arguments.insert(arguments.end(), {"--format", "json"});
    Environment environment;
    environment.today = today;
    const Answer answer = run(arguments, {}, environment);
    EXPECT_EQ(answer.status, 0) << answer.err;
    return answer.status == 0 ? nlohmann::json::parse(answer.out) : nlohmann::json();
}

const Arguments served = {"Llama-3.1-8B", "--gpu",    "h100_sxm_80", "--engine",   "vllm", "--prompt",
                          "2000",         "--answer", "500",         "--requests", "16"};

nlohmann::json served_with(const Arguments& more, const std::string& today = "2026-12-01")
{
    Arguments all = served;
    all.insert(all.end(), more.begin(), more.end());
    return dated_report(all, today);
}

struct MiddleRow
{
    const char* accelerator;
    std::size_t entries;
    double middle; ///< of the table that the collector of the prices made
};

TEST(BundledPrices, MiddleIsThatOfTheCollectorsTable)
{
    const std::vector<MiddleRow> rows = {
        {"a10", 2, 2.00},          {"a100_pcie_80", 2, 2.885}, {"a100_sxm_80", 7, 3.43}, {"b200_sxm", 8, 7.79},
        {"h100_sxm_80", 10, 6.52}, {"h200_sxm_141", 6, 7.13},  {"l4", 4, 0.98},          {"l40s", 8, 2.27},
        {"mi300x", 4, 3.92},       {"rtx_4090", 2, 0.69},      {"t4", 2, 0.75},          {"v100_sxm2_16", 4, 2.95},
    };
    for (const MiddleRow& row : rows) {
        const auto price = bundled_price(row.accelerator);
        ASSERT_TRUE(price) << row.accelerator;
        EXPECT_EQ(price->entries, row.entries) << row.accelerator;
        EXPECT_NEAR(price->per_accelerator_hour, row.middle, 0.0051) << row.accelerator;
        EXPECT_FALSE(price->source.empty());
        EXPECT_TRUE(day_of(price->date)) << price->date;
    }
    EXPECT_FALSE(bundled_price("gaudi3"));
    EXPECT_FALSE(bundled_price("custom"));
}

TEST(BundledPrices, OfOneProviderAndTier)
{
    const auto price = bundled_price("a10", "Oracle Cloud");
    ASSERT_TRUE(price);
    EXPECT_DOUBLE_EQ(price->per_accelerator_hour, 2.0); // BM.GPU.A10.4: 8 dollars of 4
    EXPECT_EQ(price->provider, "Oracle Cloud");
    EXPECT_FALSE(bundled_price("a10", "Oracle Cloud", "spot"));
}

TEST(BundledPrices, OldAfterNinetyDays)
{
    EXPECT_EQ(is_old("2026-09-02", "2026-12-01"), false); // 28 + 31 + 30 + 1 days
    EXPECT_EQ(is_old("2026-09-01", "2026-12-01"), true);
    EXPECT_EQ(is_old("2026-11", "2026-12-01"), false);
    EXPECT_EQ(is_old("2026", "2026-12-01"), true); // which day of the year is not known
    EXPECT_FALSE(is_old("2026-09-01", ""));
    EXPECT_FALSE(is_old("2026-13-01", "2026-12-01"));
    EXPECT_FALSE(is_old("soon", "2026-12-01"));
    EXPECT_FALSE(is_old("2026-9-1", "2026-12-01"));
}

TEST(Cost, EveryFigureIsTheHourOverWhatItGives)
{
    const auto report =
        served_with({"--tp", "2", "--set", "price.per_accelerator_hour=3", "--set", "price.date=2026-11-29", "--set",
                     "price.source=mine", "--set", "workload.prefix_cached_tokens=1000"});
    const auto& price = report["price"];
    const double tokens = report["speed"]["output_tokens_per_second"]["value"];
    const double requests = report["speed"]["requests_per_second"]["value"];
    EXPECT_DOUBLE_EQ(price["per_hour"], 6.0);
    EXPECT_NEAR(price["per_million_output_tokens"]["value"], 6 / (3600 * tokens) * 1e6, 1e-9);
    EXPECT_NEAR(price["per_million_output_tokens"]["high"],
                6 / (3600 * report["speed"]["output_tokens_per_second"]["low"].get<double>()) * 1e6, 1e-9);
    EXPECT_NEAR(price["per_million_input_tokens"]["value"], 6 / (3600 * requests * 2000) * 1e6, 1e-9);
    EXPECT_NEAR(price["per_million_cached_tokens"]["value"], 6 / (3600 * requests * 1000) * 1e6, 1e-9);
    EXPECT_NEAR(price["per_million_tokens"]["value"], 6 / (3600 * requests * 2500) * 1e6, 1e-9);
    EXPECT_NEAR(price["per_request"]["value"], 6 / (3600 * requests), 1e-12);
    EXPECT_TRUE(price["per_run"].is_null());
    EXPECT_EQ(price["source"], "mine");
    EXPECT_EQ(price["old"], false);
    EXPECT_DOUBLE_EQ(report["fit"][0]["price_per_hour"], 6.0);
    const double watts = report["energy"]["watts"];
    EXPECT_GT(watts, 2 * 700 * 0.3);
    EXPECT_LT(watts, 2 * 700);
    EXPECT_NEAR(report["energy"]["joules_per_output_token"], watts / tokens, 1e-9);
    EXPECT_NEAR(report["energy"]["watt_hours_per_million_output_tokens"], watts / tokens * 1e6 / 3600, 1e-6);
}

TEST(Cost, BundledPriceSaysWhenItIsOld)
{
    const auto report = served_with({});
    EXPECT_NEAR(report["price"]["per_hour"], 6.52, 0.0051);
    EXPECT_EQ(report["price"]["tier"], "on_demand");
    EXPECT_EQ(report["price"]["entries"], 10);
    EXPECT_EQ(report["price"]["old"], true);
    EXPECT_TRUE(served_with({}, "")["price"]["old"].is_null());
}

TEST(Cost, OwnedTakesThePlaceOfThePrice)
{
    const auto report = served_with({"--set", "owned.price_per_accelerator=25000", "--set", "owned.years=4", "--set",
                                     "owned.power_price_per_kwh=0.3", "--set", "owned.duty=0.5"});
    const double watts = report["energy"]["watts"];
    EXPECT_NEAR(report["price"]["per_hour"], 25000.0 / (4 * 8760) + watts / 1000 * 0.5 * 1.2 * 0.3, 1e-9);
    EXPECT_EQ(report["price"]["tier"], "owned");
    EXPECT_TRUE(served_with({"--set", "owned.price_per_accelerator=25000"})["price"].is_null()); // for how long?
}

TEST(Cost, OfATrainingRun)
{
    const Arguments run = {"Llama-3.1-8B",
                           "--gpu",
                           "h100_sxm_80",
                           "--set",
                           "task=fine_tune",
                           "--set",
                           "fine_tune.method=lora",
                           "--set",
                           "price.per_accelerator_hour=2"};
    Arguments long_run = run;
    long_run.insert(long_run.end(), {"--set", "fine_tune.epochs=3", "--set", "fine_tune.dataset_tokens=1000000"});
    const auto report = dated_report(long_run);
    const double seconds = 3e6 / report["speed"]["train_tokens_per_second"]["value"].get<double>();
    EXPECT_EQ(report["run"]["tokens"], 3000000);
    EXPECT_NEAR(report["run"]["seconds"]["value"], seconds, 1e-6);
    EXPECT_NEAR(report["price"]["per_run"]["value"], seconds / 3600 * 2, 1e-9);
    EXPECT_NEAR(report["energy"]["kilowatt_hours_per_run"], report["energy"]["watts"].get<double>() * seconds / 3.6e6,
                1e-9);
    EXPECT_TRUE(dated_report(run)["run"].is_null());
}

TEST(Cost, ChangesNothingElse)
{
    auto plain = served_with({});
    auto priced = served_with({"--set", "price.per_hour=1", "--set", "wanted.headroom=0.1"});
    EXPECT_DOUBLE_EQ(priced["price"]["per_hour"], 1.0);
    EXPECT_EQ(plain["per_gpu"], priced["per_gpu"]);
    EXPECT_EQ(plain["speed"], priced["speed"]);
    EXPECT_EQ(plain["energy"], priced["energy"]);
}

TEST(Cost, NothingWhereNobodyKnows)
{
    const auto report = dated_report({"Llama-3.1-8B", "--gpu", "gaudi3"});
    EXPECT_TRUE(report["price"].is_null());
    EXPECT_TRUE(report["fit"][0]["price_per_hour"].is_null());
}

} // namespace

} // namespace weighbridge::testing
