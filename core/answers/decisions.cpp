#include "core/answers/decisions.h"

#include "core/engines/engine.h"
#include "core/fields/fields.h"
#include "core/training/state.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weighbridge {

namespace {

struct TermOfStep
{
    std::string_view term;
    DecisionStep step;
};

/// Terms that are not here grow with tokens.
constexpr std::array<TermOfStep, 5> terms_of_steps = {{
    {"weights", DecisionStep::model},
    {"adapters", DecisionStep::model},
    {"gradients", DecisionStep::model},
    {"optimizer", DecisionStep::model},
    {"overhead", DecisionStep::hardware},
}};

/// A row of the table of alternatives: what of, and where it means anything.
struct AlternativeRow
{
    std::string_view task;
    bool gguf = false; ///< for engines that load GGUF, or for the others
    std::string_view key;
    std::string_view value;
    std::string_view label;
};

constexpr std::array alternative_rows = {
    AlternativeRow{"inference", false, "precision.weights", "bf16", "Weights in BF16"},
    AlternativeRow{"inference", false, "precision.weights", "fp8", "Weights in FP8"},
    AlternativeRow{"inference", false, "precision.weights", "nvfp4", "Weights in NVFP4"},
    AlternativeRow{"inference", false, "precision.weights", "gptq_4bit_g128", "Weights in 4 bits (GPTQ)"},
    AlternativeRow{"inference", true, "precision.weights", "gguf:Q8_0", "Weights in GGUF Q8_0"},
    AlternativeRow{"inference", true, "precision.weights", "gguf:Q5_K_M", "Weights in GGUF Q5_K_M"},
    AlternativeRow{"inference", true, "precision.weights", "gguf:Q4_K_M", "Weights in GGUF Q4_K_M"},
    AlternativeRow{"fine_tune", false, "fine_tune.method", "full", "Every parameter"},
    AlternativeRow{"fine_tune", false, "fine_tune.method", "lora", "LoRA"},
    AlternativeRow{"fine_tune", false, "fine_tune.method", "qlora", "QLoRA, the network in 4 bits"},
    AlternativeRow{"fine_tune", false, "fine_tune.fsdp", "true", "Sharded over the GPUs (FSDP)"},
    AlternativeRow{"train", false, "train.fsdp", "true", "Sharded over the GPUs (FSDP)"},
    AlternativeRow{"train", false, "train.optimizer", "adamw_8bit", "AdamW with 8-bit states"},
    AlternativeRow{"train", false, "train.recompute", "full", "All activations computed again"},
};

bool concerns(const AlternativeRow& row, const Scenario& scenario)
{
    if (row.task != scenario.task)
        return false;
    if (row.task != "inference")
        return true;
    const Engine* engine = find_engine(scenario.inference.engine);
    return (engine != nullptr && engine->loads_gguf) == row.gguf;
}

double whole_elements(const std::vector<TrainedTensor>& trained)
{
    double sum = 0;
    for (const TrainedTensor& tensor : trained)
        sum += tensor.whole_elements;
    return sum;
}

void add_cost(std::vector<ParameterCost>& costs, std::string_view label, double bytes, double parameters)
{
    if (bytes > 0 && parameters > 0)
        costs.push_back({label, bytes / parameters, parameters});
}

/// On one GPU, so that what a rank holds is what there is.
void take_training_costs(Decisions& decisions, const TrainingInputs& inputs)
{
    const Model& model = *inputs.model;
    const std::vector<TrainedTensor> trained = trained_tensors(inputs, model);
    const double count = whole_elements(trained);
    decisions.trained_parameters = count;
    std::vector<ParameterCost>& costs = decisions.per_parameter;
    const std::string_view weights = inputs.frozen_base ? "Frozen weights" : "Weights";
    add_cost(costs, weights, total_of(resident_weights(inputs, model)), static_cast<double>(model.parameters.total));
    add_cost(costs, "Adapters", total_of(adapter_weights(inputs, trained)), count);
    add_cost(costs, "Gradients", total_of(gradients(inputs, trained)), count);
    add_cost(costs, "Master weights", total_of(master_weights(inputs, trained)), count);
    add_cost(costs, "Optimizer states", total_of(optimizer_states(inputs, trained)), count);
}

/// A count that was typed in takes the place of the model's own.
void take_inference_costs(Decisions& decisions, const InferenceInputs& load)
{
    const Estimate& whole = *decisions.whole;
    const std::int64_t parameters = load.parameters.value_or(whole.model->parameters.total);
    if (const Term* weights = find_term(whole.terms, "weights"))
        add_cost(decisions.per_parameter, "Weights", static_cast<double>(weights->bytes.count),
                 static_cast<double>(parameters));
}

Bytes context_of(const std::vector<Term>& terms)
{
    Bytes sum;
    for (const Term& term : terms)
        if (decided_by(term.id) == DecisionStep::context)
            sum += term.bytes;
    return sum;
}

/// An optimizer step may need more than the activations did, which are gone by then.
void find_context_moment(Decisions& decisions)
{
    decisions.context_most = decisions.by_context;
    if (!decisions.whole->training)
        return;
    for (const Moment& moment : decisions.whole->training->stage().moments) {
        const Bytes bytes = context_of(moment.terms);
        if (decisions.context_moment != nullptr && bytes <= decisions.context_most)
            continue;
        decisions.context_most = bytes;
        decisions.context_moment = &moment;
    }
}

void sum_by_step(Decisions& decisions)
{
    decisions.by_context = context_of(decisions.whole->terms);
    for (const Term& term : decisions.whole->terms) {
        const DecisionStep step = decided_by(term.id);
        if (step == DecisionStep::model)
            decisions.by_model += term.bytes;
        else if (step == DecisionStep::hardware)
            decisions.beside += term.bytes;
    }
    const double rest = static_cast<double>(decisions.by_model.count) + static_cast<double>(decisions.by_context.count);
    decisions.book_total_low = rest * (1 + decisions.overhead.least);
    decisions.book_total_high = rest * (1 + decisions.overhead.most);
}

} // namespace

