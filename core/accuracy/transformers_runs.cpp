#include "core/accuracy/transformers_runs.h"

#include "core/memory/term.h"
#include "core/quantity/display.h"

namespace weighbridge {

namespace {

/// Where a table names no prompt ("a short one"), so many tokens stand for it.
constexpr std::int64_t short_prompt = 16;

Scenario generation_scenario(const Record& record)
{
    Scenario scenario;
    scenario.precision.weights = record.text("weights");
    scenario.precision.kv_cache_k = scenario.precision.kv_cache_v = record.text("kv_cache");
    InferenceChoice& choice = scenario.inference;
    choice.engine = "transformers";
    choice.engine_version = record.text("engine_version");
    choice.transformers.attn_implementation = record.text("attn_implementation");
    choice.call.input_tokens = record.whole("input_tokens").value_or(short_prompt);
    choice.call.output_tokens = record.whole("output_tokens");
    choice.transformers.batch_size = record.whole("batch_size");
    return scenario;
}

std::string generation_setup(const Record& record)
{
    const auto input = record.whole("input_tokens");
    const std::int64_t gpus = record.whole("gpus").value_or(1);
    const std::int64_t batch = record.whole("batch_size").value_or(1);
    return joined_setup({record.text("weights"), gpus > 1 ? grouped(gpus) + " GPUs" : std::string(),
                         batch > 1 ? "batch " + grouped(batch) : std::string(),
                         (input ? grouped(*input) : std::string("short prompt")) + " + " +
                             grouped(record.whole("output_tokens").value_or(0)) + " tokens"});
}

/// The range is that of the activations: weights and cache are exact. Sums over several GPUs have none.
FigureOutcome allocated_peak(const MeasuredRun& run, const Estimate& estimate)
{
    const auto measured = run.record.number("peak_gib");
    if (!measured)
        return FigureOutcome::not_recorded();
    Comparison comparison{*measured, printed(estimate, "peak_allocated_bytes") / bytes_per_gib, {}, {}, false, {}};
    const Term* activations = find_term(estimate.terms, "activations");
    if (activations != nullptr && run.record.whole("gpus").value_or(1) == 1) {
        comparison.low = comparison.predicted - gib(activations->bytes - activations->low);
        comparison.high = comparison.predicted + gib(activations->high - activations->bytes);
    }
    return {comparison, {}};
}

} // namespace

Result<MeasuredRun> read_transformers_run(const Record& record, MeasuredModels& models)
{
    auto model = models.of_network("qwen_configs.json", record.text("network"));
    if (!model)
        return model.error();
    MeasuredRun run{record.text("id"),
                    record.text("model"),
                    record.text("engine_version"),
                    generation_setup(record),
                    record.text("source"),
                    record,
                    {}};
    run.question.scenario = generation_scenario(record);
    run.question.model = std::move(*model);
    if (const auto accelerator = Catalogue().find(HardwareChoice().accelerator))
        run.question.accelerator = *accelerator;
    return run;
}

std::span<const AccuracyFigure> transformers_figures()
{
    static constexpr AccuracyFigure figures[] = {
        {"peak", "Peak allocated", "GiB", 2, {BarKind::relative, 0.08, 0.9, 0.03}, allocated_peak},
    };
    return figures;
}

} // namespace weighbridge
