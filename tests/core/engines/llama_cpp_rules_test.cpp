// llama.cpp's rules one by one, against figures worked by hand.

#include "core/engines/inference.h"
#include "core/engines/llamacpp/cache.h"
#include "core/engines/llamacpp/cells.h"
#include "core/engines/llamacpp/compute_buffer.h"
#include "core/engines/llamacpp/llamacpp.h"
#include "core/engines/llamacpp/model_buffers.h"
#include "core/engines/llamacpp/placement.h"
#include "core/sources/hf_config.h"
#include "tests/core/support/evaluate.h"
#include "tests/core/support/expect_terms.h"
#include "tests/core/support/networks.h"
#include "tests/core/support/scenario_text.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace weighbridge::testing {
namespace {

/// A run without options, of a network typed in.
LlamaCppRun llama_cpp_run(const Model& model)
{
    LlamaCppRun run;
    run.model = &model;
    run.widths = layer_widths(model.architecture);
    run.n_gpu_layers = model.architecture.layers() + 1;
    return run;
}

TEST(LlamaCppCells, AreWholeGroupsPerSequence)
{
    const ModelPointer model = make_model("qwen3", qwen3_8b());
    LlamaCppRun run = llama_cpp_run(*model);
    run.n_ctx = 1000;
    EXPECT_EQ(llama_cpp_cells(run).full, 1024);
    run.n_seq_max = 3;
    EXPECT_EQ(llama_cpp_cells(run).full, 512); // 1024 / 3 = 341
    EXPECT_EQ(llama_cpp_cells(run).n_ctx, 1536);
    run.kv_unified = true;
    EXPECT_EQ(llama_cpp_cells(run).all_full(), 1024);
}

TEST(LlamaCppCells, OfSlidingLayersHoldWindowAndUbatch)
{
    const ModelPointer model = make_model("gpt-oss", gpt_oss_20b());
    LlamaCppRun run = llama_cpp_run(*model);
    run.n_ctx = 32768;
    EXPECT_EQ(llama_cpp_cells(run).sliding, 768); // 128 + 512
    run.n_ubatch = 1024;
    EXPECT_EQ(llama_cpp_cells(run).sliding, 1280); // 128 + 1024
    run.kv_unified = true;
    run.n_seq_max = 4;
    EXPECT_EQ(llama_cpp_cells(run).sliding, 1536); // 4 x 128 + 1024
    run.swa_full = true;
    EXPECT_EQ(llama_cpp_cells(run).sliding, 32768);
    run.swa_full = false;
    run.build = llama_cpp_build("ik_llama.cpp (2025)");
    EXPECT_EQ(llama_cpp_cells(run).sliding, 32768);
}

TEST(LlamaCppPlacement, MovesTheOutputLayerFirst)
{
    const ModelPointer model = make_model("qwen3", qwen3_8b());
    LlamaCppRun run = llama_cpp_run(*model);
    run.n_gpu_layers = 1;
    LlamaCppPlacement placement = llama_cpp_placement(run);
    EXPECT_EQ(placement.gpus.front().layers(), 0);
    EXPECT_TRUE(placement.gpus.front().output);
    EXPECT_FALSE(placement.cpu.output);
    run.n_gpu_layers = 0;
    placement = llama_cpp_placement(run);
    EXPECT_EQ(placement.cpu.layers(), 36);
    EXPECT_TRUE(placement.cpu.output);
    run.build = llama_cpp_build("mainline (2025)");
    run.n_gpu_layers = 36;
    placement = llama_cpp_placement(run);
    EXPECT_EQ(placement.gpus.front().layers(), 36);
    EXPECT_TRUE(placement.cpu.output);
}

TEST(LlamaCppPlacement, SharesLayersAndOutputOverGpus)
{
    const ModelPointer model = make_model("qwen3", qwen3_8b());
    LlamaCppRun run = llama_cpp_run(*model);
    run.devices = 4; // 36 layers and the output are 37 slots: 10, 9, 9 and 9, the last one with the output
    const LlamaCppPlacement placement = llama_cpp_placement(run);
    ASSERT_EQ(placement.gpus.size(), 4u);
    EXPECT_EQ(placement.gpus[0].layers(), 10);
    EXPECT_EQ(placement.gpus[3].layers(), 8);
    EXPECT_TRUE(placement.gpus[3].output);
    EXPECT_FALSE(placement.gpus[0].output);
}

TEST(LlamaCppPlacement, SharesByFreeMemoryOrAsGiven)
{
    const ModelPointer model = make_model("qwen3", qwen3_8b());
    LlamaCppRun run = llama_cpp_run(*model);
    run.devices = 2;
    run.shares = {24, 12}; // slot i of 37 is on the second from i / 37 >= 2 / 3 on: 25 and 12
    LlamaCppPlacement placement = llama_cpp_placement(run);
    EXPECT_EQ(placement.gpus[0].layers(), 25);
    EXPECT_EQ(placement.gpus[1].layers(), 11);
    EXPECT_TRUE(placement.gpus[1].output);
    run.predicted = 1; // 38 slots, the last but one of them empty: 26 and 12
    run.n_gpu_layers = 38;
    placement = llama_cpp_placement(run);
    EXPECT_EQ(placement.gpus[0].layers(), 26);
    EXPECT_EQ(placement.gpus[1].layers(), 10);
    EXPECT_TRUE(placement.gpus[1].output);
    EXPECT_EQ(placement.device_of_layer.size(), 37u);
    EXPECT_EQ(placement.device_of_layer[25], 0);
    EXPECT_EQ(placement.device_of_layer[26], 1);
    EXPECT_EQ(placement.device_of_layer.back(), 1) << "the output, behind the prediction layer";
    run.predicted = 0;
    run.shares = {0, 1}; // shares left out are 0, too
    placement = llama_cpp_placement(run);
    EXPECT_EQ(placement.gpus[0].layers(), 0);
    EXPECT_EQ(placement.gpus[1].layers(), 36);
    run.shares = {1};
    EXPECT_EQ(llama_cpp_placement(run).gpus[0].layers(), 36);
}

TEST(LlamaCppModelBuffers, HoldATiedHeadTwice)
{
    Architecture architecture = qwen3_8b();
    architecture.tie_word_embeddings = true;
    const ModelPointer model = make_model("tied", architecture);
    LlamaCppRun run = llama_cpp_run(*model);
    const LlamaCppModelBuffers buffers = llama_cpp_model_buffers(run, llama_cpp_placement(run));
    constexpr double embedding = 151936.0 * 4096 * 2;
    EXPECT_EQ(buffers.cpu, embedding);
    double layers = 0;
    for (const Tensor& tensor : model->tensors)
        if (!tensor.layers_symbol.empty())
            layers += gguf_tensor_bytes(run, tensor) * static_cast<double>(tensor.layers);
    EXPECT_EQ(buffers.gpus.front(), layers + embedding + 4096 * 4);
    run.n_gpu_layers = 0; // all on the CPU: the fork has one tensor, used twice
    EXPECT_EQ(llama_cpp_model_buffers(run, llama_cpp_placement(run)).cpu, layers + 2 * embedding + 4096 * 4);
    run.build = llama_cpp_build("ik_llama.cpp (2025)");
    EXPECT_EQ(llama_cpp_model_buffers(run, llama_cpp_placement(run)).cpu, layers + embedding + 4096 * 4);
}

TEST(LlamaCppModelBuffers, LeaveExpertsOfTheFirstLayersOnTheCpu)
{
    const ModelPointer model = make_model("gpt-oss", gpt_oss_20b());
    LlamaCppRun run = llama_cpp_run(*model);
    const double all = llama_cpp_model_buffers(run, llama_cpp_placement(run)).gpus.front();
    run.n_cpu_moe = 6;
    const double rest = llama_cpp_model_buffers(run, llama_cpp_placement(run)).gpus.front();
    // 32 experts of three 2880 x 2880 matrices in 2 bytes and three biases in 4
    constexpr double layer = 32 * (3 * 2880.0 * 2880 * 2 + 3 * 2880 * 4);
    EXPECT_DOUBLE_EQ(all - rest, 6 * layer);
}

/// 4,096 x 151,936 in 16 bits is 1,187 MiB; logits and the last norm's output of 512 tokens are 304.75 MiB.
TEST(LlamaCppComputeBuffers, HoldTheHeadWhereAGpuWithoutLayersComputesPrompts)
{
    const ModelPointer model = make_model("qwen3", qwen3_8b());
    LlamaCppRun run = llama_cpp_run(*model);
    run.build = llama_cpp_build("ik_llama.cpp (2025)");
    run.n_gpu_layers = 0;
    const LlamaCppPlacement placement = llama_cpp_placement(run);
    const auto peak = [&] {
        return llama_cpp_compute_peak(run, llama_cpp_cells(run), placement.gpus.front(), placement.cpu);
    };
    EXPECT_EQ(peak().moment, ComputeMoment::streamed_head);
    EXPECT_EQ(peak().bytes, 4096.0 * 151936 * 2 + 512.0 * (4096 + 151936) * 4);
    run.n_ubatch = 16; // too few to be worth the copy
    EXPECT_EQ(peak().bytes, 0);
}

TEST(LlamaCppBuild, KeepsExpertsOutputsSinceTheirSumIsFused)
{
    EXPECT_FALSE(llama_cpp_build("b10505").fuses_expert_sums());
    EXPECT_TRUE(llama_cpp_build("b10818").fuses_expert_sums());
    EXPECT_TRUE(llama_cpp_build("").fuses_expert_sums());
}

TEST(LlamaCppBuild, IsReadFromTheVersionText)
{
    EXPECT_TRUE(llama_cpp_build("ik_llama.cpp (2024-2025)").ik);
    EXPECT_TRUE(llama_cpp_build("mainline (2025)").old);
    EXPECT_FALSE(llama_cpp_build("").old);
    EXPECT_FALSE(llama_cpp_build("b9993").ik);
}

// llama.cpp#23764, #23861 and #23907: 28 May to 4 June 2026; b9272 is of 21 May, b9496 of June.
TEST(LlamaCppBuild, RulesFollowNumbersAndDates)
{
    for (const char* before : {"b8586", "b9272", "2026-05", "2026-05-21", "2026-03"}) {
        const LlamaCppBuild build = llama_cpp_build(before);
        EXPECT_EQ(build.flash_mask_bytes(), 6) << before;
        EXPECT_TRUE(build.reserves_all_outputs()) << before;
        EXPECT_FALSE(build.copies_quantized_caches()) << before;
        EXPECT_TRUE(build.defaults_to_flash()) << before;
        EXPECT_FALSE(build.old) << before;
    }
    for (const char* after : {"b9496", "b9849", "2026-07", "2026-06-20", "2026", "", "2026-13"}) {
        const LlamaCppBuild build = llama_cpp_build(after);
        EXPECT_EQ(build.flash_mask_bytes(), 2) << after;
        EXPECT_FALSE(build.reserves_all_outputs()) << after;
        EXPECT_TRUE(build.copies_quantized_caches()) << after;
    }
    EXPECT_TRUE(llama_cpp_build("b6325").old) << "August 2025";
    EXPECT_EQ(llama_cpp_build("2026-05-30").flash_mask_bytes(), 2);
    EXPECT_TRUE(llama_cpp_build("2026-05-30").reserves_all_outputs());
}

ModelPointer falcon_7b()
{
    return *import_config_text(R"({"model_type":"falcon","hidden_size":4544,"num_hidden_layers":32,
        "num_attention_heads":71,"multi_query":true,"vocab_size":65024,"tie_word_embeddings":true})",
                               "falcon-7b");
}