DecisionStep decided_by(std::string_view term_id)
{
    const auto* found = std::find_if(terms_of_steps.begin(), terms_of_steps.end(),
                                     [&](const TermOfStep& row) { return row.term == term_id; });
    return found != terms_of_steps.end() ? found->step : DecisionStep::context;
}

double Decisions::overhead_share() const
{
    const double rest = static_cast<double>(by_model.count) + static_cast<double>(by_context.count);
    return rest > 0 ? static_cast<double>(beside.count) / rest : 0;
}

Scenario before_hardware(Scenario scenario)
{
    HardwareChoice& hardware = scenario.hardware;
    take_kind(hardware, hardware.accelerator);
    hardware.usable_fraction.reset();
    hardware.tensor_parallel = hardware.pipeline_parallel = hardware.data_parallel = 1;
    hardware.context_parallel = hardware.expert_parallel = hardware.virtual_pipeline = 1;
    hardware.sequence_parallel = false;
    reset_layout(scenario.inference);
    scenario.fine_tune.shard_degree.reset();
    scenario.train.shard_degree.reset();
    return scenario;
}

Question before_hardware(Question question)
{
    question.scenario = before_hardware(std::move(question.scenario));
    return question;
}

Result<DecisionsPointer> decide(const Question& question)
{
    Question asked = before_hardware(question);
    asked.comparisons = std::make_shared<const std::vector<Accelerator>>(); // nobody asks what else it fits
    const Result<Checked> checked = check(std::move(asked));
    if (!checked)
        return checked.error();
    auto decisions = std::make_shared<Decisions>();
    decisions->whole = estimate(*checked);
    const Scenario& scenario = decisions->whole->scenario;
    decisions->overhead = book_overhead(scenario.training() != nullptr);
    if (scenario.training() != nullptr)
        take_training_costs(*decisions, checked->step());
    else
        take_inference_costs(*decisions, checked->plan().load());
    sum_by_step(*decisions);
    find_context_moment(*decisions);
    return DecisionsPointer(std::move(decisions));
}

