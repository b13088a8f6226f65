// Ollama's defaults and placement by release, worked by hand from its source.

#include "core/engines/ollama/layout.h"
#include "core/engines/ollama/release.h"
#include "core/engines/ollama/settings.h"
#include "core/engines/ollama/sums.h"
#include "core/fields/scenario_json.h"
#include "tests/core/support/scenario_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double one_gib = 1'073'741'824;

EstimatePointer ollama_answer(std::string_view preset, std::string_view scenario)
{
    return answer_to(preset, scenario, Card::named);
}

std::string ollama_refusal(std::string_view preset, std::string_view scenario)
{
    return refusal_of(preset, scenario, Card::named);
}

const EnginePrint& ollama_print(const Estimate& estimate, std::string_view id)
{
    static const EnginePrint none;
    for (const EnginePrint& print : estimate.engine_prints)
        if (print.id == id)
            return print;
    ADD_FAILURE() << "no print " << id;
    return none;
}

double ollama_printed(const Estimate& estimate, std::string_view id)
{
    return ollama_print(estimate, id).value;
}

bool ollama_warns(const Estimate& estimate, std::string_view words)
{
    for (const Issue& issue : estimate.issues)
        if (issue.message.find(words) != std::string::npos)
            return true;
    return false;
}

std::vector<std::int64_t> ollama_layers(const Estimate& estimate)
{
    std::vector<std::int64_t> layers;
    for (const DeviceShare& share : estimate.devices)
        layers.insert(layers.end(), static_cast<std::size_t>(share.count), share.layers.value_or(0));
    return layers;
}

TEST(OllamaRelease, IsReadFromItsNumbers)
{
    EXPECT_EQ(ollama_release("0.11.5"), (OllamaRelease{11, 5}));
    EXPECT_EQ(ollama_release("v0.9"), (OllamaRelease{9, 99}));
    EXPECT_EQ(ollama_release("0.5.x"), (OllamaRelease{5, 99}));
    EXPECT_EQ(ollama_release(""), newest_ollama);
    EXPECT_EQ(ollama_release("2026-08"), newest_ollama);
}

TEST(OllamaRelease, DecidesWhatRunsANetwork)
{
    EXPECT_EQ(ollama_runner({5, 12}, "gemma3"), OllamaRunner::llama_cpp);
    EXPECT_EQ(ollama_runner({6, 0}, "gemma3"), OllamaRunner::own_engine);
    EXPECT_EQ(ollama_runner({12, 0}, "llama"), OllamaRunner::llama_cpp);
    EXPECT_EQ(ollama_runner({12, 4}, "qwen3"), OllamaRunner::own_engine);
    EXPECT_EQ(ollama_runner({12, 5}, "qwen3"), OllamaRunner::llama_cpp); // taken back for one release
    EXPECT_EQ(ollama_runner({30, 0}, "gemma3"), OllamaRunner::llama_server);
    EXPECT_EQ(ollama_placing({11, 11}, OllamaRunner::own_engine), OllamaPlacing::estimate);
    EXPECT_EQ(ollama_placing({12, 0}, OllamaRunner::own_engine), OllamaPlacing::layout);
    EXPECT_EQ(ollama_placing({12, 3}, OllamaRunner::llama_cpp), OllamaPlacing::estimate);
    EXPECT_EQ(ollama_placing({12, 4}, OllamaRunner::llama_cpp), OllamaPlacing::layout);
    EXPECT_EQ(ollama_placing({30, 0}, OllamaRunner::llama_server), OllamaPlacing::fit);
}

TEST(OllamaRelease, HasItsOwnDefaults)
{
    EXPECT_EQ(ollama_context({6, 6}, 96 * one_gib), 2048);
    EXPECT_EQ(ollama_context({6, 7}, 96 * one_gib), 4096);
    EXPECT_EQ(ollama_context({15, 4}, 96 * one_gib), 4096);
    EXPECT_EQ(ollama_context({15, 5}, 22.9 * one_gib), 4096);
    EXPECT_EQ(ollama_context({15, 5}, 23 * one_gib), 32768);
    EXPECT_EQ(ollama_context(newest_ollama, 47 * one_gib), 262144);
    EXPECT_EQ(ollama_slots({6, 6}), 4);
    EXPECT_EQ(ollama_slots({9, 6}), 2);
    EXPECT_EQ(ollama_slots({10, 0}), 1);
    EXPECT_FALSE(ollama_prefers_flash({12, 3}, "qwen3"));
    EXPECT_TRUE(ollama_prefers_flash({12, 4}, "qwen3"));
    EXPECT_FALSE(ollama_prefers_flash({20, 0}, "llama"));
    EXPECT_TRUE(ollama_gives_one_slot({12, 7}, "qwen3vl"));
    EXPECT_FALSE(ollama_gives_one_slot({12, 6}, "qwen3vl"));
}