LlamaCppRun run_of(const std::string& scenario)
{
    static std::vector<std::unique_ptr<Scenario>> kept;
    kept.push_back(std::make_unique<Scenario>(scenario_from(scenario)));
    static const Question about = question_about_preset("gemma-4-31B-it");
    const auto inputs = inference_inputs(*kept.back(), *about.model);
    return llama_cpp_run(*inputs);
}

// tools/server: -np is auto, which is four slots over one cache; another program has one sequence and all logits.
TEST(LlamaCppServer, HasFourSlotsOfItsOwn)
{
    const LlamaCppRun usual = run_of(R"({"inference": {"engine": "llama.cpp"}})");
    EXPECT_EQ(usual.n_seq_max, 4);
    EXPECT_TRUE(usual.kv_unified);
    EXPECT_FALSE(usual.n_outputs_max);
    const LlamaCppRun many = run_of(R"({"inference": {"engine": "llama.cpp", "concurrent_sequences": 6}})");
    EXPECT_EQ(many.n_seq_max, 6);
    EXPECT_TRUE(many.kv_unified);
    const LlamaCppRun said = run_of(R"({"inference": {"engine": "llama.cpp", "n_parallel": 1}})");
    EXPECT_EQ(said.n_seq_max, 1);
    EXPECT_FALSE(said.kv_unified);
    const LlamaCppRun library = run_of(R"({"inference": {"engine": "llama.cpp", "front_end": "library"}})");
    EXPECT_EQ(library.n_seq_max, 1);
    EXPECT_EQ(library.n_outputs_max, -1);
    EXPECT_EQ(run_of(R"({"inference": {"engine": "llama.cpp", "engine_version": "2025"}})").n_seq_max, 1);
    EXPECT_EQ(run_of(R"({"inference": {"engine": "ik_llama.cpp"}})").n_seq_max, 1);
}

