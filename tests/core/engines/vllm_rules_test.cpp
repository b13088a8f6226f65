// Rules of vLLM worked by hand or read in its sources, apart from any run.

#include "core/engines/inference.h"
#include "core/engines/version.h"
#include "core/engines/vllm/device_overhead.h"
#include "core/engines/vllm/kv_pool.h"
#include "core/memory/cuda_allocator.h"
#include "core/memory/stages.h"
#include "tests/core/support/evaluate.h"
#include "tests/core/support/prints.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

constexpr double mib = 1024.0 * 1024.0;

TEST(CudaAllocator, RoundsAsTheSourceSays)
{
    EXPECT_EQ(allocated_bytes(0), 0);
    EXPECT_EQ(allocated_bytes(1), 512);
    EXPECT_EQ(allocated_bytes(5 * mib), 5 * mib);
    EXPECT_EQ(allocated_bytes(259 * mib), 260 * mib); // 1 MiB is not cut off
    EXPECT_EQ(allocated_bytes(175.5 * mib), 176 * mib);
    EXPECT_EQ(allocated_bytes(174.5 * mib), 174.5 * mib); // 1.5 MiB is
    EXPECT_EQ(allocated_bytes(350 * mib), 350 * mib);
}

TEST(EngineVersions, AreReadFromTheirFirstTwoNumbers)
{
    const EngineVersion newest{1, 0};
    EXPECT_EQ(read_version("0.19.0", newest), (EngineVersion{0, 19}));
    EXPECT_EQ(read_version("v0.10.x", newest), (EngineVersion{0, 10}));
    EXPECT_EQ(read_version("0.26.1rc1.dev608", newest), (EngineVersion{0, 26}));
    EXPECT_EQ(read_version("0.6.5 (12-25-2024, ROCm)", newest), (EngineVersion{0, 6}));
    for (const char* text : {"", "main", "0", "0.", ".5", "99999999999.1", "-"})
        EXPECT_EQ(read_version(text, newest), newest) << text;
}

// vLLM's distributed/utils.py: what is left over goes to the stages before the last.
TEST(PipelineStages, SplitLayersAsVllmDoes)
{
    EXPECT_EQ(layers_of_stages(32, 4), (std::vector<std::int64_t>{8, 8, 8, 8}));
    EXPECT_EQ(layers_of_stages(61, 4), (std::vector<std::int64_t>{15, 15, 16, 15}));
    EXPECT_EQ(layers_of_stages(30, 4), (std::vector<std::int64_t>{7, 8, 8, 7}));
    EXPECT_EQ(layers_of_stages(5, 5), (std::vector<std::int64_t>{1, 1, 1, 1, 1}));
}

TEST(PipelineStages, TogetherAreTheWholeNetwork)
{
    for (const char* preset : {"Llama-3.1-8B", "gemma-3-4b-it", "DeepSeek-V3", "gpt-oss-120b"}) {
        const ModelPointer model = *preset_model(preset);
        const auto stages = pipeline_stages(*model, 4, TowerStages::first);
        std::int64_t elements = 0;
        std::int64_t layers = 0;
        for (const PipelineStage& stage : *stages) {
            layers += stage.model->architecture.layers();
            for (const Tensor& tensor : stage.model->tensors)
                elements += tensor.elements();
        }
        const Architecture& whole = model->architecture;
        const std::int64_t head_copy = whole.tie_word_embeddings ? whole.vocab_size * whole.hidden_size : 0;
        EXPECT_EQ(layers, whole.layers()) << preset;
        EXPECT_EQ(elements, model->parameters.total + head_copy) << preset;
        EXPECT_TRUE(stages->front().first && stages->back().last);
    }
}

Question on_vllm(std::string_view preset, const std::string& version)
{
    Question question = question_about_preset(preset);
    question.scenario.inference.engine = "vllm";
    question.scenario.inference.engine_version = version;
    question.scenario.inference.vllm.max_num_batched_tokens = 2048;
    question.scenario.inference.vllm.max_num_seqs = 256;
    return question;
}

vllm::KvPool pool_of(const Question& question)
{
    const auto inputs = inference_inputs(question.scenario, *question.model, &question.accelerator);
    return vllm::kv_pool(*inputs, vllm::settings_of(*inputs));
}

