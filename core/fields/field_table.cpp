#include "core/engines/engine.h"
#include "core/fields/fields.h"
#include "core/scenario/price_options.h"
#include "core/scenario/workload_options.h"
#include "core/training/framework.h"

#include <algorithm>
#include <utility>

namespace weighbridge {

namespace {

using Owners = std::vector<std::string_view>;

/// The rows of one group as rows of the table. `path` leads from the scenario to the group.
template<const auto& options, auto... path>
struct GroupRows
{
    template<std::size_t row>
    static ScenarioField at(std::string_view prefix)
    {
        constexpr const auto& option = options[row];
        ScenarioField field;
        field.key = std::string(prefix) + std::string(option.name);
        field.kind = option.member.kind;
        field.optional = option.member.optional;
        field.get = [](const Scenario& scenario) { return options[row].member.get((scenario.*....*path)); };
        field.set = [](Scenario& scenario, OptionValue value) {
            options[row].member.set((scenario.*....*path), std::move(value));
        };
        field.same = [](const Scenario& a, const Scenario& b) {
            return options[row].member.same((a.*....*path), (b.*....*path));
        };
        field.range = option.range;
        field.unit = option.unit;
        field.word = option.word;
        field.choices.assign(option.choices.begin(), option.choices.end());
        field.names = option.names;
        field.also.assign(option.also.begin(), option.also.end());
        field.tasks.assign(option.tasks.begin(), option.tasks.end());
        field.engines.assign(option.engines.begin(), option.engines.end());
        field.label = option.label;
        field.help = option.help;
        field.left_out = option.left_out;
        field.symbol = option.symbol;
        field.flag = option.flag;
        field.concerns = option.concerns;
        return field;
    }

    template<std::size_t... row>
    static std::vector<ScenarioField> all(std::string_view prefix, std::index_sequence<row...> /*of the rows*/)
    {
        return {at<row>(prefix)...};
    }
};

/// Names that another table knows: the engines and the frameworks there are.
Owners names_of(NameTable table)
{
    Owners names;
    if (table == NameTable::engine)
        for (const Engine* engine : engines())
            names.push_back(engine->id);
    if (table == NameTable::framework)
        for (const Framework& framework : frameworks())
            names.push_back(framework.id);
    return names;
}

class Table
{
public:
    template<const auto& options, auto... path>
    void add(std::string_view prefix, const Owners& engines = {}, const Owners& tasks = {})
    {
        for (ScenarioField& field :
             GroupRows<options, path...>::all(prefix, std::make_index_sequence<options.size()>())) {
            if (field.choices.empty())
                field.choices = names_of(field.names);
            if (field.engines.empty())
                field.engines = engines;
            if (field.tasks.empty())
                field.tasks = tasks;
            field.row = rows_.size();
            rows_.push_back(std::move(field));
        }
    }

    std::vector<ScenarioField> take() && { return std::move(rows_); }

private:
    std::vector<ScenarioField> rows_;
};

Owners owners(const OptionNames& names)
{
    return {names.begin(), names.end()};
}

std::vector<ScenarioField> all_fields()
{
    using S = Scenario;
    using I = InferenceChoice;
    using H = HardwareChoice;
    const Owners inference = {"inference"};
    Table table;
    table.add<task_options>("");
    table.add<precision_options, &S::precision>("precision.");
    table.add<compute_options, &S::precision>("precision.");
    table.add<workload_options, &S::inference>("inference.", {}, inference);
    table.add<generic_options, &S::inference>("inference.", {generic_engine}, inference);
    table.add<reported_memory_options, &S::inference>("inference.", owners(reported_memory_engines), inference);
    const Owners vllm = {VllmOptions::engine};
    table.add<vllm_options, &S::inference, &I::vllm>("inference.", vllm, inference);
    table.add<speculative_options, &S::inference, &I::vllm, &VllmOptions::speculative_config>(
        "inference.speculative_config.", vllm, inference);
    table.add<multimodal_options, &S::inference, &I::vllm, &VllmOptions::limit_mm_per_prompt>(
        "inference.limit_mm_per_prompt.", vllm, inference);
    table.add<sglang_options, &S::inference, &I::sglang>("inference.", {SglangOptions::engine}, inference);
    table.add<llama_cpp_options, &S::inference, &I::llama_cpp>("inference.", owners(LlamaCppOptions::engines),
                                                               inference);
    table.add<ollama_options, &S::inference, &I::ollama>("inference.", {OllamaOptions::engine}, inference);
    table.add<transformers_options, &S::inference, &I::transformers>("inference.", {TransformersOptions::engine},
                                                                     inference);
    table.add<call_options, &S::inference, &I::call>("inference.", Owners(call_engines.begin(), call_engines.end()),
                                                     inference);
    table.add<mlx_options, &S::inference, &I::mlx>("inference.", {MlxOptions::engine}, inference);
    table.add<exllamav3_options, &S::inference, &I::exllamav3>("inference.", {ExLlamaV3Options::engine}, inference);
    table.add<tensorrt_llm_options, &S::inference, &I::tensorrt_llm>("inference.", {TensorRtLlmOptions::engine},
                                                                     inference);
    table.add<lmdeploy_options, &S::inference, &I::lmdeploy>("inference.", {LmDeployOptions::engine}, inference);
    table.add<served_options, &S::inference, &I::served>("inference.", {}, inference);
    table.add<backend_options, &S::inference>("inference.", {}, inference);
    table.add<pace_options, &S::inference, &I::pace>("inference.", {}, inference);
    table.add<training_options, &S::fine_tune>("fine_tune.", {}, {"fine_tune"});
    table.add<training_options, &S::train>("train.", {}, {"train"});
    table.add<hardware_options, &S::hardware>("hardware.");
    table.add<host_options, &S::hardware, &H::host>("hardware.host.");
    table.add<link_options, &S::hardware, &H::links>("hardware.links.");
    table.add<decode_worker_options, &S::hardware>("hardware.", {}, inference);
    table.add<prefill_worker_options, &S::hardware, &H::prefill_workers>("hardware.prefill_workers.", {}, inference);
    table.add<request_options, &S::workload>("workload.", {}, inference);
    table.add<wanted_options, &S::wanted>("wanted.", {}, inference);
    table.add<price_options, &S::price>("price.");
    table.add<owned_options, &S::owned>("owned.");
    return std::move(table).take();
}

} // namespace

std::span<const ScenarioField> scenario_fields()
{
    static const std::vector<ScenarioField> fields = all_fields();
    return fields;
}

} // namespace weighbridge