// ggml-cuda.cu: the last row of falcon-7b's keys and of its values, 64 elements in q8_0, fills 512: 476 bytes more in
// each of 32 layers; the real llama.cpp printed 8.53 MiB for 8.50.
TEST(LlamaCppCache, RowsOfQuantizedTensorsArePadded)
{
    const ModelPointer model = falcon_7b();
    LlamaCppRun run = llama_cpp_run(*model);
    run.kv_k = run.kv_v = *find_format("q8_0", FormatUse::kv_cache);
    run.pads_rows = true;
    EXPECT_EQ(llama_cpp_row_padding<double>(run, model->cache.front(), 32), 32.0 * 2 * (512 - 64) * 8.5 / 8);
    run.kv_k = run.kv_v = *find_format("fp16", FormatUse::kv_cache);
    EXPECT_EQ(llama_cpp_row_padding<double>(run, model->cache.front(), 32), 0);
}

// The real llama.cpp for MiniMax-M3, two sequences of 4,096 tokens: 960 MiB of keys and values in 60 layers, and 228 of
// the indexer's in 57.
TEST(LlamaCppCache, AnIndexerBesideKeysOfHeadsHasValuesToo)
{
    const ModelPointer model = falcon_7b();
    const LlamaCppCells cells{.full = 4096, .sliding = 4096, .streams = 2, .n_ctx = 8192};
    LlamaCppRun run = llama_cpp_run(*model);
    run.kv_k = run.kv_v = *find_format("fp16", FormatUse::kv_cache);
    const CacheRun cache{.id = "full", .kv_heads = 4, .key_dim = 128, .value_dim = 128, .index_dim = 128};
    EXPECT_EQ(llama_cpp_cache_bytes<double>(run, cells, cache, 57), (960.0 * 57 / 60 + 228) * 1048576);
}

