// One stream. Times of Llama-3.1-8B with 8 x 10^9 bytes of weights, 2,064 tokens deep, and of 1,000 prompt tokens
// behind 1,000, are those of the reference code (speed_local_ref.py of the project's references, decode_seconds and
// prefill_seconds), which knows nothing of this program.

#include "core/fields/scenario_json.h"
#include "core/speed/local_pace.h"
#include "core/speed/speed.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weighbridge {
namespace {

using namespace testing;

Question stream(const char* accelerator, std::int64_t prompt, std::int64_t cached, std::int64_t answer)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.engine = "llama.cpp";
    question.scenario.inference.llama_cpp.flash_attn = true;
    question.scenario.precision.weights = "gguf:Q8_0";
    question.scenario.precision.file_bytes = 8'000'000'000;
    question.scenario.workload.prompt_tokens = prompt;
    question.scenario.workload.prefix_cached_tokens = cached;
    question.scenario.workload.answer_tokens = answer;
    question.scenario.hardware.accelerator = accelerator;
    question.accelerator = *Catalogue().find(accelerator);
    return question;
}

Speed local_speed_of(const Question& question)
{
    return *estimate_of(question, Detail::full)->speed;
}

TEST(LocalSpeed, IsThatOfTheReferenceCode)
{
    struct Case
    {
        const char* accelerator;
        std::int64_t cards;
        double decode, prefill;
    };
    constexpr double close = 0.003; // it leaves out norms
    for (const Case& row : {Case{"rtx_3090", 1, 0.011662709271625465, 0.3202897012343006},
                            Case{"rtx_3090", 2, 0.011745709271625465, 0.24021727592572545},
                            Case{"strix_halo_128", 1, 0.038254440839923715, 1.6676215693718048},
                            Case{"m3_max_64", 1, 0.03209673765207316, 1.6079261168583319}}) {
        Question decode = stream(row.accelerator, 2000, 2000, 128);
        decode.scenario.hardware.pipeline_parallel = row.cards;
        EXPECT_NEAR(local_speed_of(decode).decode_step_seconds.value().value / row.decode, 1, close) << row.accelerator;
        Question prefill = stream(row.accelerator, 2000, 1000, 1);
        prefill.scenario.hardware.pipeline_parallel = row.cards;
        EXPECT_NEAR(1000 / local_speed_of(prefill).prefill_tokens_per_second.value().value / row.prefill, 1, close)
            << row.accelerator;
    }
}

TEST(LocalSpeed, ACpuIsBoundByItsThreads)
{
    Question question = stream("m3_max_64", 2000, 2000, 128);
    question.accelerator = plain_accelerator(64);
    question.accelerator.bandwidth_gbs = 80;
    question.accelerator.unified_memory = true;
    question.scenario.inference.pace.backend = "CPU";
    question.scenario.inference.llama_cpp.n_gpu_layers = 0;
    question.scenario.inference.pace.threads = 2;
    const Speed two = local_speed_of(question);
    EXPECT_NEAR(two.decode_step_seconds.value().value / 0.19473681020923336, 1, 0.003);
    EXPECT_FALSE(two.prefill_tokens_per_second);
    question.scenario.inference.pace.threads = 16;
    EXPECT_LT(local_speed_of(question).decode_step_seconds->value, two.decode_step_seconds->value);
}

TEST(LocalSpeed, TermsAddUpAndAWholeRequestIsTheirSum)
{
    const Speed speed = local_speed_of(stream("rtx_4090", 2000, 0, 500));
    EXPECT_NEAR(sum_of(speed.terms), speed.decode_step_seconds->value, 1e-12);
    EXPECT_NEAR(sum_of(speed.prefill_terms), speed.time_to_first_token_seconds->value, 1e-12);
    EXPECT_NEAR(speed.end_to_end_seconds->value,
                speed.time_to_first_token_seconds->value + 499 * speed.time_per_output_token_seconds->value, 1e-9);
    EXPECT_EQ(speed.constants.hardware_class, "nv_ada");
}

TEST(LocalSpeed, WeightsInHostMemoryAreSlowerAndAssumed)
{
    const Question whole = stream("rtx_3090", 1000, 1000, 100);
    Question some = whole;
    some.scenario.inference.llama_cpp.n_gpu_layers = 16;
    const Speed before = local_speed_of(whole);
    const Speed after = local_speed_of(some);
    EXPECT_GT(after.decode_step_seconds->value, before.decode_step_seconds->value);
    EXPECT_EQ(before.decode_step_seconds->basis, Basis::calibrated);
    EXPECT_EQ(after.decode_step_seconds->basis, Basis::assumed);
}

TEST(LocalSpeed, ClassesAreOfTheCatalogue)
{
    const auto class_of = [](const char* id) {
        const Accelerator accelerator = *Catalogue().find(id);
        return local_pace({&accelerator, "llama.cpp", "", "", "gguf:Q4_K_M"}).device_class;
    };
    EXPECT_EQ(class_of("p40"), "nv_pascal");
    EXPECT_EQ(class_of("rtx_2080_ti"), "nv_turing");
    EXPECT_EQ(class_of("a100_sxm_80"), "nv_a100");
    EXPECT_EQ(class_of("rtx_3060_12"), "nv_ampere");
    EXPECT_EQ(class_of("rtx_6000_ada"), "nv_ada");
    EXPECT_EQ(class_of("h100_pcie_80"), "nv_hopper");
    EXPECT_EQ(class_of("dgx_spark"), "nv_gb10");
    EXPECT_EQ(class_of("rtx_5090"), "nv_blackwell");
    EXPECT_EQ(class_of("rx_7900_xtx"), "amd_rdna3");
    EXPECT_EQ(class_of("radeon_r9700"), "amd_rdna4");
    EXPECT_EQ(class_of("strix_halo_128"), "amd_strix");
    EXPECT_EQ(class_of("arc_pro_b70"), "intel_arc");
    EXPECT_EQ(class_of("m5_max"), "apple_m5");
    EXPECT_EQ(class_of("m3_max_64"), "apple_max");
    EXPECT_EQ(class_of("m2_pro"), "apple_base");
}

} // namespace
} // namespace weighbridge
