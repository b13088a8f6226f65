#include "core/engines/engine.h"
#include "core/engines/inference.h"
#include "core/engines/version.h"
#include "core/estimate/capacity.h"
#include "core/estimate/machine.h"
#include "core/estimate/question.h"
#include "core/estimate/workload.h"
#include "core/fields/fields.h"
#include "core/quantity/display.h"
#include "core/training/training.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string>
#include <variant>

namespace weighbridge {

namespace {

class Findings
{
public:
    void error(std::string field, std::string message) { add(std::move(field), Severity::error, std::move(message)); }
    void warning(std::string field, std::string message)
    {
        add(std::move(field), Severity::warning, std::move(message));
    }
    void note(std::string field, std::string message) { add(std::move(field), Severity::note, std::move(message)); }

    void add(std::vector<Issue> issues)
    {
        issues_.insert(issues_.end(), std::move_iterator(issues.begin()), std::move_iterator(issues.end()));
    }

    std::vector<Issue> take() && { return std::move(issues_); }
    bool any_error() const
    {
        return std::any_of(issues_.begin(), issues_.end(),
                           [](const Issue& issue) { return issue.severity == Severity::error; });
    }

private:
    void add(std::string field, Severity severity, std::string message)
    {
        issues_.push_back({std::move(field), severity, std::move(message)});
    }

