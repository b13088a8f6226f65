// How long an answer takes. Prints, never fails.

#include "core/estimate.h"
#include "core/memory/inference.h"
#include "core/sources/presets.h"

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

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
BENCHMARK_CAPTURE(import_preset, llama_70b, "Llama-3.1-70B");
BENCHMARK_CAPTURE(import_preset, gpt_oss_120b, "gpt-oss-120b");

} // namespace