/// server/sched.go, automaticGenerationBatch: by the tokens of all slots, lowered where it doesn't fit.
TEST(OllamaBatch, FollowsContextAndMemory)
{
    OllamaSettings settings;
    settings.flash = true;
    const std::vector<OllamaGpu> one = {{.free = 24 * one_gib, .total = 24 * one_gib, .cuda = true}};
    const auto batch = [&](std::int64_t tokens, double prediction) {
        return ollama_automatic_batch(settings, tokens, prediction, 24 * one_gib, one);
    };
    EXPECT_EQ(batch(4096, 5 * one_gib), 512);
    EXPECT_EQ(batch(4097, 5 * one_gib), 1024);
    EXPECT_EQ(batch(32769, 14 * one_gib), 2048); // at most 0.6 x 24 = 14.4, and 16 of 19.2 with 2 more
    EXPECT_EQ(batch(32769, 14.5 * one_gib), 1024);
    EXPECT_EQ(batch(32769, 18.5 * one_gib), 512); // above 0.75 x 24 = 18
    settings.flash = false;
    EXPECT_EQ(batch(32769, 5 * one_gib), 512);
    const std::vector<OllamaGpu> small = {{.free = 8 * one_gib, .total = 8 * one_gib, .cuda = true}};
    EXPECT_EQ(ollama_automatic_batch(settings, 4097, 5 * one_gib, 8 * one_gib, small), 256);
}

/// Layers of 1 GiB, the output of 2; nothing is computed.
TEST(OllamaLayout, TakesTheFewestGpusAndFillsThemEvenly)
{
    const Question question = question_with("Llama-3.1-8B", R"({"inference": {"engine": "ollama"}})", Card::named);
    InferenceInputs load;
    load.choice = &question.scenario.inference;
    OllamaSettings settings;
    const auto gpu = [](std::size_t number, double free) {
        return OllamaGpu{.number = number, .free = free, .total = free, .minimum = 0, .cuda = true};
    };
    OllamaSizes sizes;
    sizes.layers = {one_gib, one_gib, one_gib, one_gib, one_gib, one_gib, 2 * one_gib};
    sizes.graphs = [](const LayerPlacement& placement) { return std::vector<double>(placement.layers.size(), 0); };

    settings.gpus = {gpu(0, 4 * one_gib), gpu(1, 10 * one_gib)};
    LayerPlacement placement = ollama_layout(load, settings, sizes);
    EXPECT_THAT(placement.devices, ElementsAre(1)); // 8 GiB on the roomier one
    EXPECT_THAT(placement.layers, ElementsAre(7));

    // Of 6 GiB each neither holds all; the last takes the output and as much of the rest as half of 8.
    settings.gpus = {gpu(0, 6 * one_gib), gpu(1, 6 * one_gib)};
    placement = ollama_layout(load, settings, sizes);
    EXPECT_THAT(placement.devices, ElementsAre(0, 1));
    EXPECT_THAT(placement.layers, ElementsAre(4, 3));

    // The graph and the minimum are taken off: 5 - 0.5 - 0.4 = 4.1, so four layers, and the output stays behind.
    settings.gpus = {gpu(0, 5 * one_gib)};
    settings.gpus[0].minimum = 0.4 * one_gib;
    sizes.graphs = [](const LayerPlacement&) { return std::vector<double>{0.5 * one_gib}; };
    placement = ollama_layout(load, settings, sizes);
    EXPECT_THAT(placement.layers, ElementsAre(4));

    // What is asked for is done, whatever the memory.
    settings.num_gpu = 6;
    placement = ollama_layout(load, settings, sizes);
    EXPECT_THAT(placement.layers, ElementsAre(6));
}

