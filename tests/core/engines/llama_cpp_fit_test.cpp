// Where llama.cpp puts layers by itself (--fit).

#include "core/engines/llamacpp/fit.h"
#include "core/engines/llamacpp/terms.h"
#include "tests/core/support/networks.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

#include <numeric>

namespace weighbridge::testing {
namespace {

LlamaCppRun fitting_run(const ModelPointer& model, std::int64_t devices)
{
    LlamaCppRun run;
    run.model = model.get();
    run.widths = layer_widths(model->architecture);
    run.n_gpu_layers = model->architecture.layers() + 1;
    run.weights = *find_format("fp16", FormatUse::weights);
    run.kv_k = run.kv_v = *find_format("fp16", FormatUse::kv_cache);
    run.devices = devices;
    return run;
}

std::vector<double> fitted_bytes(const LlamaCppRun& run, const LayerPlacement& placement)
{
    std::vector<double> bytes;
    for (const DeviceBytes& device : llama_cpp_layout(llama_cpp_placed(run, placement)).gpus)
        bytes.push_back(device.total());
    return bytes;
}

std::int64_t layers_in_all(const std::vector<std::int64_t>& layers)
{
    return std::accumulate(layers.begin(), layers.end(), std::int64_t{0});
}

TEST(LlamaCppFit, ChangesNothingWhereAllFits)
{
    const auto model = preset_model("Qwen3-8B");
    const LlamaCppRun run = fitting_run(*model, 1);
    EXPECT_EQ(llama_cpp_fit(run, {24e9}), LayerPlacement{});
}

/// So many that one more would not fit.
TEST(LlamaCppFit, TakesAsManyLayersAsThereIsRoomFor)
{
    const auto model = preset_model("Qwen3-8B");
    const LlamaCppRun run = fitting_run(*model, 1);
    for (const double target : {4e9, 8e9, 12e9}) {
        const LayerPlacement placement = llama_cpp_fit(run, {target});
        ASSERT_EQ(placement.layers.size(), 1U);
        EXPECT_LE(fitted_bytes(run, placement)[0], target);
        LayerPlacement more = placement;
        ++more.layers[0];
        EXPECT_GT(fitted_bytes(run, more)[0], target);
    }
}

/// The last device has the last layers and the output, whatever is left goes to the front.
TEST(LlamaCppFit, FillsDevicesFromTheBack)
{
    const auto model = preset_model("Qwen3-8B");
    const LlamaCppRun run = fitting_run(*model, 2);
    const std::vector<double> targets = {4e9, 6e9};
    const LayerPlacement placement = llama_cpp_fit(run, targets);
    ASSERT_EQ(placement.layers.size(), 2U);
    EXPECT_LT(layers_in_all(placement.layers), 37);
    EXPECT_GT(placement.layers[1], placement.layers[0]);
    const std::vector<double> bytes = fitted_bytes(run, placement);
    EXPECT_LE(bytes[0], targets[0]);
    EXPECT_LE(bytes[1], targets[1]);
}

/// All layers lie on the device, the experts of the last of them on the host.
TEST(LlamaCppFit, LeavesExpertsOfTheLastLayersToTheHost)
{
    const auto model = preset_model("Qwen3-30B-A3B");
    const LlamaCppRun run = fitting_run(*model, 1);
    const LayerPlacement placement = llama_cpp_fit(run, {30e9});
    ASSERT_EQ(placement.layers.size(), 1U);
    EXPECT_EQ(placement.layers[0], 49);
    EXPECT_GT(placement.split[0], 0);
    EXPECT_LT(placement.split[0], 48);
    EXPECT_LE(fitted_bytes(run, placement)[0], 30e9);
    LayerPlacement more = placement;
    --more.split[0];
    EXPECT_GT(fitted_bytes(run, more)[0], 30e9);
}

} // namespace
} // namespace weighbridge::testing
