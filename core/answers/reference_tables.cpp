#include "core/answers/reference_tables.h"
#include "core/engines/inference.h"

#include "core/estimate/capacity.h"
#include "core/training/training.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace weighbridge {

namespace {

/// Of 8-bit and 4-bit weights the usual checkpoints of engines; their scales are counted.
constexpr std::array<std::string_view, reference_precisions> detailed_formats = {"bf16", "fp8", "gptq_4bit_g128"};
constexpr std::array<std::string_view, reference_precisions> book_formats = {"nominal:2", "nominal:1", "nominal:0.5"};

Bytes rounded(double bytes)
{
    return {std::llround(bytes)};
}

/// The appendix's configurations alone.
ConfigurationsPointer appendix_configurations()
{
    const ConfigurationsPointer all = standard_configurations();
    auto list = std::make_shared<std::vector<Configuration>>();
    for (const Configuration& configuration : *all)
        if (configuration.in_appendix)
            list->push_back(configuration);
    return list;
}

double usable_of(const Configuration& configuration, double share)
{
    return static_cast<double>(configuration.accelerator.capacity.count) *
           std::min(share, default_usable_fraction(configuration.accelerator));
}

/// The smallest configuration whose GPUs each hold what `bytes_on(gpus)` says one of so many needs.
template<class BytesOn>
std::optional<std::size_t> smallest_that(const ReferenceTables& tables, BytesOn bytes_on)
{
    std::map<std::int64_t, double> known; // configurations share their counts
    for (std::size_t index = 0; index < tables.configurations->size(); ++index) {
        const Configuration& configuration = (*tables.configurations)[index];
        const auto [place, is_new] = known.try_emplace(configuration.gpus);
        if (is_new)
            place->second = bytes_on(configuration.gpus);
        if (place->second <= usable_of(configuration, tables.choice.usable_share))
            return index;
    }
    return std::nullopt;
}

Scenario inference_scenario(const ReferenceChoice& choice, const Model& model, std::string_view format)
{
    Scenario scenario;
    scenario.precision.weights = format;
    scenario.inference.sequence_length = choice.context;
    if (choice.book_rules) {
        scenario.inference.parameters = model.parameters.total;
        scenario.inference.activation_method = "fraction";
        scenario.inference.overhead_bytes = 0;
    }
    return scenario;
}

class InferenceColumns
{
public:
    explicit InferenceColumns(const ReferenceTables& tables) : tables_(tables) {}

    void fill(ReferenceRow& row) const
    {
        const auto formats = reference_formats(tables_.choice);
        const std::vector<std::int64_t> ranks = tensor_parallel_choices(row.model->architecture);
        for (std::size_t i = 0; i < formats.size(); ++i)
            row.inference[i] = amount(*row.model, formats[i], ranks);
        fill_cache(row);
    }

private:
    ReferenceAmount amount(const Model& model, std::string_view format, const std::vector<std::int64_t>& ranks) const
    {
        ReferenceAmount amount;
        const Scenario scenario = inference_scenario(tables_.choice, model, format);
        const auto inputs = inference_inputs(scenario, model);
        if (!inputs) {
            amount.refusal = inputs.error().message;
            return amount;
        }
        const MemoryFigures figures = plan_of(*inputs)->figures();
        if (!(figures.total() <= largest_exact)) {
            amount.refusal = "it needs more bytes than are counted";
            return amount;
        }
        amount.states = rounded(figures.weights);
        amount.cache = rounded(figures.kv_cache);
        amount.activations = rounded(figures.activations);
        amount.overhead = rounded(figures.overhead);
        amount.total = amount.states + amount.cache + amount.activations + amount.overhead;
        amount.smallest = smallest_that(tables_, [&](std::int64_t gpus) {
            if (tables_.choice.book_rules)
                return figures.total() / static_cast<double>(gpus);
            const auto most = std::upper_bound(ranks.begin(), ranks.end(), gpus);
            return inference_bytes(with_tensor_parallel(*inputs, most == ranks.begin() ? 1 : *(most - 1)));
        });
        return amount;
    }

    void fill_cache(ReferenceRow& row) const
    {
        Scenario scenario = inference_scenario(tables_.choice, *row.model, "bf16");
        const auto inputs = inference_inputs(scenario, *row.model);
        if (!inputs)
            return;
        row.cache_per_token = cache_bytes_per_token(*inputs).value();
        for (std::size_t i = 0; i < reference_lengths.size(); ++i)
            row.cache[i] = rounded(plan_of(with_length(*inputs, reference_lengths[i]))->figures().kv_cache);
    }