/// Llama-3.1-8B in F16 is 14.96 GiB; with 4,096 tokens of 128 KiB each 15.46 are predicted. A card needs 19.3 GiB free.
TEST(Ollama, TakesOneGpuWhereFourFifthsOfItWillDo)
{
    const auto on = [](const char* devices) {
        return ollama_answer("Llama-3.1-8B", std::string(R"({"precision": {"weights": "gguf:F16"},
            "inference": {"engine": "ollama", "num_ctx": 4096}, "hardware": {"devices": [)") +
                                                 devices + "]}}");
    };
    const char* roomy =
        R"({"accelerator": {"name": "A", "memory_gib": 19.5}}, {"accelerator": {"name": "B", "memory_gib": 24}})";
    EXPECT_THAT(ollama_layers(*on(roomy)), ElementsAre(0, 33)); // the one with most memory
    const char* tight =
        R"({"accelerator": {"name": "A", "memory_gib": 19}}, {"accelerator": {"name": "B", "memory_gib": 19}})";
    const EstimatePointer both = on(tight);
    EXPECT_GT(ollama_layers(*both).front(), 0);
    EXPECT_EQ(ollama_printed(*both, "gpu_layers"), 33);
    EXPECT_EQ(ollama_print(*both, "processor").text, "100% GPU");
}

TEST(Ollama, SpreadsWhereItIsToldTo)
{
    const EstimatePointer spread = ollama_answer("Qwen3-8B", R"({"precision": {"weights": "gguf:Q4_K_M"},
        "inference": {"engine": "ollama", "num_ctx": 4096, "sched_spread": true},
        "hardware": {"devices": [{"accelerator": "rtx_3090", "count": 2}]}})");
    std::int64_t sum = 0;
    for (const std::int64_t layers : ollama_layers(*spread))
        sum += layers;
    EXPECT_EQ(ollama_layers(*spread).size(), 2U);
    EXPECT_EQ(sum, 37);
}

/// What lies on a GPU leaves 1,024 MiB of what is free; another layer would not.
TEST(Ollama, LeavesLayersToTheHostWhereTheCardIsSmall)
{
    const char* asked = R"({"precision": {"weights": "gguf:Q4_K_M"}, "inference": {"engine": "ollama", "num_ctx": 4096},
        "hardware": {"accelerator": {"name": "12 GB", "memory_gib": 12}, "host": {"memory_gib": 64}}})";
    const EstimatePointer estimate = ollama_answer("Qwen3-32B", asked);
    const double layers = ollama_printed(*estimate, "gpu_layers");
    EXPECT_GT(layers, 20);
    EXPECT_LT(layers, 65);
    const double held = ollama_printed(*estimate, "size_vram_bytes");
    EXPECT_LE(held, 11 * one_gib);
    EXPECT_GT(held + 18.5 * one_gib / 64, 11 * one_gib); // a layer is a 64th of 18.4 GiB, without its cache
    ASSERT_TRUE(estimate->host);
    EXPECT_GT(static_cast<double>(estimate->host->total.count), 8 * one_gib);
    EXPECT_TRUE(does_fit(estimate->fit.verdict));
    EXPECT_TRUE(ollama_warns(*estimate, "lie in the host's memory"));
    EXPECT_THAT(ollama_print(*estimate, "processor").text, HasSubstr("CPU/GPU"));

    const std::string fewer = std::string(asked).insert(std::string(asked).find("\"num_ctx\""), "\"num_gpu\": 10, ");
    EXPECT_EQ(ollama_printed(*ollama_answer("Qwen3-32B", fewer), "gpu_layers"), 10);
    const std::string none = std::string(asked).insert(std::string(asked).find("\"num_ctx\""), "\"num_gpu\": 0, ");
    EXPECT_EQ(ollama_print(*ollama_answer("Qwen3-32B", none), "processor").text, "100% CPU");
}

/// Searches keep where layers lie: on other cards they ask for all layers, here for no more on the host.
TEST(Ollama, ComparesOtherCardsByTheWholeNetwork)
{
    const EstimatePointer estimate = ollama_answer("Qwen3-32B", R"({"precision": {"weights": "gguf:Q4_K_M"},
        "inference": {"engine": "ollama", "num_ctx": 4096}, "hardware": {"accelerator": "rtx_3060_12"}})");
    EXPECT_TRUE(does_fit(estimate->fit.verdict));
    EXPECT_EQ(estimate->fit.gpus_needed, 1);
    EXPECT_LT(estimate->capacity.max_sequence_length, 40960);
    for (const Fit& card : estimate->cards)
        EXPECT_EQ(does_fit(card.verdict), card.accelerator.capacity.count > 20 * 1'073'741'824LL)
            << card.accelerator.id;
}