TEST(LlamaCppServer, RowsOfLogitsAreSaidInNumbersOrWords)
{
    EXPECT_EQ(run_of(R"({"inference": {"engine": "llama.cpp", "n_outputs_max": 1024}})").n_outputs_max, 1024);
    EXPECT_EQ(run_of(R"({"inference": {"engine": "llama.cpp", "n_outputs_max": "all"}})").n_outputs_max, -1);
    EXPECT_FALSE(run_of(R"({"inference": {"engine": "llama.cpp", "front_end": "library", "n_outputs_max": "server"}})")
                     .n_outputs_max);
}

Question llama_cpp_question()
{
    Question question = question_about(make_model("gpt-oss", gpt_oss_20b()));
    question.scenario.inference.engine = "llama.cpp";
    question.scenario.inference.sequence_length = 16384;
    return question;
}

TEST(LlamaCppTerms, NumbersEvaluateToTheBytes)
{
    for (const bool flash : {true, false}) {
        Question question = llama_cpp_question();
        question.scenario.inference.llama_cpp.flash_attn = flash;
        expect_numbers_to_evaluate(estimate_of(question)->terms);
    }
    Question latent = question_about_preset("DeepSeek-V3");
    latent.scenario.inference.engine = "llama.cpp";
    expect_numbers_to_evaluate(estimate_of(latent)->terms);
    latent.scenario.inference.engine_version = "ik_llama.cpp";
    latent.scenario.inference.llama_cpp.flash_attn = true;
    latent.scenario.inference.llama_cpp.mla = 3;
    expect_numbers_to_evaluate(estimate_of(latent)->terms);
}

