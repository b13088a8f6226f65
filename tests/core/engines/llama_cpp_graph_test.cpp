// Compute buffers against those of the real llama.cpp v0.5.0 (ggml 0.25.1, 0ad4a86), which allocated them on faked GPUs
// with CUDA's buffer rules: tests/data/llama_cpp_buffers.jsonl.

#include "core/engines/llamacpp/llamacpp.h"
#include "core/engines/llamacpp/terms.h"
#include "core/memory/load.h"
#include "core/sources/hf_config.h"
#include "tests/core/sources/known_models.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weighbridge::testing {
namespace {

std::vector<nlohmann::json> recorded_buffers()
{
    std::ifstream file(WEIGHBRIDGE_TEST_DATA "/llama_cpp_buffers.jsonl");
    std::vector<nlohmann::json> rows;
    for (std::string line; std::getline(file, line);)
        rows.push_back(nlohmann::json::parse(line));
    return rows;
}

LlamaCppLayout laid_out(const nlohmann::json& row, const Model& model)
{
    InferenceChoice choice;
    LlamaCppOptions& options = choice.llama_cpp;
    options.n_ctx = row.at("n_ctx").get<std::int64_t>();
    options.n_batch = options.n_ubatch = row.at("n_ubatch").get<std::int64_t>();
    options.n_seq_max = row.at("n_seq_max").get<std::int64_t>();
    options.kv_unified = row.at("kv_unified").get<bool>();
    if (row.contains("flash_attn"))
        options.flash_attn = row.at("flash_attn").get<bool>();
    if (row.contains("n_gpu_layers"))
        options.n_gpu_layers = row.at("n_gpu_layers").get<std::int64_t>();
    if (row.contains("n_outputs_max"))
        options.n_outputs_max = row.at("n_outputs_max").get<std::string>();
    if (row.contains("swa_full"))
        options.swa_full = row.at("swa_full").get<bool>();
    options.kv_offload = row.value("kv_offload", true);
    options.n_cpu_moe = row.value("n_cpu_moe", std::int64_t{0});
    InferenceInputs inputs;
    inputs.model = &model;
    inputs.choice = &choice;
    inputs.weights = *find_format("fp16", FormatUse::weights);
    inputs.kv_k = inputs.kv_v = *find_format(row.at("kv_cache").get<std::string>(), FormatUse::kv_cache);
    inputs.pipeline_parallel = static_cast<std::int64_t>(row.at("compute_mib").size());
    LlamaCppRun run = llama_cpp_run(inputs);
    if (row.contains("free_gib"))
        run.shares = row.at("free_gib").get<std::vector<double>>();
    return llama_cpp_layout(run);
}

/// The row's own, or that of a known model.
nlohmann::json config_of(const nlohmann::json& row)
{
    if (row.contains("config"))
        return row.at("config");
    const auto known = known_model(row.at("network").get<std::string>());
    return known ? known->config : nlohmann::json();
}

TEST(LlamaCppGraph, BuffersEqualThoseOfTheEngine)
{
    constexpr double printed = 0.0051; // MiB
    int rows = 0;
    for (const nlohmann::json& row : recorded_buffers()) {
        const auto id = row.at("id").get<std::string>();
        const auto network = row.at("network").get<std::string>();
        const auto model = import_config(config_of(row), network);
        ASSERT_TRUE(model) << id;
        const LlamaCppLayout layout = laid_out(row, **model);
        ASSERT_TRUE(layout.graph) << id;
        const auto compute = row.at("compute_mib").get<std::vector<double>>();
        for (std::size_t gpu = 0; gpu < compute.size(); ++gpu)
            EXPECT_NEAR(static_cast<double>(layout.graph->buffers.at(gpu)) / 1048576, compute[gpu],
                        std::max(printed, compute[gpu] / 1000))
                << id << " " << network << ", GPU " << gpu;
        EXPECT_NEAR(static_cast<double>(layout.graph->host()) / 1048576, row.at("host_mib").get<double>(), 0.011)
            << id << " " << network;
        ++rows;
    }
    EXPECT_GE(rows, 40);
}

} // namespace
} // namespace weighbridge::testing