std::vector<const Recommendation*> eligible(const Recommendations& recommendations, const Scenario& scenario)
{
    const TrainingChoice* choice = scenario.training();
    const bool one_gpu = choice != nullptr && choice->book_rules;
    std::vector<const Recommendation*> rows;
    rows.reserve(recommendations.rows.size());
    for (const Recommendation& row : recommendations.rows)
        if (row.fits && (!one_gpu || row.gpus_used == 1))
            rows.push_back(&row);
    return rows;
}

std::vector<TierObjection> objections_to(const BookTier& tier, const Recommendations& recommendations)
{
    std::vector<TierObjection> objections;
    for (const std::string_view id : tier.accelerators) { // an empty id is no accelerator's
        const auto row = std::find_if(recommendations.rows.begin(), recommendations.rows.end(),
                                      [&](const Recommendation& candidate) {
                                          const Configuration& configuration = recommendations.configuration(candidate);
                                          return configuration.gpus == 1 && configuration.accelerator.id == id;
                                      });
        if (row == recommendations.rows.end() || row->fits)
            continue;
        const Accelerator& accelerator = recommendations.configuration(*row).accelerator;
        objections.push_back({accelerator.card_name(), row->refusal, row->needed, row->usable});
    }
    return objections;
}

std::string refused_everywhere(const Recommendations& recommendations)
{
    const std::vector<Recommendation>& rows = recommendations.rows;
    if (rows.empty())
        return {};
    const std::string& first = rows.front().refusal;
    const bool all =
        std::all_of(rows.begin(), rows.end(), [&](const Recommendation& row) { return row.refusal == first; });
    return all ? first : std::string();
}

Scenario placed_on(const Scenario& scenario, const Configuration& configuration, const Recommendation& row)
{
    Scenario placed = before_hardware(scenario);
    HardwareChoice& hardware = placed.hardware;
    if (hardware.accelerator != configuration.accelerator.id)
        placed.inference.total_memory_bytes.reset(); // that was of another device
    hardware.accelerator = configuration.accelerator.id;
    hardware.tensor_parallel = row.tensor_parallel;
    hardware.pipeline_parallel = row.pipeline_parallel;
    hardware.data_parallel = row.data_parallel;
    hardware.context_parallel = row.context_parallel;
    return placed;
}

bool is_placed_on(const Scenario& scenario, const Configuration& configuration, const Recommendation& row)
{
    const HardwareChoice& hardware = scenario.hardware;
    return hardware.accelerator == configuration.accelerator.id && hardware.tensor_parallel == row.tensor_parallel &&
           hardware.pipeline_parallel == row.pipeline_parallel && hardware.data_parallel == row.data_parallel &&
           hardware.context_parallel == row.context_parallel;
}

std::vector<Alternative> alternatives(const Question& question)
{
    std::vector<Alternative> list;
    list.reserve(alternative_rows.size());
    for (const AlternativeRow& row : alternative_rows) {
        const ScenarioField* field = concerns(row, question.scenario) ? field_named(row.key) : nullptr;
        if (field == nullptr)
            continue;
        Alternative alternative{row.key, row.value, row.label, {}};
        if (row.key == "precision.weights")
            alternative.remark = book_advice(row.value, question.model->parameters.total);
        alternative.chosen = row.key == "precision.weights"
                                 ? base_weights(question.scenario, *question.model) == row.value
                                 : field_text(question.scenario, *field) == row.value;
        list.push_back(alternative);
    }
    return list;
}

Result<Question> with_alternative(const Question& question, const Alternative& alternative)
{
    Question changed = question;
    if (const Outcome problem = set_field(changed.scenario, alternative.key, alternative.value))
        return *problem;
    return changed;
}

} // namespace weighbridge
