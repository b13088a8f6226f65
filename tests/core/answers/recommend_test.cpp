// Where a scenario fits: the 15 configurations of the book appendix (seed 002, B.4) and the bundled systems.

#include "core/answers/recommend.h"
#include "core/hardware/system.h"
#include "core/training/training.h"
#include "tests/core/support/scenarios.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace weighbridge::testing {
namespace {

/// Weights alone, as the appendix's list is asked: so many bytes, divided evenly over the ranks.
Question weights_alone(double billions)
{
    Question question = question_about_config(generic_70b());
    question.scenario.precision.weights = "nominal:2";
    InferenceChoice& inference = question.scenario.inference;
    inference.parameters = static_cast<std::int64_t>(billions * 1e9);
    inference.activation_method = "fraction";
    inference.activation_fraction = 0;
    inference.overhead_bytes = 0;
    inference.use_kv_cache = false;
    return question;
}

RecommendationsPointer recommended(const Question& question, double share = book_usable_share)
{
    auto result = recommend(question, share);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : std::make_shared<Recommendations>();
}

const Recommendation& row_of(const Recommendations& recommendations, std::string_view id)
{
    static const Recommendation none;
    for (const Recommendation& row : recommendations.rows)
        if (recommendations.configuration(row).id == id)
            return row;
    ADD_FAILURE() << id;
    return none;
}

TEST(Systems, EveryOneHasAKnownAcceleratorAndASource)
{
    const Catalogue catalogue;
    const std::vector<System> systems = bundled_systems();
    EXPECT_GE(systems.size(), 50u);
    for (const System& system : systems) {
        EXPECT_TRUE(catalogue.find(system.accelerator)) << system.id;
        EXPECT_GE(system.packages, 1) << system.id;
        EXPECT_FALSE(system.name.empty()) << system.id;
        EXPECT_FALSE(system.sources.empty()) << system.id;
    }
}

TEST(Configurations, AreThe15OfTheAppendixAndEverySystemFromSmallToLarge)
{
    const auto list = standard_configurations();
    // Three of the appendix's are systems: DGX H100, DGX B200 and HGX B300.
    EXPECT_EQ(list->size(), 12 + bundled_systems().size());
    EXPECT_EQ(std::count_if(list->begin(), list->end(), [](const Configuration& c) { return c.in_appendix; }), 15);
    EXPECT_TRUE(std::is_sorted(list->begin(), list->end(),
                               [](const Configuration& a, const Configuration& b) { return a.memory() < b.memory(); }));
    std::set<std::string> ids;
    for (const Configuration& configuration : *list)
        EXPECT_TRUE(ids.insert(configuration.id).second) << configuration.id;
    EXPECT_EQ(list->front().id, "g2-standard"); // one L4 of 24 GB, of which drivers report less than of an RTX 4090
    EXPECT_EQ(list->back().id, "helios");       // 72 × 432 GB
}

TEST(Configurations, CountDevicesAsSoftwareSeesThem)
{
    const auto list = standard_configurations();
    for (const Configuration& configuration : *list)
        if (configuration.id == "trn2.48xlarge") { // 16 chips of 8 cores, 96 GB each
            EXPECT_EQ(configuration.gpus, 128);
            EXPECT_DOUBLE_EQ(configuration.memory(), 16 * configuration.accelerator.marketed_gb * bytes_per_gib);
        }
}

// 141.2 GB in BF16 exceed one H200 (143,771 MiB × 0.92 = 138.7 GB), and are 70.6 GB on each of two H100.
TEST(Recommend, TheSmallestThatFitsAndPerCentUsed)
{
    const auto result = recommended(weights_alone(70.6));
    EXPECT_FALSE(row_of(*result, "1x_h200_sxm_141").fits);
    const Recommendation* smallest = result->smallest();
    ASSERT_NE(smallest, nullptr);
    EXPECT_EQ(result->configuration(*smallest).id, "2x_h100_sxm_80");
    EXPECT_EQ(smallest->tensor_parallel, 2);
    EXPECT_EQ(smallest->gpus_used, 2);
    EXPECT_EQ(smallest->needed.count, 70'600'000'000);
    const auto capacity = static_cast<double>(result->configuration(*smallest).accelerator.capacity.count);
    EXPECT_DOUBLE_EQ(smallest->fraction, 70.6e9 / capacity);
    EXPECT_EQ(smallest->usable.count, static_cast<std::int64_t>(capacity * 0.92));
}

TEST(Recommend, TheShareDecides)
{
    // 78.7 GB of an H100 are usable at 92 %, 85.5 at all of it.
    const Question question = weights_alone(40);
    EXPECT_FALSE(row_of(*recommended(question), "1x_h100_sxm_80").fits);
    EXPECT_TRUE(row_of(*recommended(question, 1), "1x_h100_sxm_80").fits);
    EXPECT_FALSE(row_of(*recommended(question, 0.4), "2x_h100_sxm_80").fits);
    for (const double share : {0.0, -1.0, 1.01})
        EXPECT_FALSE(recommend(question, share)) << share;
}

// Whoever gives no share gets what the verdict of an estimate there says, by the engine's own option or the scenario's.
TEST(Recommend, WithoutAShareSaysWhatAnEstimateThereSays)
{
    struct Case
    {
        const char* engine;
        std::optional<double> usable_fraction;
        std::optional<double> gpu_memory_utilization;
    };
    const std::array cases = {
        Case{"vllm", std::nullopt, std::nullopt},   Case{"vllm", std::nullopt, 0.5},
        Case{"llama.cpp", 0.6, std::nullopt},       Case{"llama.cpp", std::nullopt, std::nullopt},
        Case{"sglang", std::nullopt, std::nullopt},
    };
    for (const Case& asked : cases) {
        SCOPED_TRACE(asked.engine);
        Question question = question_about_preset("Llama-3.1-8B");
        question.scenario.inference.engine = asked.engine;
        question.scenario.inference.vllm.gpu_memory_utilization = asked.gpu_memory_utilization;
        question.scenario.hardware.usable_fraction = asked.usable_fraction;
        const auto recommended = recommend(question);
        ASSERT_TRUE(recommended) << recommended.error().message;
        EXPECT_FALSE((*recommended)->usable_share);
        for (const char* id : {"1x_rtx_4090", "1x_h100_sxm_80", "dgx_h100", "1x_m3_ultra"}) {
            const Recommendation& row = row_of(**recommended, id);
            Question there = question;
            there.accelerator = (*recommended)->configuration(row).accelerator;
            there.scenario.hardware.accelerator = there.accelerator.id;
            there.scenario.hardware.tensor_parallel = row.tensor_parallel;
            there.scenario.hardware.pipeline_parallel = row.pipeline_parallel;
            there.scenario.hardware.data_parallel = row.data_parallel;
            if (there.accelerator.unified_memory)
                there.scenario.hardware.usable_fraction.reset(); // that was said of a card's own memory
            const auto estimated = estimate_of(there, Detail::full);
            EXPECT_EQ(row.fits, does_fit(estimated->fit.verdict)) << id;
            if (!row.refusal.empty())
                continue; // can't run there, or nobody knows: figures of it would promise something
            EXPECT_EQ(row.usable, estimated->fit.usable) << id;
            if (estimated->fit.verdict != Verdict::would_not_start) { // whose fraction is of what the engine insists on
                EXPECT_NEAR(row.of_usable, estimated->fit.fraction, 1e-9) << id;
            }
        }
    }
}

TEST(RecommendTraining, WithoutAShareTheScenariosOwnCounts)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.task = "train";
    question.scenario.hardware.usable_fraction = 0.5;
    const auto recommended = recommend(question);
    ASSERT_TRUE(recommended);
    const Recommendation& row = row_of(**recommended, "1x_h200_sxm_141"); // 143,771 MiB
    EXPECT_EQ(row.usable.count, 143'771LL * 1024 * 1024 / 2);
    EXPECT_FALSE(row.fits);
}

// Metal's default working set is less than 92 %: the larger share would promise what the system refuses.
TEST(Recommend, SharedMemoryCountsAtMostItsDefault)
{
    const Question question = weights_alone(8);
    const auto usual = recommended(question);
    const Recommendation& ultra = row_of(*usual, "1x_m3_ultra");
    const auto capacity = static_cast<double>(usual->configuration(ultra).accelerator.capacity.count);
    EXPECT_EQ(ultra.usable.count, static_cast<std::int64_t>(capacity * 0.84)); // macOS 26, from 128 GB on
    EXPECT_EQ(row_of(*recommended(question, 0.5), "1x_m3_ultra").usable.count,
              static_cast<std::int64_t>(capacity * 0.5));
}

TEST(Recommend, UsesAsManyGpusAsTheHeadsAllow)
{
    const Question scout = question_about_preset("Llama-4-Scout-17B-16E-Instruct"); // 40 heads, 8 key/value heads
    const auto result = recommended(scout);
    EXPECT_EQ(row_of(*result, "dgx_h100").tensor_parallel, 8);
    EXPECT_EQ(row_of(*result, "gb200_nvl72").gpus_used, 40);
    EXPECT_EQ(row_of(*result, "inf2.48xlarge").tensor_parallel, 8); // 24 cores
}

// What the scenario says of the hardware is another question.
TEST(Recommend, TheScenariosOwnHardwareDoesNotMatter)
{
    Question question = question_about_preset("Llama-3.1-8B");
    const auto before = recommended(question);
    question.scenario.hardware.tensor_parallel = 4;
    question.scenario.hardware.usable_fraction = 0.3;
    question.accelerator = plain_accelerator(16);
    const auto after = recommended(question);
    ASSERT_EQ(before->rows.size(), after->rows.size());
    for (std::size_t i = 0; i < before->rows.size(); ++i)
        EXPECT_EQ(before->rows[i].needed, after->rows[i].needed) << before->configuration(before->rows[i]).id;
}

TEST(Recommend, NeedsWhatAnEstimateOnThatHardwareNeeds)
{
    const Catalogue catalogue;
    for (const char* engine : {"generic", "vllm", "sglang", "llama.cpp", "transformers"}) {
        Question question = question_about_preset("Llama-3.1-70B");
        question.scenario.inference.engine = engine;
        const auto result = recommended(question);
        for (const char* id : {"dgx_h100", "2x_h100_sxm_80", "1x_b300_sxm"}) {
            const Recommendation& row = row_of(*result, id);
            Question there = question;
            there.accelerator = *catalogue.find(result->configuration(row).accelerator.id);
            there.scenario.hardware.accelerator = there.accelerator.id;
            there.scenario.hardware.tensor_parallel = row.tensor_parallel;
            there.scenario.hardware.pipeline_parallel = row.pipeline_parallel;
            const auto estimated = estimate_of(there, Detail::full);
            EXPECT_NEAR(static_cast<double>(row.needed.count), static_cast<double>(estimated->total.count), 4)
                << engine << " on " << id;
            EXPECT_LE(row.usable.count,
                      static_cast<std::int64_t>(0.92 * static_cast<double>(estimated->fit.capacity.count)));
            const bool budgets = engine == std::string_view("vllm") || engine == std::string_view("sglang");
            EXPECT_TRUE(!budgets || row.usable <= estimated->fit.usable) << engine << " on " << id;
        }
    }
}

/// Four key/value heads: no more than four GPUs share a layer.
Question four_heads(std::int64_t sequences)
{
    Question question = question_about_preset("DeepSeek-R1-Distill-Qwen-7B");
    question.scenario.inference.engine = "vllm";
    question.scenario.inference.concurrent_sequences = sequences;
    return question;
}

TEST(Recommend, ReplicasUseTheGpusThatTheHeadsLeave)
{
    const Question question = four_heads(64);
    const auto result = recommended(question);
    const Recommendation& eight = row_of(*result, "dgx_h100");
    EXPECT_EQ(eight.tensor_parallel, 4);
    EXPECT_EQ(eight.data_parallel, 2);
    EXPECT_EQ(eight.gpus_used, 8);
    Question there = question;
    there.accelerator = *Catalogue().find(result->configuration(eight).accelerator.id);
    there.scenario.hardware.tensor_parallel = 4;
    there.scenario.hardware.data_parallel = 2;
    EXPECT_EQ(eight.needed, estimate_of(there, Detail::full)->total);
    there.scenario.hardware.data_parallel = 1;
    EXPECT_LE(eight.needed, estimate_of(there, Detail::full)->total);
    EXPECT_EQ(row_of(*result, "2x_h100_sxm_80").data_parallel, 1);
}

TEST(Recommend, AReplicaNeedsASequenceAndAnEngineThatHasReplicas)
{
    EXPECT_EQ(row_of(*recommended(four_heads(1)), "dgx_h100").data_parallel, 1);
    EXPECT_EQ(row_of(*recommended(four_heads(1)), "dgx_h100").gpus_used, 4);
    Question question = four_heads(64);
    for (const char* engine : {"generic", "transformers", "llama.cpp"}) {
        question.scenario.inference.engine = engine;
        EXPECT_EQ(row_of(*recommended(question), "dgx_h100").data_parallel, 1) << engine;
    }
    question.scenario.inference.engine = "sglang";
    EXPECT_EQ(row_of(*recommended(question), "dgx_h100").data_parallel, 2);
    question.scenario.inference.sglang.enable_dp_attention = true; // replicas of the same GPUs
    EXPECT_EQ(row_of(*recommended(question), "dgx_h100").data_parallel, 1);
}

// A latent cache is whole on every rank: two replicas keep half of the sequences each, where two ranks keep all.
TEST(Recommend, ReplicasHoldWhatRanksWouldKeepTwice)
{
    Question question = question_about_preset("Moonlight-16B-A3B");
    question.scenario.inference.engine = "vllm";
    question.scenario.inference.sequence_length = 8192;
    question.scenario.inference.concurrent_sequences = 256;
    const auto result = recommended(question);
    const Recommendation& two = row_of(*result, "2x_h100_sxm_80");
    Question there = question;
    there.accelerator = *Catalogue().find("h100_sxm_80");
    there.scenario.hardware.tensor_parallel = 2;
    EXPECT_GT(estimate_of(there, Detail::full)->total, two.usable);
    EXPECT_TRUE(two.fits) << two.needed.count << " of " << two.usable.count;
    EXPECT_EQ(two.tensor_parallel, 1);
    EXPECT_EQ(two.data_parallel, 2);
}

/// Fully sharded, so that every GPU helps.
Question sharded_training()
{
    Question question = question_about_preset("Meta-Llama-3-8B");
    question.scenario.task = "train";
    question.scenario.train.fsdp = true;
    return question;
}

TEST(RecommendTraining, AllGpusAreDataParallel)
{
    const auto result = recommended(sharded_training());
    const Recommendation& two = row_of(*result, "2x_h100_sxm_80");
    const Recommendation& eight = row_of(*result, "dgx_h100");
    EXPECT_EQ(two.data_parallel, 2);
    EXPECT_EQ(eight.data_parallel, 8);
    EXPECT_LT(eight.needed, two.needed);
    Question there = sharded_training();
    there.scenario.hardware.data_parallel = 8;
    EXPECT_EQ(eight.needed, estimate_of(there)->total);
}

TEST(RecommendTraining, UnshardedReplicasDoNotHelp)
{
    Question question = question_about_preset("Meta-Llama-3-8B");
    question.scenario.task = "train";
    const auto result = recommended(question);
    EXPECT_FALSE(row_of(*result, "dgx_h100").fits); // 8.03 B × 16 bytes are 128 GB on each
    EXPECT_TRUE(row_of(*result, "1x_b200_sxm").fits);
}

TEST(RecommendTraining, TheScenariosSharingIsKeptAndNamedWhereItDoesNotFit)
{
    Question question = sharded_training();
    question.scenario.hardware.tensor_parallel = 4;
    const auto result = recommended(question);
    const Recommendation& one = row_of(*result, "1x_b300_sxm");
    EXPECT_FALSE(one.fits);
    EXPECT_NE(one.refusal.find("take 4 GPUs"), std::string::npos) << one.refusal;
    EXPECT_EQ(row_of(*result, "dgx_h100").tensor_parallel, 4);
    EXPECT_EQ(row_of(*result, "dgx_h100").data_parallel, 2);
}

// The appendix adds the memory of all GPUs.
TEST(RecommendTraining, BookRulesCountAllMemoryAsOne)
{
    Question question = question_about_preset("Meta-Llama-3-8B");
    question.scenario.task = "train";
    question.scenario.train.book_rules = true;
    const std::int64_t total = estimate_of(question)->total.count;
    const auto result = recommended(question);
    EXPECT_EQ(row_of(*result, "dgx_h100").needed.count, (total + 7) / 8);
    EXPECT_EQ(row_of(*result, "1x_b300_sxm").needed.count, total);
}

} // namespace
} // namespace weighbridge::testing
