#include "core/engines/vllm/checks.h"

#include "core/engines/inference.h"
#include "core/engines/vllm/backends.h"
#include "core/engines/vllm/drafts.h"
#include "core/quantity/display.h"
#include "core/quantity/nearest.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace weighbridge::vllm {

namespace {

void check_context_parallel(std::vector<Issue>& issues, const InferenceInputs& inputs, const Settings& settings)
{
    const std::int64_t ranks = settings.decode_context_parallel;
    if (ranks == 1)
        return;
    const std::string key = "inference.decode_context_parallel_size";
    std::int64_t most = settings.tensor_parallel;
    for (const CacheRun& run : inputs.model->cache) {
        most = std::min(most, settings.tensor_parallel / std::max<std::int64_t>(1, run.kv_heads));
        if (run.kind == CacheKind::windowed)
            issues.push_back({key, Severity::error,
                              key + " is " + grouped(ranks) + "; vLLM has none for layers with a sliding window"});
    }
    if (ranks > most || settings.tensor_parallel % ranks != 0)
        issues.push_back({key, Severity::error,
                          key + " is " + grouped(ranks) + "; it must divide hardware.tensor_parallel " +
                              grouped(settings.tensor_parallel) + " and be at most " +
                              grouped(std::max<std::int64_t>(1, most)) + ", the ranks that hold the same heads"});
}

/// Experts are shared out over the ranks of all replicas, or not at all; replicas are said once.
void check_replicas(std::vector<Issue>& issues, const InferenceInputs& load, const Settings& settings)
{
    const auto refuse = [&](std::string_view field, std::string message) {
        issues.push_back({std::string(field), Severity::error, std::move(message)});
    };
    const HardwareChoice& hardware = *load.hardware;
    const std::int64_t ranks = settings.tensor_parallel * settings.data_parallel;
    if (hardware.expert_parallel > 1 && hardware.expert_parallel != ranks)
        refuse("hardware.expert_parallel",
               "hardware.expert_parallel is " + grouped(hardware.expert_parallel) +
                   "; vLLM shares experts out over all ranks, tensor x data parallel, which are " + grouped(ranks));
    if (hardware.expert_parallel > 1 && !settings.expert_parallel)
        refuse("inference.enable_expert_parallel", "inference.enable_expert_parallel is false, and "
                                                   "hardware.expert_parallel " +
                                                       grouped(hardware.expert_parallel) + "; they are one thing");
    if (hardware.data_parallel > 1 && hardware.data_parallel != settings.data_parallel)
        refuse("inference.data_parallel_size", "inference.data_parallel_size is " + grouped(settings.data_parallel) +
                                                   ", and hardware.data_parallel " + grouped(hardware.data_parallel) +
                                                   "; they are one thing");
}

void check_experts(std::vector<Issue>& issues, const InferenceInputs& load, const Settings& settings)
{
    if (!settings.expert_parallel || has_experts(load.model->architecture))
        return;
    issues.push_back({load.choice->vllm.enable_expert_parallel.value_or(false) ? "inference.enable_expert_parallel"
                                                                               : "hardware.expert_parallel",
                      Severity::error, "vLLM shares out experts, and this network has none"});
}

void check_backend(std::vector<Issue>& issues, const InferenceInputs& load)
{
    const auto& backend = load.choice->served.attention_backend;
    if (backend && named_backend(load) == nullptr && !equal_ignoring_case(*backend, "auto"))
        issues.push_back(
            {"inference.attention_backend", Severity::error,
             "inference.attention_backend is " + in_quotes(*backend) + "; known in vLLM are " + known_backends()});
}

/// What is taken and not counted.
void check_rules(std::vector<Issue>& issues, const InferenceInputs& load, const Settings& settings)
{
    const auto warn = [&](std::string_view field, std::string message) {
        issues.push_back({std::string(field), Severity::warning, std::move(message)});
    };
    if (settings.first_engine)
        warn("inference.engine_version", "vLLM before 0.9 measures its activations by other rules (V0), which are not "
                                         "known here: they are assumed to be V1's");
    const VllmOptions& options = load.choice->vllm;
    const std::pair<std::string_view, bool> without_rule[] = {
        {"inference.kv_transfer_config", options.kv_transfer_config.has_value()},
        {"inference.mm_processor_kwargs", options.mm_processor_kwargs.has_value()},
        {"inference.moe_backend", options.moe_backend.has_value()},
        {"inference.all2all_backend", options.all2all_backend.has_value()},
        {"inference.enable_dbo", options.enable_dbo}};
    for (const auto& [key, said] : without_rule)
        if (said)
            warn(key, std::string(key) + " has no rule here: what it takes is not counted");
}

} // namespace

std::vector<Issue> option_issues(const InferenceInputs& inputs, const Settings& settings)
{
    std::vector<Issue> issues;
    check_replicas(issues, inputs, settings);
    check_experts(issues, inputs, settings);
    check_context_parallel(issues, inputs, settings);
    for (Issue& issue : draft_issues(inputs, settings))
        issues.push_back(std::move(issue));
    check_backend(issues, inputs);
    check_rules(issues, inputs, settings);
    return issues;
}

} // namespace weighbridge::vllm
