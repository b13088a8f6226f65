#include "core/quantity/bytes.h"
#include "core/quantity/display.h"
#include "core/training/adapters.h"
#include "core/training/training.h"

#include <algorithm>

namespace weighbridge {

namespace {

class Checks
{
public:
    Checks(const Scenario& scenario, const Model& model)
        : scenario_(scenario), model_(model), choice_(*scenario.training()), hardware_(scenario.hardware)
    {
    }

    std::vector<Issue> all() &&
    {
        pipeline();
        experts();
        context();
        sharding();
        method();
        book();
        length();
        return std::move(issues_);
    }

private:
    std::string key(std::string_view name) const { return scenario_.task + "." + std::string(name); }

    void add(Severity severity, const std::string& field, std::int64_t value, const std::string& rest)
    {
        issues_.push_back({field, severity, field + " is " + grouped(value) + "; " + rest});
    }

    void pipeline()
    {
        const std::int64_t stages = hardware_.pipeline_parallel;
        const std::int64_t layers = model_.architecture.layers();
        if (stages > layers)
            return add(Severity::error, "hardware.pipeline_parallel", stages,
                       "it must be at most the " + grouped(layers) + " layers");
        const std::int64_t chunks = hardware_.virtual_pipeline;
        if (chunks > 1 && stages == 1)
            add(Severity::error, "hardware.virtual_pipeline", chunks, "it needs hardware.pipeline_parallel above 1");
        else if (chunks > 1 && layers % (stages * chunks) != 0)
            add(Severity::error, "hardware.virtual_pipeline", chunks,
                "times the " + grouped(stages) + " stages it must divide the " + grouped(layers) + " layers");
        if (stages > 1 && std::max(hardware_.num_microbatches, choice_.gradient_accumulation_steps) == 1)
            issues_.push_back({"hardware.num_microbatches", Severity::note,
                               "hardware.num_microbatches is 1: the figures are those of a full pipeline, " +
                                   grouped(stages) + " micro batches"});
    }

    void experts()
    {
        const std::int64_t ranks = hardware_.expert_parallel;
        if (ranks == 1)
            return;
        const MixtureOfExperts* experts = nullptr;
        for (const Layer& layer : model_.architecture.kinds)
            if (const auto* moe = first_of<MixtureOfExperts>(layer.feed_forwards))
                experts = moe;
        if (experts == nullptr)
            return add(Severity::error, "hardware.expert_parallel", ranks,
                       model_.name + " has no experts, so only 1 is allowed");
        if (experts->routed_experts % ranks != 0)
            add(Severity::error, "hardware.expert_parallel", ranks,
                "it must divide the " + grouped(experts->routed_experts) + " experts");
        const std::int64_t replicas = hardware_.data_parallel * hardware_.context_parallel;
        if (replicas % ranks != 0)
            add(Severity::error, "hardware.expert_parallel", ranks,
                "it must divide the " + grouped(replicas) + " data- and context-parallel ranks");
    }

    void context()
    {
        const std::int64_t ranks = hardware_.context_parallel;
        if (choice_.sequence_length % ranks != 0)
            add(Severity::error, "hardware.context_parallel", ranks,
                "it must divide " + key("sequence_length") + " of " + grouped(choice_.sequence_length));
        const std::int64_t tensor = hardware_.tensor_parallel;
        if (hardware_.sequence_parallel && tensor == 1)
            issues_.push_back({"hardware.sequence_parallel", Severity::warning,
                               "hardware.sequence_parallel has no effect without tensor parallelism"});
        else if (hardware_.sequence_parallel && (choice_.sequence_length / ranks) % tensor != 0)
            add(Severity::error, "hardware.tensor_parallel", tensor,
                "with sequence parallelism it must divide the " + grouped(choice_.sequence_length / ranks) +
                    " tokens of a rank");
    }

