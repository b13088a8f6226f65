#include "core/accuracy/served_runs.h"

#include "core/fields/scenario_json.h"
#include "core/quantity/display.h"

#include <nlohmann/json.hpp>

namespace weighbridge {

namespace {

std::string parallel_text(const char* name, std::int64_t ways)
{
    return ways > 1 ? name + (' ' + std::to_string(ways)) : std::string();
}

std::string served_setup(const Record& record, const Scenario& scenario)
{
    const auto context = scenario.inference.vllm.max_model_len;
    const std::string cache = scenario.precision.kv_cache_k;
    return joined_setup({record.text("gpu"), parallel_text("TP", scenario.hardware.tensor_parallel),
                         parallel_text("PP", scenario.hardware.pipeline_parallel), record.text("quantization"),
                         cache == PrecisionChoice().kv_cache_k ? std::string() : "KV " + cache,
                         context ? grouped(*context) + " tokens" : std::string()});
}

} // namespace

Result<MeasuredRun> read_served_run(const Record& record, MeasuredModels& models)
{
    auto model = models.of_model_id(record.text("model_id"));
    if (!model)
        return model.error();
    auto scenario = read_scenario(record.value("scenario"));
    if (!scenario)
        return scenario.error();
    const auto accelerator = Catalogue().find(scenario->hardware.accelerator);
    if (!accelerator)
        return accelerator.error();
    const std::string setup = served_setup(record, *scenario);
    return MeasuredRun{record.text("id"),
                       record.text("model_id"),
                       record.text("engine_version"),
                       setup,
                       record.text("source"),
                       record,
                       {std::move(*scenario), std::move(*model), *accelerator, nullptr}};
}

} // namespace weighbridge
