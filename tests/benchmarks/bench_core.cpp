// How long an answer takes. Prints, never fails.

#include "core/answers/deployments.h"
#include "core/answers/recommend.h"
#include "core/answers/reference_tables.h"
#include "core/answers/serving.h"
#include "core/engines/inference.h"
#include "core/estimate/estimate.h"
#include "core/report/reference_report.h"
#include "core/sources/presets.h"

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace {

using namespace weighbridge;

Question question_about(const char* preset)
{
    const Catalogue catalogue;
    Question question;
    question.model = *preset_model(preset);
    question.accelerator = *catalogue.find("h100_sxm_80");
    question.comparisons = comparison_accelerators(catalogue, {});
    return question;
}

void figure_without_text(benchmark::State& state, const char* preset)
{
    const Question question = question_about(preset);
    const auto inputs = inference_inputs(question.scenario, *question.model);
    for (auto _ : state)
        benchmark::DoNotOptimize(inference_bytes(*inputs));
}

void terms_with_formulas(benchmark::State& state, const char* preset)
{
    const Question question = question_about(preset);
    for (auto _ : state)
        benchmark::DoNotOptimize(estimate(question, Detail::memory));
}

void everything_the_window_shows(benchmark::State& state, const char* preset)
{
    const Question question = question_about(preset);
    for (auto _ : state)
        benchmark::DoNotOptimize(estimate(question, Detail::full));
}

/// estimate() as vLLM runs it, four figures with ranges and what it prints, no text: 5 µs are asked for.
void figures_in_vllm(benchmark::State& state, const char* preset)
{
    Question question = question_about(preset);
    question.scenario.inference.engine = "vllm";
    question.scenario.hardware.tensor_parallel = 8;
    for (auto _ : state)
        benchmark::DoNotOptimize(estimate(question, Detail::figures));
}

/// Tables and 2 x 200 points: 8 ms are asked for, with painting.
void serving(benchmark::State& state, const char* preset, const char* engine)
{
    Question question = question_about(preset);
    question.scenario.inference.engine = engine;
    for (auto _ : state)
        benchmark::DoNotOptimize(serving_capacity(question));
}

void recommended(benchmark::State& state, const char* preset, const char* engine)
{
    Question question = question_about(preset);
    question.scenario.inference.engine = engine;
    const auto configurations = standard_configurations();
    for (auto _ : state)
        benchmark::DoNotOptimize(recommend(question, book_usable_share, configurations));
}

/// All four reference tables, ready to be shown: 50 ms are asked for.
/// A plan's candidates one after the other; `candidates` is how many a second. Beside it single estimates with all that
/// the window shows: everything_the_window_shows.
void deployments_of_a_plan(benchmark::State& state, const char* preset)
{
    Question question = question_about(preset);
    question.scenario.inference.engine = "vllm";
    DeploymentRange range;
    range.accelerators = {"h100_sxm_80", "l40s", "h200_sxm_141"};
    range.counts = {1, 2, 4, 8};
    range.engines = {"vllm", "sglang"};
    range.weights = {"bf16", "fp8"};
    range.kv_cache = {"bf16", "fp8"};
    range.all_layouts = true;
    std::size_t candidates = 0;
    for (auto _ : state)
        candidates += (*deployments(question, range))->candidates;
    state.counters["candidates"] = benchmark::Counter(static_cast<double>(candidates), benchmark::Counter::kIsRate);
}

void tables_of_60_models(benchmark::State& state)
{
    constexpr std::size_t count = 60;
    std::vector<ModelPointer> models;
    models.reserve(count);
    const auto names = preset_names();
    for (std::size_t i = 0; i < std::min(count, names.size()); ++i)
        models.push_back(*preset_model(names[i]));
    for (auto _ : state)
        benchmark::DoNotOptimize(reference_report(reference_tables(models)));
}

void import_preset(benchmark::State& state, const char* preset)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(preset_model(preset));
}

BENCHMARK_CAPTURE(figure_without_text, llama_70b, "Llama-3.1-70B");
BENCHMARK_CAPTURE(terms_with_formulas, llama_70b, "Llama-3.1-70B");
BENCHMARK_CAPTURE(everything_the_window_shows, llama_70b, "Llama-3.1-70B");
BENCHMARK_CAPTURE(figure_without_text, deepseek_v3, "DeepSeek-V3");
BENCHMARK_CAPTURE(everything_the_window_shows, deepseek_v3, "DeepSeek-V3");
BENCHMARK_CAPTURE(figures_in_vllm, deepseek_v3, "DeepSeek-V3");
BENCHMARK_CAPTURE(serving, llama_70b, "Llama-3.1-70B", "generic");
BENCHMARK_CAPTURE(serving, deepseek_v3_vllm, "DeepSeek-V3", "vllm");
BENCHMARK_CAPTURE(serving, gpt_oss_120b_sglang, "gpt-oss-120b", "sglang");
BENCHMARK_CAPTURE(serving, gemma_3_12b_llama_cpp, "gemma-3-12b-it", "llama.cpp");
BENCHMARK_CAPTURE(recommended, llama_70b, "Llama-3.1-70B", "generic");
BENCHMARK_CAPTURE(recommended, deepseek_v3_vllm, "DeepSeek-V3", "vllm");
BENCHMARK_CAPTURE(deployments_of_a_plan, llama_70b, "Llama-3.1-70B");
BENCHMARK_CAPTURE(deployments_of_a_plan, deepseek_v3, "DeepSeek-V3");
BENCHMARK(tables_of_60_models);
BENCHMARK_CAPTURE(import_preset, llama_70b, "Llama-3.1-70B");
BENCHMARK_CAPTURE(import_preset, gpt_oss_120b, "gpt-oss-120b");

} // namespace
