#include "core/quantity/bytes.h"
#include "core/quantity/display.h"
#include "core/training/adapters.h"
#include "core/training/freeze.h"
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
        framework();
        trainer();
        parts();
        networks();
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

    /// Megatron may count the embedding and the loss as a layer each (account_for_embedding_in_pipeline_split and
    /// account_for_loss_in_pipeline_split in transformer_config.py).
    static bool divides_evenly(std::int64_t layers, std::int64_t chunks)
    {
        return layers % chunks == 0 || (layers + 1) % chunks == 0 || (layers + 2) % chunks == 0;
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
        else if (chunks > 1 && stages * chunks > layers)
            add(Severity::error, "hardware.virtual_pipeline", chunks,
                "times the " + grouped(stages) + " stages it must be at most the " + grouped(layers) + " layers");
        else if (chunks > 1 && !divides_evenly(layers, stages * chunks))
            issues_.push_back({"hardware.virtual_pipeline", Severity::warning,
                               "hardware.virtual_pipeline " + grouped(chunks) + " times the " + grouped(stages) +
                                   " stages does not divide the " + grouped(layers) +
                                   " layers: a layout of one's own says which chunk has fewer, the figures are those "
                                   "of even chunks"});
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
        // Megatron core parallel_state.py: experts have groups of their own over all ranks of a pipeline stage.
        const std::int64_t all = hardware_.data_parallel * hardware_.context_parallel * hardware_.tensor_parallel;
        const std::int64_t split = hardware_.expert_tensor_parallel.value_or(hardware_.tensor_parallel);
        if (all % split != 0)
            add(Severity::error, "hardware.expert_tensor_parallel", split,
                "it must divide the " + grouped(all) + " tensor-, data- and context-parallel ranks");
        else if ((all / split) % ranks != 0)
            add(Severity::error, "hardware.expert_parallel", ranks,
                hardware_.expert_tensor_parallel
                    ? "times hardware.expert_tensor_parallel it must divide the " + grouped(all) +
                          " tensor-, data- and context-parallel ranks"
                    : "it must divide the " + grouped(all / split) + " data- and context-parallel ranks");
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

    void warn(std::string_view name, const std::string& message)
    {
        issues_.push_back({key(name), Severity::warning, message});
    }

    void framework()
    {
        const auto inputs = training_inputs(scenario_, model_);
        if (!inputs)
            return issues_.push_back({inputs.error().field, Severity::error, inputs.error().message});
        if (!inputs->framework->assumed.empty())
            warn("framework", std::string(inputs->framework->assumed));
        if (choice_.fsdp && inputs->frozen_base && inputs->framework->uses_transformers && inputs->fsdp_version == 1 &&
            !inputs->keeps_boundaries && choice_.framework_version.empty() && inputs->recompute.kind == Recompute::full)
            warn("framework_version", "with transformers before 4.53 FSDP1 keeps every layer's input and its gradient "
                                      "over a frozen network: " +
                                          grouped(static_cast<std::int64_t>(2 * inputs->hidden_bytes) *
                                                  model_.architecture.hidden_size * model_.architecture.layers()) +
                                          " bytes per token more; " + key("framework_version") +
                                          " says which one it is");
        if (choice_.cross_entropy_loss_fusion.value_or(false) && !inputs->framework->transformer_engine)
            warn("cross_entropy_loss_fusion", key("cross_entropy_loss_fusion") + " is Megatron's; " +
                                                  std::string(inputs->framework->label) + " calls it " + key("loss") +
                                                  " \"fused\"");
        if (choice_.attention == "flex")
            warn("attention", key("attention") + " is \"flex\": counted as flash attention, its block mask is not");
    }

    void trainer()
    {
        const auto inputs = training_inputs(scenario_, model_);
        if (!inputs)
            return;
        const Trainer& row = *inputs->trainer;
        const std::int64_t batch =
            choice_.micro_batch_size * choice_.gradient_accumulation_steps * hardware_.data_parallel;
        if (row.generates && choice_.num_generations && batch % *choice_.num_generations != 0)
            add(Severity::error, key("num_generations"), *choice_.num_generations,
                "it must divide the " + grouped(batch) + " completions of a generation's batch");
        if (row.logits == LogitsOf::completion && !choice_.max_completion_length && !choice_.max_prompt_length)
            warn("max_completion_length", key("trainer") + " \"" + std::string(row.id) +
                                              "\" takes logits of the completion alone; its length is not said, so all "
                                              "tokens are counted");
        if (row.logits == LogitsOf::none)
            warn("trainer", key("trainer") + " \"" + std::string(row.id) +
                                "\" has a small head in place of the network's own; the weights still count that one");
        const std::string& reference = choice_.reference_model;
        if (reference == "host" || reference == "precomputed")
            warn("reference_model", key("reference_model") + " is \"" + reference +
                                        "\": the reference takes no memory of this GPU while it trains");
    }

    void parts()
    {
        for (const std::string& part : choice_.freeze) {
            const auto layers = frozen_layers(part);
            if (!is_part(part))
                issues_.push_back({key("freeze"), Severity::error,
                                   key("freeze") + " names \"" + part +
                                       "\"; it may be tower, projector, language_model, embeddings, head, experts or "
                                       "layers:A-B"});
            else if (layers && layers->second >= model_.architecture.layers())
                issues_.push_back({key("freeze"), Severity::error,
                                   key("freeze") + " names \"" + part + "\"; " + model_.name + " has layers 0 to " +
                                       grouped(model_.architecture.layers() - 1)});
        }
    }

    void networks()
    {
        const auto inputs = training_inputs(scenario_, model_);
        if (!inputs)
            return;
        if (inputs->trainer->teacher && choice_.teacher_model == "none")
            warn("teacher_model",
                 key("teacher_model") + " is not said: the teacher's weights are not counted, its logits are");
        if (inputs->trainer->critic && choice_.reward_model == "none")
            warn("reward_model", key("reward_model") + " is not said: completions are rated elsewhere");
        const bool apart = std::any_of(inputs->beside.begin(), inputs->beside.end(),
                                       [](const SideNetwork& side) { return side.trained && !side.together; });
        if (apart)
            warn("critic_model", "the critic is trained in a turn of its own, in which its gradients and activations "
                                 "take the place of the policy's: only its weights and states are counted");
        if (choice_.pipeline_schedule == "interleaved" && hardware_.virtual_pipeline <= 1)
            issues_.push_back(
                {key("pipeline_schedule"), Severity::error,
                 key("pipeline_schedule") + " is \"interleaved\"; it needs hardware.virtual_pipeline above 1"});
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
        if (choice_.length_distribution != "exact" && !least_share(choice_.length_distribution))
            issues_.push_back({key("length_distribution"), Severity::error,
                               key("length_distribution") + " is \"" + choice_.length_distribution +
                                   "\"; it must be exact or uniform:X with X from 0 to 1"});
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