    std::vector<Issue> issues_;
};

void check_range(Findings& findings, std::string_view field, std::int64_t value, std::int64_t least, std::int64_t most)
{
    if (value < least || value > most)
        findings.error(std::string(field), std::string(field) + " is " + grouped(value) + "; it must be from " +
                                               grouped(least) + " to " + grouped(most));
}

void check_workload(Findings& findings, const Question& question)
{
    const InferenceChoice& inference = question.scenario.inference;
    const Engine* engine = find_engine(inference.engine);
    if (engine != nullptr && !engine->versions.empty() && !inference.engine_version.empty() &&
        !names_version(inference.engine_version) && inference.engine_version != engine->fork)
        findings.error("inference.engine_version",
                       "inference.engine_version is \"" + inference.engine_version +
                           "\"; it must be a version, a build or a date: 0.11, b8586, 2026-08" +
                           (engine->fork.empty() ? "" : ", " + std::string(engine->fork)));
    if (inference.sequence_length)
        check_range(findings, "inference.sequence_length", *inference.sequence_length, 1, most_tokens);
    check_range(findings, "inference.concurrent_sequences", inference.concurrent_sequences, 1, most_sequences);
    const bool counted_by_hand = inference.parameters && engine != nullptr && engine->takes_formulas;
    if (counted_by_hand)
        check_range(findings, "inference.parameters", *inference.parameters, 1, most_parameters);

    const std::int64_t tokens = engine != nullptr ? request_tokens(*engine, inference) : inference.tokens();
    if (const auto limit = engine != nullptr ? request_limit(*engine, inference) : std::nullopt;
        limit && tokens > limit->tokens)
        findings.error("inference.sequence_length", "inference.sequence_length is " + grouped(tokens) + ", and " +
                                                        std::string(limit->key) + " " + grouped(limit->tokens) + "; " +
                                                        std::string(engine->name) + " takes no longer request");
    const std::int64_t trained = question.model->architecture.max_position_embeddings;
    if (trained > 0 && tokens > trained)
        findings.warning("inference.sequence_length", "the model was made for " + grouped(trained) + " tokens; at " +
                                                          grouped(tokens) +
                                                          " it needs a longer-context variant or RoPE scaling");
    if (counted_by_hand && *inference.parameters != question.model->parameters.total)
        findings.warning("inference.parameters", "weights are those of a typed count of " +
                                                     grouped(*inference.parameters) + "; this architecture has " +
                                                     grouped(question.model->parameters.total));
}

/// Web form rules: the tensor parallelism divides heads and hidden size. Key/value heads are divided or held in copies,
/// so one must be a multiple of the other.
void check_tensor_parallel(Findings& findings, const Question& question)
{
    const std::string field = "hardware.tensor_parallel";
    const Architecture& architecture = question.model->architecture;
    const std::int64_t ranks = question.scenario.hardware.tensor_parallel;
    check_range(findings, field, ranks, 1, most_ranks);
    if (ranks < 1)
        return;
    const auto must_divide = [&](std::int64_t whole, const std::string& what) {
        if (whole % ranks == 0)
            return true;
        findings.error(field, field + " is " + grouped(ranks) + "; it must divide the " + what);
        return false;
    };
    const auto should_divide = [&](std::int64_t whole, const std::string& what) {
        if (whole > 0 && whole % ranks != 0)
            findings.warning(field, field + " " + grouped(ranks) + " does not divide the " + what + " of " +
                                        grouped(whole) + "; engines pad or refuse it, the figures are the even share");
    };
    if (!must_divide(architecture.hidden_size, "hidden size of " + grouped(architecture.hidden_size)))
        return;
    const auto keys_allow = [&](std::int64_t kv_heads) {
        if (kv_heads == 0 || kv_heads % ranks == 0 || ranks % kv_heads == 0)
            return true;
        findings.error(field, field + " is " + grouped(ranks) + "; it must divide the " + grouped(kv_heads) +
                                  " key/value heads or be a multiple of them");
        return false;
    };
    for (const Layer& layer : architecture.kinds) {
        for (const Mixer& mixer : layer.mixers) {
            const auto shared = attention_heads(mixer);
            if (shared && (!must_divide(shared->heads, grouped(shared->heads) + " attention heads") ||
                           !keys_allow(shared->kv_heads)))
                return;
            if (const auto* recurrent = std::get_if<Recurrent>(&mixer))
                should_divide(recurrent->heads, "heads of " + std::string(recurrent_name(recurrent->kind)));
        }
        for (const FeedForward& network : layer.feed_forwards) {
            if (const auto* dense = std::get_if<DenseFeedForward>(&network))
                should_divide(dense->intermediate_size, "intermediate size");
            else if (const auto* moe = std::get_if<MixtureOfExperts>(&network))
                should_divide(moe->expert_intermediate_size, "expert size");
        }
    }
}

void check_layout(Findings& findings, const Question& question)
{
    const HardwareChoice& hardware = question.scenario.hardware;
    const Engine* engine = find_engine(question.scenario.inference.engine);
    const auto only_one = [&](std::string_view key, std::int64_t value, std::string_view what) {
        if (value != 1)
            findings.error(std::string(key), std::string(key) + " is " + grouped(value) + "; engine \"" +
                                                 question.scenario.inference.engine + "\" has no " + std::string(what) +
                                                 ", so only 1 is allowed");
    };
    if (engine == nullptr || !engine->pipelines)
        only_one("hardware.pipeline_parallel", hardware.pipeline_parallel, "pipeline parallelism");
    else
        check_range(findings, "hardware.pipeline_parallel", hardware.pipeline_parallel, 1,
                    std::min<std::int64_t>(most_ranks, question.model->architecture.layers()));
    if (engine == nullptr || !engine->replicates) {
        only_one("hardware.data_parallel", hardware.data_parallel, "data parallelism");
        only_one("hardware.expert_parallel", hardware.expert_parallel, "expert parallelism");
    }
    only_one("hardware.context_parallel", hardware.context_parallel, "context parallelism outside of training");
    only_one("hardware.virtual_pipeline", hardware.virtual_pipeline, "interleaved stages, which are part of training");
    only_one("hardware.num_microbatches", hardware.num_microbatches, "micro batches, which are part of training");
    check_range(findings, "hardware.data_parallel", hardware.data_parallel, 1, most_ranks);
    check_range(findings, "hardware.expert_parallel", hardware.expert_parallel, 1, most_ranks);
    if (hardware.expert_parallel > 1 && !has_experts(question.model->architecture))
        findings.error("hardware.expert_parallel", "hardware.expert_parallel is " + grouped(hardware.expert_parallel) +
                                                       "; this network has no experts to share out");
    if (hardware.sequence_parallel)
        findings.error("hardware.sequence_parallel",
                       "hardware.sequence_parallel is true; it belongs to training, and task is \"inference\"");
}

/// Options of other engines and tasks are kept, and have no effect. Few are ever set, so that is asked first: this runs
/// at every key press.
void check_options(Findings& findings, const Scenario& scenario)
{
    const std::string engine = "engine \"" + scenario.inference.engine + "\"";
    const std::string task = "task \"" + scenario.task + "\"";
    for (const ScenarioField& field : scenario_fields())
        if (!is_default(scenario, field) && !is_read(scenario, field))
            findings.warning(std::string(field.key), (scenario.task == "inference" ? engine : task) + " ignores " +
                                                         std::string(field.key) + ", an option of " +
                                                         owners_text(field));
}

void check_count(Findings& findings, const HardwareChoice& hardware, std::int64_t gpus)
{
    std::int64_t listed = 0;
    for (const DeviceGroup& group : hardware.devices)
        listed += group.count;
    if (listed > 0 && listed < gpus)
        findings.error("hardware.devices",
                       "hardware.devices has " + grouped(listed) + " GPUs; the parallelism needs " + grouped(gpus));
    if (hardware.count && *hardware.count < gpus)
        findings.error("hardware.count", "hardware.count is " + grouped(*hardware.count) + "; the parallelism needs " +
                                             grouped(gpus) + " GPUs");
}

/// How much of a memory that the CPU shares is counted on, and why.
void note_shared_memory(Findings& findings, const HardwareChoice& hardware, const Accelerator& accelerator,
                        bool own_share)
{
    const bool mac = accelerator.platform == "metal";
    if (hardware.wired_limit_mb && !(mac && hardware.accelerator == accelerator.id))
        findings.warning("hardware.wired_limit_mb",
                         "hardware.wired_limit_mb has no effect: " + accelerator.name + " is no Mac of the catalogue");
    else if (hardware.wired_limit_mb && static_cast<double>(*hardware.wired_limit_mb) * 1024 * 1024 >
                                            static_cast<double>(accelerator.capacity.count))
        findings.error("hardware.wired_limit_mb", "hardware.wired_limit_mb is " + grouped(*hardware.wired_limit_mb) +
                                                      " MiB; " + accelerator.name + " has " +
                                                      in_unit(accelerator.capacity, ByteUnit::gib) + " in all");
    if (!accelerator.unified_memory || hardware.wired_limit_mb || (!own_share && hardware.usable_fraction))
        return;
    if (own_share && accelerator.platform == "cuda") {
        findings.note("hardware.memory_in_use_gib",
                      accelerator.name + " shares its memory with the CPU, and CUDA reports all of it: what the system "
                                         "takes is hardware.memory_in_use_gib");
        return;
    }
    findings.note("hardware.usable_fraction",
                  accelerator.name + " shares its memory with the CPU: " +
                      percent_text(default_usable_fraction(accelerator)) + " of it are counted on" +
                      (mac ? ", as macOS 26 lets a GPU have; before it was less (67 % up to 36 GB, 75 % above), and "
                             "iogpu.wired_limit_mb changes it (hardware.wired_limit_mb)"
                           : ""));
}

void check_hardware(Findings& findings, const Question& question)
{
    const HardwareChoice& hardware = question.scenario.hardware;
    const Accelerator& accelerator = question.accelerator;
    check_tensor_parallel(findings, question);
    if (question.scenario.training() == nullptr)
        check_layout(findings, question);
    else
        check_count(findings, hardware,
                    hardware.tensor_parallel * hardware.pipeline_parallel * hardware.data_parallel *
                        hardware.context_parallel);
    if (hardware.usable_fraction && !(*hardware.usable_fraction > 0 && *hardware.usable_fraction <= 1))
        findings.error("hardware.usable_fraction", "hardware.usable_fraction must be above 0 and at most 1");
    if (accelerator.capacity.count <= 0)
        findings.error("hardware.accelerator", "the memory of \"" + accelerator.name + "\" must be above 0");
    else if (!accelerator.capacity_from_driver && accelerator.id != "custom")
        findings.note("hardware.accelerator",
                      "no driver figure of " + accelerator.name +
                          " is known: its capacity is the marketed size, which drivers usually undercut");
    const Engine* engine = find_engine(question.scenario.inference.engine);
    const bool own_share =
        question.scenario.training() == nullptr && engine != nullptr && !engine->memory_share_key.empty();
    if (own_share && hardware.usable_fraction)
        findings.warning("hardware.usable_fraction",
                         "hardware.usable_fraction has no effect: " + std::string(engine->name) +
                             " takes its own share of the memory, " + std::string(engine->memory_share_key));
    note_shared_memory(findings, hardware, accelerator, own_share);
}

/// Sequences at a time where the workload's requests say it.
std::optional<std::int64_t> sequences_of_workload(const Scenario& scenario, const InferenceInputs& load)
{
    if (!scenario.workload.concurrent_requests)
        return std::nullopt;
    InferenceInputs one = load;
    one.concurrent_sequences = 1;
    return running_sequences(scenario, *plan_of(std::move(one)));
}

/// What the engine itself has to say; and whatever fits in the exact range of the arithmetic: beyond it no figure is
/// shown.
PlanPointer plan_with_engine(Findings& findings, const Question& question)
{
    auto load = inference_inputs(question.scenario, *question.model, &question.accelerator);
    if (!load)
        findings.error(load.error().field, load.error().message);
    if (findings.any_error())
        return nullptr;
    load->memory_in_use = static_cast<double>(question.memory_in_use.count);
    if (!question.devices.empty() && load->engine->splits_layers)
        load->devices = &question.devices;
    if (!question.scenario.inference.sequence_length && load->engine->usual_tokens != nullptr)
        load->sequence_length = load->engine->usual_tokens(*load);
    if (const auto running = sequences_of_workload(question.scenario, *load))
        load->concurrent_sequences = *running;
    PlanPointer plan = plan_of(std::move(*load));
    findings.add(plan->issues());
    check_count(findings, question.scenario.hardware, plan->gpus());
    if (findings.any_error())
        return nullptr;
    if (!(plan->figures().total() <= largest_exact))
        findings.error("inference.sequence_length",
                       "inference.sequence_length " + grouped(plan->load().sequence_length) + " with " +
                           grouped(question.scenario.inference.concurrent_sequences) +
                           " sequences needs more than 8 PiB per GPU, beyond what is computed exactly");
    return plan;
}

std::optional<TrainingInputs> step_with_framework(Findings& findings, const Question& question)
{
    findings.add(check_training(question.scenario, *question.model));
    if (findings.any_error())
        return std::nullopt;
    auto step = training_inputs(question.scenario, *question.model, &question.accelerator);
    if (step)
        return std::move(*step);
    findings.error(step.error().field, step.error().message);
    return std::nullopt;
}

} // namespace

Examined examine(Question asked)
{
    Findings findings;
    if (!asked.model) {
        findings.error("model", "there is no model");
        return {std::move(findings).take(), std::nullopt};
    }
    Checked checked;
    checked.asked_ = asked.scenario;
    findings.add(take_machine(asked));
    if (findings.any_error())
        return {std::move(findings).take(), std::nullopt};
    if (asked.scenario.training() == nullptr) {
        findings.add(check_requests(asked.scenario));
        take_lengths(asked.scenario);
    }
    auto kept = std::make_shared<const Question>(std::move(asked));
    const Question& question = *kept;
    const bool training = question.scenario.training() != nullptr;
    if (!training)
        check_workload(findings, question);
    check_hardware(findings, question);
    check_options(findings, question.scenario);
    if (training)
        checked.step_ = step_with_framework(findings, question);
    else
        checked.plan_ = plan_with_engine(findings, question);
    const bool refused = findings.any_error();
    std::vector<Issue> issues = std::move(findings).take();
    issues.insert(issues.end(), question.model->issues.begin(), question.model->issues.end());
    std::stable_sort(issues.begin(), issues.end(),
                     [](const Issue& a, const Issue& b) { return a.severity > b.severity; });
    if (refused)
        return {std::move(issues), std::nullopt};
    checked.question_ = std::move(kept);
    checked.issues_ = issues;
    return {std::move(issues), std::move(checked)};
}

Result<Checked> check(Question question)
{
    Examined examined = examine(std::move(question));
    if (examined.checked)
        return std::move(*examined.checked);
    const Issue& error = examined.issues.front(); // the grave ones come first
    return Error{error.field, error.message};
}

std::vector<Issue> validate(const Question& question)
{
    return examine(question).issues;
}

} // namespace weighbridge