TEST(LlamaCppTerms, FillWhatWasLeftOut)
{
    const auto estimate = estimate_of(llama_cpp_question());
    const LlamaCppOptions& options = estimate->scenario.inference.llama_cpp;
    EXPECT_EQ(options.n_ctx, 16384);
    EXPECT_EQ(options.n_ubatch, 512);
    EXPECT_EQ(options.n_gpu_layers, 25);
    EXPECT_EQ(options.flash_attn, true);
}

TEST(LlamaCppTerms, NoLongerContextThanTheOneTypedIn)
{
    Question question = llama_cpp_question();
    question.scenario.inference.llama_cpp.n_ctx = 16384;
    EXPECT_EQ(estimate_of(question, Detail::full)->capacity.max_sequence_length, 16384);
}

TEST(LlamaCppChecks, RefuseQuantizedValuesWithoutFlashAttention)
{
    Question question = llama_cpp_question();
    question.scenario.precision.kv_cache_v = "q8_0";
    question.scenario.inference.llama_cpp.flash_attn = false;
    const auto refused = estimate(question);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "precision.kv_cache.v");
    question.scenario.inference.llama_cpp.flash_attn = true;
    EXPECT_TRUE(estimate(question));
}

template<class Value>
Question asked_with(Value LlamaCppOptions::*option, const Value& value)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.engine = "llama.cpp";
    question.scenario.inference.llama_cpp.*option = value;
    return question;
}

TEST(LlamaCppOptions, RowsOfLogitsAreServerAllOrACount)
{
    for (const char* rows : {"abc", "0", "-5", "4x", "99999999999999999999", ""}) {
        const auto refused = estimate(asked_with(&LlamaCppOptions::n_outputs_max, std::optional<std::string>(rows)));
        ASSERT_FALSE(refused) << rows;
        EXPECT_EQ(refused.error().field, "inference.n_outputs_max");
        EXPECT_NE(refused.error().message.find(rows), std::string::npos) << refused.error().message;
    }
    for (const char* rows : {"server", "all", "1", "512"})
        EXPECT_TRUE(estimate(asked_with(&LlamaCppOptions::n_outputs_max, std::optional<std::string>(rows)))) << rows;
}

// A pattern that a careless matcher takes minutes for is given up after a bounded number of steps.
TEST(LlamaCppOptions, APatternThatRepeatsRepeatsIsAnswered)
{
    EXPECT_TRUE(
        estimate(asked_with(&LlamaCppOptions::override_tensor, std::vector<std::string>{"(.*)*(.*)*(.*)*q=CPU"})));
    const auto refused =
        estimate(asked_with(&LlamaCppOptions::override_tensor, std::vector<std::string>{"ffn_(up=CPU"}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "inference.override_tensor");
    EXPECT_NE(refused.error().message.find("ffn_(up=CPU"), std::string::npos);
}

} // namespace
} // namespace weighbridge::testing