/// 24 GB less what the driver keeps are above 23 GiB; nobody may ask for more than the model was made for.
TEST(Ollama, TakesItsContextFromMemoryAndModel)
{
    const auto context = [](const char* accelerator, const char* version, const char* overhead = "0") {
        const EstimatePointer estimate =
            ollama_answer("Qwen3-8B", std::string(R"({"inference": {"engine": "ollama", "engine_version": ")") +
                                          version + R"(", "gpu_overhead": )" + overhead +
                                          R"(}, "hardware": {"accelerator": ")" + accelerator + R"("}})");
        EXPECT_EQ(estimate->scenario.inference.sequence_length, estimate->scenario.inference.ollama.num_ctx);
        return *estimate->scenario.inference.ollama.num_ctx;
    };
    EXPECT_EQ(context("rtx_3060_12", ""), 4096);
    EXPECT_EQ(context("rtx_3090", ""), 32768);
    EXPECT_EQ(context("rtx_3090", "", "1073741824"), 4096);
    EXPECT_EQ(context("rtx_3090", "0.12.3"), 4096);
    EXPECT_EQ(context("h100_sxm_80", ""), 40960); // 262,144 in a model for 40,960
    EXPECT_EQ(context("h100_sxm_80", "0.5.7"), 2048);
}

TEST(Ollama, GivesEverySlotItsContext)
{
    const EstimatePointer four = ollama_answer("Llama-3.1-8B", R"({"inference": {"engine": "ollama", "num_ctx": 8192,
        "num_parallel": "4"}})");
    EXPECT_EQ(four->scenario.inference.llama_cpp.n_ctx, 32768);
    EXPECT_EQ(ollama_printed(*four, "kv_mib"), 4096); // 32 layers x 2 x 1,024 x 2 B x 32,768
    const EstimatePointer few = ollama_answer("Llama-3.1-8B", R"({"inference": {"engine": "ollama", "num_ctx": 8192,
        "num_parallel": "2", "concurrent_sequences": 3}})");
    EXPECT_TRUE(ollama_warns(*few, "1 wait"));
    const EstimatePointer old = ollama_answer("Llama-3.1-8B", R"({"inference": {"engine": "ollama", "num_ctx": 8192,
        "engine_version": "0.5.7"}})");
    EXPECT_EQ(old->scenario.inference.ollama.num_parallel, "4");
}

TEST(Ollama, QuantizesItsCacheOnlyWithFlashAttention)
{
    const auto kv = [](const char* inference) {
        const EstimatePointer estimate =
            ollama_answer("Llama-3.1-8B", std::string(
                                              R"({"precision": {"kv_cache": "q8_0"}, "inference": {"engine": "ollama",
            "num_ctx": 8192)") + inference + "}}");
        return std::pair(ollama_printed(*estimate, "kv_mib"), ollama_warns(*estimate, "keeps the cache in 16 bits"));
    };
    EXPECT_EQ(kv(R"(, "engine_version": "0.9.0")"), std::pair(2048.0, true)); // two slots of 1,024 MiB
    EXPECT_EQ(kv(R"(, "engine_version": "0.9.0", "flash_attn": true, "num_parallel": "1")"), std::pair(512.0, false));
    EXPECT_EQ(kv(""), std::pair(544.0, false)); // 34 of 64 bytes
}

TEST(Ollama, RefusesWhatContradictsItself)
{
    EXPECT_THAT(
        ollama_refusal("Llama-3.1-8B", R"({"inference": {"engine": "ollama", "num_ctx": 4096, "n_ctx": 8192}})"),
        HasSubstr("inference.num_ctx"));
    EXPECT_THAT(
        ollama_refusal("Llama-3.1-8B", R"({"inference": {"engine": "ollama", "num_gpu": 4, "n_gpu_layers": 8}})"),
        HasSubstr("inference.n_gpu_layers"));
    EXPECT_THAT(ollama_refusal("Llama-3.1-8B", R"({"inference": {"engine": "ollama", "num_parallel": "few"}})"),
                HasSubstr("auto or a whole number"));
    const EstimatePointer same = ollama_answer(
        "Llama-3.1-8B", R"({"inference": {"engine": "ollama", "num_ctx": 4096, "n_ctx": 8192, "n_seq_max": 2}})");
    EXPECT_EQ(ollama_printed(*same, "kv_mib"), 1024);
}

