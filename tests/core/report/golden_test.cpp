#include "core/report/csv.h"
#include "core/report/estimate_json.h"
#include "core/report/markdown.h"
#include "core/report/text_table.h"
#include "tests/core/support/golden.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace weighbridge {
namespace {

/// What a report looks like, byte for byte, so that a change of any line is seen in review. The figures have tests of
/// their own; here it is the shape that counts. WEIGHBRIDGE_UPDATE_GOLDEN=1 writes the files anew.
struct Golden
{
    std::string name;
    std::string preset;
    std::string weights;
    std::string kv_cache;
    std::int64_t tensor_parallel;
    std::int64_t sequence_length;
    std::int64_t concurrent_sequences;
};

void PrintTo(const Golden& golden, std::ostream* out)
{
    *out << golden.name;
}

class GoldenReport : public ::testing::TestWithParam<Golden>
{
protected:
    EstimatePointer result() const
    {
        const Golden& golden = GetParam();
        Question question = testing::question_about_preset(golden.preset);
        question.scenario.model.text = golden.preset;
        question.scenario.precision.weights = golden.weights;
        question.scenario.precision.kv_cache_k = question.scenario.precision.kv_cache_v = golden.kv_cache;
        question.scenario.inference.sequence_length = golden.sequence_length;
        question.scenario.inference.concurrent_sequences = golden.concurrent_sequences;
        question.scenario.hardware.tensor_parallel = golden.tensor_parallel;
        question.accelerator = *Catalogue().find(question.scenario.hardware.accelerator);
        return testing::estimate_of(question, Detail::full);
    }

    static void compare(const std::string& text, const std::string& ending)
    {
        testing::expect_as_kept(text, GetParam().name + ending);
    }
};

TEST_P(GoldenReport, IsAsKept)
{
    const EstimatePointer estimate = result();
    compare(to_text(*estimate), ".txt");
    compare(to_csv(*estimate), ".csv");
    compare(to_markdown(*estimate), ".md");
    compare(to_json(*estimate).dump(2) + '\n', ".json");
}

INSTANTIATE_TEST_SUITE_P(Reports, GoldenReport,
                         ::testing::Values(Golden{"dense", "Llama-3.1-70B", "bf16", "bf16", 4, 32768, 12},
                                           Golden{"experts_and_latent", "DeepSeek-V3", "fp8", "bf16", 8, 8192, 1},
                                           Golden{"sliding_window", "gemma-3-12b-it", "bf16", "q8_0", 1, 131072, 4}),
                         [](const auto& instance) { return instance.param.name; });

} // namespace
} // namespace weighbridge