    void sharding()
    {
        const std::int64_t replicas = hardware_.data_parallel * hardware_.context_parallel;
        if (choice_.fsdp && choice_.zero_stage.value_or(0) > 0)
            add(Severity::error, key("zero_stage"), *choice_.zero_stage,
                "with " + key("fsdp") + " it must be 0 or left out: FSDP shards everything itself");
        if (choice_.shard_degree && (*choice_.shard_degree > replicas || replicas % *choice_.shard_degree != 0))
            add(Severity::error, key("shard_degree"), *choice_.shard_degree,
                "it must divide the " + grouped(replicas) + " data- and context-parallel ranks");
        const bool offloads_weights =
            std::find(choice_.offload.begin(), choice_.offload.end(), "parameters") != choice_.offload.end();
        if (const std::int64_t stage = choice_.zero_stage.value_or(0);
            offloads_weights && stage >= 1 && stage <= 2) // deepspeed/runtime/zero/config.py, offload_param
            add(Severity::error, key("zero_stage"), stage,
                "with parameters in " + key("offload") +
                    " it must be 3: DeepSpeed offloads only weights that it shards");
        if (choice_.zero_stage.value_or(0) > 1 && hardware_.pipeline_parallel > 1)
            add(Severity::error, key("zero_stage"), *choice_.zero_stage,
                "with pipeline parallelism it must be 0 or 1: stages keep gradients over their micro batches");
    }

    void method()
    {
        if (scenario_.precision.weights && !effective_weights(scenario_, model_))
            issues_.push_back({"precision.weights", Severity::warning, ignored_weights()});
        if (choice_.method == "full")
            return;
        if (choice_.optimizer == "lomo")
            issues_.push_back({key("optimizer"), Severity::warning,
                               key("optimizer") + " is \"lomo\", which is made for training every parameter"});
        const bool none = !choice_.lora_fraction && adapters_of(model_.tensors, choice_.lora_target_modules).empty();
        if (none)
            issues_.push_back({key("lora_target_modules"), Severity::error,
                               key("lora_target_modules") + " names no matrix that " + model_.name + " has"});
    }

    std::string ignored_weights() const
    {
        const std::string has = "precision.weights is \"" + *scenario_.precision.weights +
                                "\", which has no effect: " + key("method") + " \"" + choice_.method + "\" ";
        if (choice_.method == "full")
            return has + "trains every parameter, kept as " + key("precision_recipe") +
                   " says; a quantized base needs \"lora\" or \"qlora\"";
        return has + "quantizes it to bnb_nf4; \"lora\" keeps it";
    }

    void book()
    {
        const std::int64_t ranks = hardware_.tensor_parallel * hardware_.pipeline_parallel * hardware_.data_parallel *
                                   hardware_.context_parallel;
        if (choice_.book_rules && ranks > 1)
            issues_.push_back({key("book_rules"), Severity::warning,
                               key("book_rules") + " is true: the appendix's rules are of a whole model, so the " +
                                   grouped(ranks) + " GPUs are not shared out"});
    }

    void length()
    {
        const std::int64_t trained = model_.architecture.max_position_embeddings;
        if (trained > 0 && choice_.sequence_length > trained)
            issues_.push_back({key("sequence_length"), Severity::warning,
                               "the model was made for " + grouped(trained) + " tokens; at " +
                                   grouped(choice_.sequence_length) + " it needs RoPE scaling"});
        if (choice_.average_length && *choice_.average_length > choice_.sequence_length)
            add(Severity::error, key("average_length"), *choice_.average_length,
                "it must be at most " + key("sequence_length") + ", " + grouped(choice_.sequence_length));
        const auto inputs = training_inputs(scenario_, model_);
        const bool wrong = std::any_of(issues_.begin(), issues_.end(),
                                       [](const Issue& issue) { return issue.severity == Severity::error; });
        if (!inputs || wrong)
            return;
        if (!(training_bytes_bound(*inputs) <= largest_exact))
            issues_.push_back({key("sequence_length"), Severity::error,
                               key("sequence_length") + " " + grouped(choice_.sequence_length) + " with " +
                                   grouped(choice_.micro_batch_size) +
                                   " sequences needs more than 8 PiB per GPU, beyond what is computed exactly"});
    }

    const Scenario& scenario_;
    const Model& model_;
    const TrainingChoice& choice_;
    const HardwareChoice& hardware_;
    std::vector<Issue> issues_;
};

} // namespace

std::vector<Issue> check_training(const Scenario& scenario, const Model& model)
{
    return Checks(scenario, model).all();
}

} // namespace weighbridge
