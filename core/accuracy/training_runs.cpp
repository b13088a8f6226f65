#include "core/accuracy/training_runs.h"

#include "core/fields/scenario_json.h"
#include "core/quantity/display.h"
#include "core/training/framework.h"

#include <nlohmann/json.hpp>

namespace weighbridge {

namespace {

std::string ways(const char* name, std::int64_t count)
{
    return count > 1 ? name + (' ' + std::to_string(count)) : std::string();
}

std::string training_setup(const Record& record, const Scenario& scenario)
{
    const TrainingChoice& choice = *scenario.training();
    const HardwareChoice& hardware = scenario.hardware;
    const Framework* framework = find_framework(choice.framework);
    return joined_setup({framework == nullptr ? choice.framework : std::string(framework->label), choice.method,
                         choice.optimizer, ways("TP", hardware.tensor_parallel), ways("PP", hardware.pipeline_parallel),
                         ways("CP", hardware.context_parallel), ways("DP", hardware.data_parallel),
                         grouped(choice.micro_batch_size) + " × " + grouped(choice.sequence_length) + " tokens",
                         "recompute " + choice.recompute, record.text("metric")});
}

} // namespace

Result<MeasuredRun> read_training_run(const Record& record, MeasuredModels& models)
{
    auto model = models.of_model_id(record.text("model_id"), "training_models.jsonl");
    if (!model)
        return model.error();
    auto scenario = read_scenario(record.value("scenario"));
    if (!scenario)
        return scenario.error();
    if (scenario->training() == nullptr)
        return Error{"task", "the task \"" + scenario->task + "\" trains nothing"};
    const auto accelerator = Catalogue().find(scenario->hardware.accelerator);
    if (!accelerator)
        return accelerator.error();
    const std::string setup = training_setup(record, *scenario);
    return MeasuredRun{record.text("id"),
                       record.text("model_id"),
                       {},
                       setup,
                       record.text("source") + ", " + record.text("locator"),
                       record,
                       {std::move(*scenario), std::move(*model), *accelerator, nullptr}};
}

double shown_training_bytes(const Estimate& estimate, std::string_view metric)
{
    if (estimate.training == nullptr)
        return 0;
    const TrainingMemory& memory = *estimate.training;
    if (metric == "allocated")
        return static_cast<double>(memory.allocated.count);
    const auto reserved = static_cast<double>(memory.reserved.count);
    return metric == "reserved" ? reserved : reserved + static_cast<double>(memory.overhead.bytes.count);
}

} // namespace weighbridge