// gemma-3-12b-it: 8 full and 40 sliding layers: groups of 8, one and five of them, no padding. A sliding group keeps
// ceil(min(1023 + 2048, n) / 16) + 1 blocks.
TEST(VllmKvPool, GroupsOfAHybrid)
{
    const vllm::KvPool pool = pool_of(on_vllm("gemma-3-12b-it", "0.19.0"));
    EXPECT_EQ(pool.group_size, 8);
    EXPECT_EQ(pool.groups, 6);
    EXPECT_EQ(pool.padding_layers, 0);
    EXPECT_EQ(pool.block_bytes, 8.0 * 16 * 2 * 8 * 256 * 2);
    EXPECT_EQ(vllm::blocks_per_request(pool, 131072), 8192 + 5 * (192 + 1));
    EXPECT_EQ(vllm::blocks_per_request(pool, 160), 10 + 5 * 11);
}

// gemma-3-4b-it: 5 full and 29 sliding: six sliding groups, one layer of padding (the log says so: 1 padding layer).
TEST(VllmKvPool, PadsTheLastGroup)
{
    const vllm::KvPool pool = pool_of(on_vllm("gemma-3-4b-it", "0.19.0"));
    EXPECT_EQ(pool.group_size, 5);
    EXPECT_EQ(pool.groups, 7);
    EXPECT_EQ(pool.padding_layers, 1);
}

// MLA is whole on every rank; K and V heads are divided down to one.
TEST(VllmKvPool, TensorParallelism)
{
    Question question = on_vllm("DeepSeek-V3", "0.19.0");
    question.scenario.hardware.tensor_parallel = 8;
    EXPECT_EQ(pool_of(question).block_bytes, 61.0 * 576 * 2 * 16);
    question = on_vllm("Qwen3-235B-A22B", "0.19.0");
    question.scenario.hardware.tensor_parallel = 8;
    EXPECT_EQ(pool_of(question).block_bytes, 94.0 * 2 * 128 * 2 * 16);
}

TEST(VllmKvPool, DecodeContextParallelismSpreadsARequest)
{
    Question question = on_vllm("DeepSeek-V3", "0.19.0");
    question.scenario.hardware.tensor_parallel = 8;
    question.accelerator = plain_accelerator(256); // that it is printed at all
    question.scenario.inference.vllm.kv_cache_memory_bytes = 40'000'000'000;
    const double alone = print_of(*estimate_of(question), "gpu_kv_cache_size_tokens");
    question.scenario.inference.vllm.decode_context_parallel_size = 8;
    EXPECT_EQ(print_of(*estimate_of(question), "gpu_kv_cache_size_tokens"), 8 * alone);
    question.scenario.inference.vllm.decode_context_parallel_size = 3;
    EXPECT_FALSE(estimate(question));
}

// config/vllm.py: 1, 2, 4, then every 8th, from 256 on every 16th: 51 sizes up to 512, 35 up to 256, 5 up to 16.
TEST(VllmGraphs, CapturedSizes)
{
    vllm::Settings settings;
    settings.largest_graph = 512;
    EXPECT_EQ(vllm::captured_sizes(settings), 51);
    settings.largest_graph = 256;
    EXPECT_EQ(vllm::captured_sizes(settings), 35);
    settings.largest_graph = 16;
    EXPECT_EQ(vllm::captured_sizes(settings), 5);
    // Whole steps of 1, 2, 4, 8, 16, 24 ... requests, five tokens each: what 0.33 itself captures with four drafted.
    settings.largest_graph = 512;
    settings.speculative_tokens = 4;
    settings.version = {0, 33};
    EXPECT_EQ(vllm::captured_sizes(settings), 57);
    settings.batch_sizes = {1, 2, 4};
    EXPECT_EQ(vllm::captured_sizes(settings), 3);
    settings.enforce_eager = true;
    EXPECT_EQ(vllm::captured_sizes(settings), 0);
}

// A budget beside which nothing else stands: Llama-3.1-8B has 131,072 bytes per token.
TEST(VllmPrints, UniformModelsTokensAreBlocksTimesSixteen)
{
    Question question = on_vllm("Llama-3.1-8B", "0.19.0");
    question.scenario.inference.vllm.kv_cache_memory_bytes = 1000LL * 16 * 131072 + 5;
    question.scenario.inference.vllm.max_model_len = 1600;
    const auto result = estimate_of(question);
    EXPECT_EQ(print_of(*result, "num_gpu_blocks"), 1000);
    EXPECT_EQ(print_of(*result, "gpu_kv_cache_size_tokens"), 16000);
    EXPECT_EQ(print_of(*result, "max_concurrency"), 10);
}