    const ReferenceTables& tables_;
};

class TrainingColumns
{
public:
    explicit TrainingColumns(const ReferenceTables& tables) : tables_(tables) {}

    void fill(ReferenceRow& row) const
    {
        row.training = amount(*row.model, "train", "full");
        row.lora = amount(*row.model, "fine_tune", "lora");
        row.qlora = amount(*row.model, "fine_tune", "qlora");
    }

private:
    Scenario scenario_for(std::string_view task, std::string_view method) const
    {
        Scenario scenario;
        scenario.task = task;
        TrainingChoice& choice = task == "train" ? scenario.train : scenario.fine_tune;
        choice.method = method;
        choice.sequence_length = tables_.choice.training_length;
        choice.book_rules = tables_.choice.book_rules;
        if (tables_.choice.book_rules && method != "full")
            choice.lora_fraction = tables_.choice.lora_fraction;
        return scenario;
    }

    /// On so many GPUs, all data parallel; nothing where it is more than is counted.
    static std::optional<TrainingMemory> memory_of(Scenario& scenario, const Model& model, std::int64_t gpus)
    {
        scenario.hardware.data_parallel = gpus;
        TrainingChoice& choice = scenario.task == "train" ? scenario.train : scenario.fine_tune;
        choice.fsdp = gpus > 1;
        const auto inputs = training_inputs(scenario, model);
        if (!inputs || !(training_bytes_bound(*inputs) <= largest_exact))
            return std::nullopt;
        return training_memory(*inputs, false);
    }

    static bool is_activation(const Term& term) { return term.id == "activations" || term.id == "logits"; }

    static Bytes most_activations(const TrainingMemory& memory)
    {
        Bytes most;
        for (const Moment& moment : memory.stage().moments) {
            Bytes sum;
            for (const Term& term : moment.terms)
                if (is_activation(term))
                    sum += term.bytes;
            most = std::max(most, sum);
        }
        return most;
    }

    static double total_of(const TrainingMemory& memory)
    {
        return static_cast<double>(memory.allocated.count + memory.overhead.bytes.count);
    }

    ReferenceAmount amount(const Model& model, std::string_view task, std::string_view method) const
    {
        ReferenceAmount amount;
        Scenario scenario = scenario_for(task, method);
        for (const Issue& issue : check_training(scenario, model))
            if (issue.severity == Severity::error) {
                amount.refusal = issue.message;
                return amount;
            }
        const auto whole = memory_of(scenario, model, 1);
        if (!whole) {
            amount.refusal = "it needs more bytes than are counted";
            return amount;
        }
        for (const Term& term : whole->peak().terms)
            if (!is_activation(term))
                amount.states += term.bytes;
        amount.activations = most_activations(*whole);
        amount.total = {static_cast<std::int64_t>(total_of(*whole))};
        amount.overhead = whole->overhead.bytes;
        const double alone = total_of(*whole);
        amount.smallest = smallest_that(tables_, [&](std::int64_t gpus) {
            if (tables_.choice.book_rules)
                return alone / static_cast<double>(gpus);
            if (gpus == 1)
                return alone;
            const auto shared = memory_of(scenario, model, gpus);
            return shared ? total_of(*shared) : alone;
        });
        return amount;
    }

    const ReferenceTables& tables_;
};

} // namespace

std::span<const std::string_view> reference_models()
{
    static constexpr std::array<std::string_view, 7> presets = {
        "Mistral-7B-v0.1", "Meta-Llama-3-8B", "Qwen3-8B", "Meta-Llama-3-70B", "Llama-4-Maverick-17B-128E-Instruct",
        "Llama-3.1-405B",  "DeepSeek-V3"};
    return presets;
}

std::array<std::string_view, reference_precisions> reference_formats(const ReferenceChoice& choice)
{
    return choice.book_rules ? book_formats : detailed_formats;
}

ReferenceTables reference_tables(const std::vector<ModelPointer>& models, const ReferenceChoice& choice)
{
    ReferenceTables tables;
    tables.choice = choice;
    tables.configurations = appendix_configurations();
    tables.rows.reserve(models.size());
    const InferenceColumns inference(tables);
    const TrainingColumns training(tables);
    for (const ModelPointer& model : models) {
        ReferenceRow row;
        row.model = model;
        inference.fill(row);
        training.fill(row);
        tables.rows.push_back(std::move(row));
    }
    return tables;
}

} // namespace weighbridge
