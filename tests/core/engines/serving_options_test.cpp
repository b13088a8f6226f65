// Options of vLLM and SGLang that people type: what each makes of the memory, worked by hand from the engines' sources.

#include "core/engines/inference.h"
#include "core/engines/vllm/device_overhead.h"
#include "core/engines/vllm/kv_pool.h"
#include "core/engines/vllm/profile_run.h"
#include "core/fields/fields.h"
#include "core/hardware/accelerator.h"
#include "tests/core/support/prints.h"
#include "tests/core/support/scenarios.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace weighbridge::testing {
namespace {

using ::testing::HasSubstr;

using Chosen = std::vector<std::pair<std::string, std::string>>;

Question served_with(std::string_view engine, std::string_view preset, const Chosen& options,
                     std::string_view card = "h100_sxm_80")
{
    Question question = question_about_preset(preset);
    question.scenario.inference.engine = engine;
    question.accelerator = *Catalogue().find(card);
    for (const auto& [key, value] : options) {
        const Outcome problem = set_field(question.scenario, key, value);
        EXPECT_FALSE(problem) << (problem ? problem->message : "");
    }
    return question;
}

double loaded_bytes_of(const Question& question)
{
    return print_of(*estimate_of(question), "model_loading_gib") * 1024 * bytes_per_mib;
}

double host_bytes(const Question& question, std::string_view id)
{
    const auto result = estimate_of(question, Detail::full);
    if (!result->host)
        return 0;
    const Term* term = find_term(result->host->terms, id);
    return term == nullptr ? 0 : static_cast<double>(term->bytes.count);
}

// ---- vLLM

// 43 whole layers of Llama-3-70B (160 + 128 + 896 + 448 MiB and two norms of 16 KiB) are 70,177.34 MiB; of the 44th the
// matrices are moved until 70 GiB are reached, which its last one does. 61.29 GiB are left of 131.42, as logged.
TEST(VllmOptions, CpuOffloadMovesParametersUntilTheLimitIsReached)
{
    const Chosen version = {{"inference.engine_version", "0.5.2"}};
    const Question whole = served_with("vllm", "Meta-Llama-3-70B", version, "h200_sxm_141");
    Question offloaded = whole;
    ASSERT_FALSE(set_field(offloaded.scenario, "inference.cpu_offload_gb", "70"));
    const double moved = (44 * 1632 + 43 * 2.0 / 64) * bytes_per_mib;
    EXPECT_NEAR(loaded_bytes_of(whole) - loaded_bytes_of(offloaded), moved, 1);
    EXPECT_NEAR(loaded_bytes_of(offloaded) / (1024 * bytes_per_mib), 61.29, 0.01);
    EXPECT_NEAR(host_bytes(offloaded, "weights"), moved, 1);
    EXPECT_NEAR(host_bytes(offloaded, "kv_cache"), 4 * 1024 * bytes_per_mib, 1) << "swap space of V0";
}

// Of 32 layers of Llama-3.1-8B the last of each four lies in the host's memory, with one buffer for those that are
// fetched: 8 and 1 of 416 MiB and two norms of 8 KiB each.
TEST(VllmOptions, OffloadedGroupsHaveBuffers)
{
    const Question whole = served_with("vllm", "Llama-3.1-8B", {});
    Question offloaded = whole;
    ASSERT_FALSE(set_field(offloaded.scenario, "inference.offload_group_size", "4"));
    EXPECT_NEAR(loaded_bytes_of(whole) - loaded_bytes_of(offloaded), 7 * (416 + 2.0 / 128) * bytes_per_mib, 1);
}

TEST(VllmOptions, TowersThatNobodyMayReachAreNotLoaded)
{
    const Question with = served_with("vllm", "Qwen3-VL-32B-Instruct", {}, "h200_sxm_141");
    const auto vision = static_cast<double>(bytes_of(*estimate_of(with, Detail::full), "weights.vision"));
    ASSERT_GT(vision, 0);
    const Question text =
        served_with("vllm", "Qwen3-VL-32B-Instruct", {{"inference.language_model_only", "true"}}, "h200_sxm_141");
    EXPECT_NEAR(loaded_bytes_of(with) - loaded_bytes_of(text), vision, 4 * bytes_per_mib);
    const Question limited =
        served_with("vllm", "Qwen3-VL-32B-Instruct", {{"inference.limit_mm_per_prompt", R"({"image": 0, "video": 0})"}},
                    "h200_sxm_141");
    EXPECT_EQ(loaded_bytes_of(limited), loaded_bytes_of(text));
    const Question images =
        served_with("vllm", "Qwen3-VL-32B-Instruct", {{"inference.limit_mm_per_prompt.image", "0"}}, "h200_sxm_141");
    EXPECT_EQ(loaded_bytes_of(images), loaded_bytes_of(with)) << "videos may still come";
}

// 4.5 of 16 bits.
TEST(VllmOptions, BitsandbytesTakesTowersToo)
{
    const auto vision = [](const std::string& weights) {
        return static_cast<double>(bytes_of(
            *estimate_of(served_with("vllm", "Qwen3-VL-32B-Instruct", {{"precision.weights", weights}}), Detail::full),
            "weights.vision"));
    };
    EXPECT_NEAR(vision("bnb_nf4"), vision("bf16") * 4.5 / 16, 1);
}

TEST(VllmOptions, ADataParallelTowerIsWholeOnEveryRank)
{
    const auto vision = [](const Chosen& options) {
        return bytes_of(*estimate_of(served_with("vllm", "Qwen3-VL-32B-Instruct", options), Detail::full),
                        "weights.vision");
    };
    EXPECT_NEAR(
        static_cast<double>(vision({{"hardware.tensor_parallel", "4"}, {"inference.mm_encoder_tp_mode", "data"}})),
        4.0 * static_cast<double>(vision({{"hardware.tensor_parallel", "4"}})), 8);
}

// Qwen3.6-27B: convolutions of 10,240 channels and three tokens in 16 bits, 48 heads of 128 x 128 in fp32 or 16 bits;
// attention has 4,096 bytes a token, so that blocks are 16 x 49 and 16 x 25 tokens.
TEST(VllmOptions, StatesHaveTheTypeThatWasAskedFor)
{
    const auto block = [](const Chosen& options) {
        const Question question = served_with("vllm", "Qwen3.6-27B", options);
        const auto inputs = inference_inputs(question.scenario, *question.model, &question.accelerator);
        return vllm::kv_pool(*inputs, vllm::settings_of(*inputs)).block_size;
    };
    EXPECT_EQ(block({{"inference.engine_version", "0.27"}}), 784);
    EXPECT_EQ(block({{"inference.engine_version", "0.27"}, {"inference.mamba_ssm_cache_dtype", "float16"}}), 400);
}

// 10 GiB hold 5,120 blocks of 16 tokens, of which one is the null block.
TEST(VllmOptions, AutomaticLengthIsWhatTheCacheHolds)
{
    const Question question = served_with("vllm", "Llama-3.1-8B",
                                          {{"inference.max_model_len", "auto"},
                                           {"inference.engine_version", "0.33"},
                                           {"inference.kv_cache_memory_bytes", "10 GiB"}});
    const auto result = estimate_of(question, Detail::full);
    EXPECT_NE(result->fit.verdict, Verdict::exceeds);
    EXPECT_EQ(result->scenario.inference.vllm.max_model_len, 81'904);
    EXPECT_EQ(field_text(question.scenario, *field_named("inference.max_model_len")), "auto");
}

// The profile run samples max_num_seqs rows, drafted tokens or not.
TEST(VllmOptions, DraftedTokensAreNoRowsOfTheSampler)
{
    const auto peak = [](const Chosen& options) {
        return print_of(*estimate_of(served_with("vllm", "Llama-3.1-8B", options)), "activation_peak_gib");
    };
    EXPECT_EQ(peak({{"inference.num_speculative_tokens", "3"}}), peak({}));
}

// One decoder layer of Llama-3.1-8B (416 MiB and norms), EAGLE's matrix of 2 x 4,096 columns; 33 layers of cache.
TEST(VllmOptions, AnEagleThatNobodyNamedIsOneLayer)
{
    const Question plain = served_with("vllm", "Llama-3.1-8B", {{"inference.engine_version", "0.9.1"}});
    const Question eagle =
        served_with("vllm", "Llama-3.1-8B",
                    {{"inference.engine_version", "0.9.1"},
                     {"inference.speculative_config", R"({"method": "eagle", "num_speculative_tokens": 3})"}});
    EXPECT_NEAR(loaded_bytes_of(eagle) - loaded_bytes_of(plain), (416 + 2.0 / 128 + 64) * bytes_per_mib, 1);
    const auto inputs = inference_inputs(eagle.scenario, *eagle.model, &eagle.accelerator);
    EXPECT_EQ(vllm::kv_pool(*inputs, vllm::settings_of(*inputs)).block_bytes, 33.0 * 4096 * 16);
    const auto issues = validate(eagle);
    EXPECT_TRUE(std::any_of(issues.begin(), issues.end(), [](const Issue& issue) {
        return issue.field == "inference.speculative_config.model" && issue.severity == Severity::warning;
    }));
}

TEST(VllmOptions, DraftsThatContradictTheNetworkAreRefused)
{
    for (const Chosen& options :
         {Chosen{{"inference.speculative_config.method", "mtp"}},
          Chosen{{"inference.speculative_config.method", "draft_model"}},
          Chosen{{"inference.speculative_config.method", "banana"}},
          Chosen{{"inference.num_speculative_tokens", "2"},
                 {"inference.speculative_config", R"({"method": "ngram", "num_speculative_tokens": 3})"}}})
        EXPECT_FALSE(estimate(served_with("vllm", "Llama-3.1-8B", options), Detail::memory));
    for (const char* method : {"mtp", "qwen3_5_mtp"})
        EXPECT_TRUE(estimate(served_with("vllm", "Qwen3.6-27B", {{"inference.speculative_config.method", method}}),
                             Detail::memory));
}

// A draft's preset is a network like any other: Qwen3-0.6B has 28 layers of 2 x 8 x 128 in the pool.
TEST(VllmOptions, ADraftJoinsThePool)
{
    const Question question = served_with("vllm", "Qwen3-8B",
                                          {{"inference.speculative_config.model", "Qwen/Qwen3-0.6B"},
                                           {"inference.speculative_config.num_speculative_tokens", "4"}});
    const auto inputs = inference_inputs(question.scenario, *question.model, &question.accelerator);
    ASSERT_TRUE(inputs->draft);
    EXPECT_EQ(vllm::kv_pool(*inputs, vllm::settings_of(*inputs)).block_bytes, (36.0 + 28) * 4096 * 16);
}

// 16 layers on each of two stages, 65,536 bytes a token there; 0.14 and 0.15 ask each for all 32.
TEST(VllmOptions, Version014AsksAStageForAllLayers)
{
    const auto longest = [](const std::string& version) {
        return estimate_of(served_with("vllm", "Llama-3.1-8B",
                                       {{"inference.engine_version", version},
                                        {"hardware.pipeline_parallel", "2"},
                                        {"inference.kv_cache_memory_bytes", "1 GiB"}}),
                           Detail::full);
    };
    EXPECT_EQ(longest("0.13")->capacity.max_sequence_length, 16'384);
    EXPECT_EQ(longest("0.14.1")->capacity.max_sequence_length, 8'192);
    EXPECT_EQ(longest("0.14.1")->fit.verdict, Verdict::would_not_start);
    EXPECT_EQ(longest("0.16")->capacity.max_sequence_length, 16'384);
}

TEST(VllmOptions, RanksWithoutSwitchesHaveSmallerBuffers)
{
    const auto beside = [](std::string_view card, const Chosen& more) {
        Chosen options = {{"hardware.tensor_parallel", "2"}, {"inference.engine_version", "0.27"}};
        options.insert(options.end(), more.begin(), more.end());
        return print_of(*estimate_of(served_with("vllm", "Qwen3-8B", options, card)), "non_torch_gib");
    };
    EXPECT_LT(beside("h200_nvl_141", {}), beside("h200_sxm_141", {}));
    EXPECT_LT(beside("rtx_3090", {{"inference.disable_custom_all_reduce", "true"}}), beside("rtx_3090", {}));
}

TEST(VllmOptions, TheFirstEnginesProfileIsAssumed)
{
    const auto basis = [](const std::string& version) {
        const auto result =
            estimate_of(served_with("vllm", "Llama-3.1-8B", {{"inference.engine_version", version}}), Detail::full);
        return find_term(result->terms, "activations")->basis;
    };
    EXPECT_EQ(basis("0.8.5"), Basis::assumed);
    EXPECT_EQ(basis("0.9.1"), Basis::calibrated);
}

TEST(VllmOptions, CacheOfTheHostIsOfAllRanks)
{
    const Question question = served_with("vllm", "Llama-3.1-8B",
                                          {{"hardware.tensor_parallel", "2"}, {"inference.kv_offloading_size", "24"}});
    EXPECT_EQ(host_bytes(question, "kv_cache"), 24 * 1024 * bytes_per_mib);
}

TEST(VllmOptions, BackendsDecideTheBlock)
{
    const auto block = [](const std::string& backend) {
        return estimate_of(
                   served_with("vllm", "DeepSeek-V3", {{"inference.attention_backend", backend}}, "h200_sxm_141"))
            ->scenario.inference.vllm.block_size;
    };
    EXPECT_EQ(block("FLASHMLA"), 64);
    EXPECT_EQ(block("triton_mla"), 16);
    EXPECT_FALSE(
        estimate(served_with("vllm", "DeepSeek-V3", {{"inference.attention_backend", "fa9"}}), Detail::memory));
}

// CUDA reports all of a memory that the CPU shares; the share that is asked for is of that.
TEST(VllmOptions, UnifiedMemoryIsReportedWhole)
{
    const auto result = estimate_of(served_with("vllm", "Qwen3-8B", {}, "dgx_spark"));
    EXPECT_NEAR(static_cast<double>(*result->scenario.inference.total_memory_bytes), 121.69 * 1024 * bytes_per_mib,
                8 * bytes_per_mib);
}

// ---- SGLang

// Eight slots of rank 16: 2 x 8 x 16 x 32 layers x (3 x 4,096 + 6,144 + 4,096 + 4,096 + 2 x 4,096 + 28,672 + 14,336 +
// 4,096); neither embedding nor head.
TEST(SglangOptions, AdaptersHaveBuffersAtEveryMatrixOfTheLayers)
{
    const auto weights = [](const Chosen& options) {
        return print_of(*estimate_of(served_with("sglang", "Llama-3.1-8B", options)), "load_weight_gib") * 1024 *
               bytes_per_mib;
    };
    EXPECT_NEAR(weights({{"inference.enable_lora", "true"}}) - weights({}), 671'088'640, 1);
    EXPECT_NEAR(weights({{"inference.enable_lora", "true"}, {"inference.lora_target_modules", "q_proj"}}) - weights({}),
                2.0 * 8 * 16 * 32 * (4096 + 4096), 1);
}

TEST(SglangOptions, TheHostsCacheIsARatioOrASize)
{
    const Question question = served_with("sglang", "Llama-3.1-8B", {{"inference.enable_hierarchical_cache", "true"}});
    const double pool = print_of(*estimate_of(question), "kv_gib") * 1024 * bytes_per_mib;
    EXPECT_NEAR(host_bytes(question, "kv_cache"), 2 * pool, 2);
    const Question sized = served_with("sglang", "Llama-3.1-8B",
                                       {{"inference.enable_hierarchical_cache", "true"},
                                        {"inference.hicache_size", "30"},
                                        {"hardware.tensor_parallel", "2"}});
    EXPECT_EQ(host_bytes(sized, "kv_cache"), 60e9);
    EXPECT_EQ(host_bytes(served_with("sglang", "Llama-3.1-8B", {}), "kv_cache"), 0);
}

// A quarter of 128 experts stays on the GPU.
TEST(SglangOptions, ExpertsBeyondANumberLieInTheHostsMemory)
{
    const Question whole = served_with("sglang", "Qwen3-30B-A3B", {});
    const auto experts = static_cast<double>(bytes_of(*estimate_of(whole, Detail::full), "weights.experts"));
    const Question some = served_with("sglang", "Qwen3-30B-A3B", {{"inference.kt_num_gpu_experts", "32"}});
    EXPECT_NEAR(static_cast<double>(bytes_of(*estimate_of(some, Detail::full), "weights.experts")), experts / 4, 2);
    EXPECT_NEAR(host_bytes(some, "weights"), 0.75 * experts, 2);
}

// A token takes a page of its own.
TEST(SglangOptions, RequestsTakeWholePages)
{
    const Question question =
        served_with("sglang", "Llama-3.1-8B", {{"inference.page_size", "64"}, {"inference.sequence_length", "1"}});
    const auto result = estimate_of(question, Detail::full);
    EXPECT_EQ(result->capacity.kv_tokens % 64, 0);
    EXPECT_EQ(result->capacity.max_concurrent_sequences, result->capacity.kv_tokens / 64);
    EXPECT_EQ(result->capacity.max_sequence_length, result->capacity.kv_tokens);
}

// MiMo-V2-Flash on four ranks: 9 full layers with one head of 192 + 128, 39 windows with two. Until 0.5.8 a token was
// weighed as 48 x 640 + 39 x 1,280 bytes, and the windows' 0.8 took 40.2 of 48 such shares.
TEST(SglangOptions, WindowsWereWeighedAsFullLayersUntil058)
{
    const auto per_token = [](const std::string& version) {
        const auto result = estimate_of(
            served_with("sglang", "MiMo-V2-Flash",
                        {{"inference.engine_version", version}, {"hardware.tensor_parallel", "4"}}, "h200_sxm_141"));
        return print_of(*result, "kv_gib") * 1024 * bytes_per_mib / print_of(*result, "max_total_num_tokens");
    };
    EXPECT_NEAR(per_token("0.5.8"), (48 * 640 + 39 * 1280) * 40.2 / 48, 1);
    EXPECT_NEAR(per_token("0.5.9"), 9 * 640 + 0.8 * 39 * 1280, 1);
}

// 43 slots: five for each request from 0.5.14 on, three before.
TEST(SglangOptions, SlotsOfARequestByRelease)
{
    const auto requests = [](const std::string& version) {
        return print_of(
            *estimate_of(served_with("sglang", "Qwen3.6-27B",
                                     {{"inference.engine_version", version}, {"inference.max_mamba_cache_size", "43"}},
                                     "h200_sxm_141")),
            "max_running_requests");
    };
    EXPECT_EQ(requests("0.5.13"), 14);
    EXPECT_EQ(requests("0.5.14"), 8);
}

// A draft of its own stays with embedding and head: Qwen3-0.6B's 596,049,920 parameters.
TEST(SglangOptions, ANamedDraftIsANetwork)
{
    const Question question = served_with(
        "sglang", "Qwen3-8B",
        {{"inference.speculative_algorithm", "STANDALONE"}, {"inference.speculative_draft_model_path", "Qwen3-0.6B"}});
    const auto draft = bytes_of(*estimate_of(question, Detail::full), "weights.draft");
    EXPECT_NEAR(static_cast<double>(draft), 2 * 596'049'920 + 40'960 * 128 * 4, 4 * bytes_per_mib);
    EXPECT_FALSE(estimate(served_with("sglang", "Qwen3-8B", {{"inference.speculative_algorithm", "STANDALONE"}}),
                          Detail::memory));
}

// Of a hybrid a state at each block of the cache, not one for the request.
TEST(VllmOptions, StatesMayBeKeptAtEachBlock)
{
    const auto blocks = [](const Chosen& options) {
        const Question question = served_with("vllm", "Qwen3.6-27B", options);
        const auto inputs = inference_inputs(question.scenario, *question.model, &question.accelerator);
        return vllm::blocks_per_request(vllm::kv_pool(*inputs, vllm::settings_of(*inputs)), 7840);
    };
    const std::pair<std::string, std::string> version = {"inference.engine_version", "0.27"};
    EXPECT_EQ(blocks({version}), 10 + 3 * 1);
    EXPECT_EQ(blocks({version, {"inference.mamba_cache_mode", "align"}}), 10 + 3 * 2);
    EXPECT_EQ(blocks({version, {"inference.mamba_cache_mode", "all"}}), 10 + 3 * 10);
}

TEST(VllmOptions, CompilationSaysWhichGraphsThereAre)
{
    const auto graphs = [](const Chosen& options) {
        return print_of(*estimate_of(served_with("vllm", "Qwen3-8B", options)), "cuda_graphs_gib");
    };
    EXPECT_EQ(graphs({{"inference.compilation_config", R"({"cudagraph_mode": "NONE"})"}}), 0);
    EXPECT_EQ(graphs({{"inference.optimization_level", "0"}}), 0);
    EXPECT_EQ(graphs({{"inference.compilation_config", R"({"cudagraph_capture_sizes": [1, 2, 4]})"}}),
              graphs({{"inference.cudagraph_capture_sizes", "1,2,4"}}));
}

// Loading DeepSeek-V4-Pro's experts until 0.5.15: 4 bits, a byte per 32 and an fp32 per 32, 5.25 bits in place of 4.25.
TEST(SglangOptions, ScalesOfTheLoaderStayedUntil0515)
{
    const auto parts = [](const std::string& version, std::string_view id) {
        return static_cast<double>(bytes_of(
            *estimate_of(served_with("sglang", "DeepSeek-V4-Pro",
                                     {{"inference.engine_version", version}, {"hardware.tensor_parallel", "8"}},
                                     "h200_sxm_141"),
                         Detail::full),
            id));
    };
    EXPECT_NEAR(parts("0.5.15", "weights.loader_scales") / parts("0.5.15", "weights.experts"), 1 / 4.25, 1e-6);
    EXPECT_LT(parts("0.5.16", "weights"), parts("0.5.15", "weights"));
}

// ---- words and names

TEST(ServingWords, FormatsAsEnginesSpellThem)
{
    const Chosen spellings = {
        {"awq", "awq_4bit_g128"}, {"gptq", "gptq_4bit_g128"}, {"bitsandbytes", "bnb_nf4"}, {"modelopt_fp4", "nvfp4"},
        {"fp8", "fp8"},           {"int4", "w4a16_g128"}};
    for (const auto& [word, format] : spellings) {
        const Question question = served_with("vllm", "Llama-3.1-8B", {{"inference.quantization", word}});
        EXPECT_EQ(question.scenario.precision.weights, format);
    }
    const Question open = served_with("vllm", "Llama-3.1-8B",
                                      {{"inference.kv_cache_dtype", "fp8"}, {"inference.kv_cache_dtype", "auto"}});
    EXPECT_FALSE(open.scenario.precision.kv_cache_chosen);
    EXPECT_EQ(served_with("vllm", "Llama-3.1-8B", {{"inference.dtype", "auto"}}).scenario.precision.activations,
              "bf16");
}

TEST(ServingWords, UnknownKeysNameTheNearestOfTheirEngine)
{
    Scenario scenario;
    scenario.inference.engine = "vllm";
    const auto message = [&](std::string_view key) {
        const Outcome problem = set_field(scenario, key, "1");
        return problem ? problem->message : std::string();
    };
    EXPECT_THAT(message("inference.max_num_seq"), HasSubstr("the nearest is \"inference.max_num_seqs\""));
    EXPECT_THAT(message("inference.limit_mm"), HasSubstr("inference.limit_mm_per_prompt"));
    EXPECT_THAT(message("inference.hicache_rati"), HasSubstr("list fields")) << "SGLang's";
    scenario.inference.engine = "sglang";
    EXPECT_THAT(message("inference.hicache_rati"), HasSubstr("inference.hicache_ratio"));
    EXPECT_THAT(message("inference.foo"), HasSubstr("list fields"));
}

TEST(ServingWords, ADraftIsAPresetAConfigOrARepository)
{
    Scenario scenario;
    scenario.inference.engine = "vllm";
    const std::string key = "inference.speculative_config.model";
    const auto read = [&](std::string_view text) {
        const Outcome problem = set_field(scenario, key, text);
        return problem ? "refused" : *scenario.inference.vllm.speculative_config.model;
    };
    EXPECT_EQ(read("qwen/qwen3-0.6b"), "Qwen3-0.6B");
    EXPECT_EQ(read(R"({"model_type": "llama"})"), R"({"config":{"model_type":"llama"}})");
    EXPECT_EQ(read("someone/their-eagle"), R"({"hf":"someone/their-eagle"})");
    EXPECT_EQ(read("nothing"), "refused");
}

} // namespace
} // namespace weighbridge::testing
