// Where layers and experts go: no placement that fits leaves fewer bytes of weights on the host than the one found.

#include "core/answers/solve.h"
#include "core/fields/fields.h"
#include "tests/core/support/scenario_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weighbridge::testing {
namespace {

/// Bytes of weights on the host where the verdict is that it fits.
std::optional<std::int64_t> host_weights(const Question& question)
{
    const auto found = estimate(question, Detail::verdict);
    if (!found || !does_fit((*found)->decisive_fit().verdict))
        return std::nullopt;
    if (!(*found)->host)
        return 0;
    const std::vector<Term>& terms = (*found)->host->terms;
    const auto weights = std::find_if(terms.begin(), terms.end(), [](const Term& t) { return t.id == "weights"; });
    return weights == terms.end() ? 0 : weights->bytes.count;
}

/// Over all numbers of layers, of layers whose experts stay, and of layers of the first of two devices.
std::optional<std::int64_t> least_by_force(const Question& question, int slots, int experts, bool two_devices)
{
    std::optional<std::int64_t> least;
    for (int layers = 0; layers <= slots; ++layers)
        for (int kept = 0; kept <= experts; ++kept)
            for (int first = 0; first <= (two_devices ? layers : 0); ++first) {
                Question tried = question;
                EXPECT_FALSE(set_field(tried.scenario, "inference.n_gpu_layers", std::to_string(layers)));
                EXPECT_FALSE(set_field(tried.scenario, "inference.n_cpu_moe", std::to_string(kept)));
                if (two_devices) {
                    EXPECT_FALSE(set_field(tried.scenario, "inference.tensor_split",
                                           std::to_string(first) + "," + std::to_string(layers - first)));
                }
                if (const auto host = host_weights(tried); host && (!least || *host < *least))
                    least = host;
            }
    return least;
}

struct Placing
{
    std::string_view preset;
    std::string_view scenario;
    int slots;
    int experts;
    bool two_devices;
};

class Placement : public ::testing::TestWithParam<Placing>
{
};

TEST_P(Placement, LeavesAsLittleOnTheHostAsWillDo)
{
    const Placing& asked = GetParam();
    const Question question = question_with(asked.preset, asked.scenario);
    const auto solved = solve(question, {"inference.placement"});
    ASSERT_TRUE(solved) << solved.error().message;
    const Solution& solution = (*solved)->front();
    ASSERT_TRUE(solution.scenario) << solution.why;
    Question found = question;
    found.scenario = *solution.scenario;
    const auto least = least_by_force(question, asked.slots, asked.experts, asked.two_devices);
    ASSERT_TRUE(least);
    EXPECT_GT(*least, 0) << "nothing has to lie on the host: the case proves little";
    EXPECT_EQ(host_weights(found), least);
}

INSTANTIATE_TEST_SUITE_P(
    Of, Placement,
    ::testing::Values(Placing{"OLMoE-1B-7B-0125", R"({"inference": {"engine": "llama.cpp", "sequence_length": 4096},
                "hardware": {"accelerator": "rtx_3080_10"}, "precision": {"weights": "gguf:BF16"}})",
                              17, 16, false},
                      Placing{"Llama-3.1-8B", R"({"inference": {"engine": "llama.cpp", "sequence_length": 8192},
                "hardware": {"accelerator": "rtx_3080_10"}, "precision": {"weights": "gguf:BF16"}})",
                              33, 0, false},
                      Placing{"Llama-3.2-1B", R"({"inference": {"engine": "llama.cpp", "sequence_length": 131072,
                "concurrent_sequences": 6}, "hardware": {"devices": [{"accelerator": "rtx_3080_10", "count": 1},
                {"accelerator": "rtx_3060_12", "count": 1}]}, "precision": {"weights": "gguf:BF16"}})",
                              17, 0, true}));

} // namespace
} // namespace weighbridge::testing