TEST(VllmPrints, GraphsLeaveTheBudgetFrom021On)
{
    Question question = on_vllm("Llama-3.1-8B", "0.20.0");
    question.scenario.inference.vllm.gpu_memory_utilization = 0.9;
    const auto before = estimate_of(question);
    question.scenario.inference.engine_version = "0.21.0";
    const auto after = estimate_of(question);
    EXPECT_NEAR(print_of(*before, "available_kv_cache_gib") - print_of(*after, "available_kv_cache_gib"),
                print_of(*after, "cuda_graphs_gib"), 1e-9);
}

TEST(VllmTerms, NumbersLinesEvaluateToTheTerms)
{
    for (const char* preset : {"Llama-3.1-8B", "DeepSeek-V3", "gemma-3-4b-it", "gpt-oss-120b"}) {
        Question question = on_vllm(preset, "0.19.0");
        question.scenario.hardware.tensor_parallel = preset == std::string("DeepSeek-V3") ? 8 : 1;
        question.scenario.inference.sequence_length = 5000;
        question.scenario.inference.concurrent_sequences = 3;
        const auto check = [&](const auto& self, const Term& term) -> void {
            EXPECT_NEAR(evaluate(term.formula.numbers).value_or(-1), static_cast<double>(term.bytes.count), 1)
                << preset << " " << term.id << ": " << term.formula.numbers;
            EXPECT_LE(term.low, term.bytes) << term.id;
            EXPECT_GE(term.high, term.bytes) << term.id;
            for (const Term& child : term.children)
                self(self, child);
        };
        const auto result = estimate_of(question);
        for (const Term& term : result->terms)
            check(check, term);
    }
}

TEST(VllmTerms, SearchesAndTermsAgree)
{
    for (const auto& [ranks, stages] : {std::pair{1, 1}, {4, 1}, {2, 2}, {1, 4}}) {
        Question question = on_vllm("Llama-3.1-8B", "");
        question.scenario.hardware.tensor_parallel = ranks;
        question.scenario.hardware.pipeline_parallel = stages;
        const auto inputs = inference_inputs(question.scenario, *question.model, &question.accelerator);
        EXPECT_NEAR(inference_bytes(*inputs), static_cast<double>(estimate_of(question)->total.count), 4);
        EXPECT_EQ(estimate_of(question, Detail::figures)->total, estimate_of(question)->total);
        EXPECT_EQ(estimate_of(question, Detail::figures)->low, estimate_of(question)->low);
    }
}

TEST(VllmScenario, FillsInItsDefaults)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.engine = "vllm";
    question.accelerator = *Catalogue().find("h100_sxm_80");
    const VllmOptions used = estimate_of(question)->scenario.inference.vllm;
    EXPECT_EQ(used.max_num_seqs, 1024);
    EXPECT_EQ(used.max_num_batched_tokens, 8192);
    EXPECT_EQ(used.max_model_len, 131072);
    EXPECT_EQ(used.gpu_memory_utilization, 0.92);
    question.accelerator = *Catalogue().find("rtx_4090");
    question.scenario.inference.engine_version = "0.19.0";
    const auto small = estimate_of(question);
    EXPECT_EQ(small->scenario.inference.vllm.max_num_batched_tokens, 2048);
    EXPECT_EQ(small->scenario.inference.vllm.gpu_memory_utilization, 0.9);
}

TEST(VllmExperts, AreSharedOutOverAllReplicas)
{
    Question question = on_vllm("Qwen3-235B-A22B", "0.19.0");
    question.scenario.hardware.tensor_parallel = 2;
    const auto alone = bytes_of(*estimate_of(question), "weights.experts");
    question.scenario.hardware.data_parallel = 4;
    question.scenario.inference.vllm.enable_expert_parallel = true;
    EXPECT_EQ(bytes_of(*estimate_of(question), "weights.experts") * 4, alone);
}

} // namespace
} // namespace weighbridge::testing