/// The model is for 40,960 tokens: no slot has more.
TEST(Ollama, SaysWhatItCuts)
{
    const EstimatePointer estimate = ollama_answer("Qwen3-8B", R"({"precision": {"weights": "gguf:Q4_K_M"},
        "inference": {"engine": "ollama", "sequence_length": 65536}})");
    EXPECT_EQ(estimate->scenario.inference.ollama.num_ctx, 40960);
    EXPECT_TRUE(ollama_warns(*estimate, "Ollama cuts what is longer"));
    EXPECT_FALSE(does_fit(estimate->fit.verdict));
    EXPECT_EQ(estimate->capacity.limited_by, Limit::pool);
    EXPECT_EQ(estimate->capacity.max_sequence_length, 40960);
}

TEST(Ollama, MarksGraphsOfItsOwnEngineAsAssumed)
{
    const char* const asked = R"({"precision": {"weights": "gguf:Q4_K_M"}, "inference": {"engine": "ollama",
        "engine_version": "%s", "num_ctx": 4096}})";
    const auto basis = [&](const std::string& version) {
        const EstimatePointer estimate =
            ollama_answer("Qwen3-8B", std::string(asked).replace(std::string(asked).find("%s"), 2, version));
        return find_term(estimate->terms, "activations")->basis;
    };
    EXPECT_EQ(basis("0.20.0"), Basis::assumed);
    EXPECT_EQ(basis("0.31.0"), Basis::derived);
}

TEST(Ollama, SaysWhatHasNoEffect)
{
    const EstimatePointer estimate =
        ollama_answer("Llama-3.1-8B", R"({"inference": {"engine": "ollama", "num_thread": 8,
        "use_mmap": false, "max_loaded_models": 2, "gpu_overhead": 1073741824}})");
    for (const char* key : {"num_thread", "use_mmap", "max_loaded_models", "gpu_overhead"})
        EXPECT_TRUE(ollama_warns(*estimate, key)) << key;
}

/// Two spellings of the fork.
TEST(IkLlamaCpp, IsTheSameUnderItsOwnName)
{
    const auto with = [](const char* engine) {
        return ollama_answer("gemma-3-12b-it", std::string(R"({"precision": {"weights": "gguf:Q4_K_M"},
            "inference": {"sequence_length": 8192, )") +
                                                   engine + "}}");
    };
    const EstimatePointer version = with(R"("engine": "llama.cpp", "engine_version": "ik_llama.cpp")");
    const EstimatePointer own = with(R"("engine": "ik_llama.cpp")");
    EXPECT_EQ(version->total, own->total);
    EXPECT_EQ(version->engine_prints, own->engine_prints);
    EXPECT_EQ(ollama_printed(*own, "kv_swa_mib"), 0); // its windowed layers keep every token
}

/// Its logs: batches of 512, "using full-size SWA cache" (gpt-oss-20b at 131,072: 3,072 + 3,072 MiB).
TEST(LmStudio, KeepsWindowsWhole)
{
    const EstimatePointer estimate = ollama_answer("gpt-oss-20b", R"({"inference": {"engine": "lm-studio",
        "sequence_length": 131072}})");
    EXPECT_EQ(estimate->scenario.inference.engine, "lmstudio");
    EXPECT_EQ(ollama_printed(*estimate, "kv_mib"), 6144);
    EXPECT_EQ(ollama_printed(*estimate, "kv_swa_mib"), 3072);
    EXPECT_EQ(estimate->scenario.inference.llama_cpp.n_batch, 512);
    EXPECT_EQ(estimate->scenario.inference.llama_cpp.n_seq_max, 4);
    EXPECT_EQ(estimate->scenario.inference.llama_cpp.kv_unified, true);
    const EstimatePointer old = ollama_answer("gpt-oss-20b", R"({"inference": {"engine": "lmstudio",
        "engine_version": "0.3.23", "sequence_length": 131072}})");
    EXPECT_EQ(old->scenario.inference.llama_cpp.n_seq_max, 1);
    const EstimatePointer usual = ollama_answer("Llama-3.1-8B", R"({"inference": {"engine": "lmstudio"}})");
    EXPECT_EQ(usual->scenario.inference.sequence_length, 4096);
}

} // namespace
} // namespace weighbridge::testing
