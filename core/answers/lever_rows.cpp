#include "core/answers/lever_rows.h"

#include "core/answers/solve.h"
#include "core/engines/inference.h"
#include "core/estimate/estimate.h"
#include "core/fields/fields.h"
#include "core/training/framework.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {

namespace {

std::vector<LeverChange> values_of(std::string_view key, std::span<const std::string_view> values)
{
    std::vector<LeverChange> changes;
    changes.reserve(values.size());
    for (const std::string_view value : values)
        changes.push_back({{std::string(key), std::string(value)}});
    return changes;
}

/// Formats that people publish models in, or that engines make while they load, from the most bits to the fewest. Those
/// that the engine does not load are refused when they are tried.
std::vector<LeverChange> weight_levers(const Estimate& base)
{
    constexpr std::array<std::string_view, 8> tensors = {
        "bf16", "fp8", "fp8_block128", "int8", "awq_4bit_g128", "gptq_4bit_g128", "nvfp4", "bnb_nf4"};
    constexpr std::array<std::string_view, 7> gguf = {"gguf:Q8_0",   "gguf:Q6_K",   "gguf:Q5_K_M", "gguf:Q4_K_M",
                                                      "gguf:IQ4_XS", "gguf:Q3_K_M", "gguf:Q2_K"};
    constexpr std::array<std::string_view, 4> mlx = {"mlx:8bit", "mlx:6bit", "mlx:4bit", "mlx:3bit"};
    constexpr std::array<std::string_view, 5> exl3 = {"exl3:6.0", "exl3:5.0", "exl3:4.0", "exl3:3.0", "exl3:2.5"};
    constexpr std::string_view key = "precision.weights";
    const Engine* engine = find_engine(base.scenario.inference.engine);
    if (engine != nullptr && engine->loads_gguf)
        return values_of(key, gguf);
    if (engine != nullptr && engine->id == "mlx")
        return values_of(key, mlx);
    if (engine != nullptr && engine->id == "exllamav3")
        return values_of(key, exl3);
    return values_of(key, tensors);
}

std::vector<LeverChange> cache_levers(const Estimate& base)
{
    constexpr std::array<std::string_view, 3> anybodys = {"fp8", "q8_0", "q4_0"};
    if (const Engine* engine = find_engine(base.scenario.inference.engine);
        engine == nullptr || engine->id == generic_engine)
        return values_of("precision.kv_cache", anybodys);
    constexpr std::array<std::string_view, 9> types = {
        "fp8", "q8_0", "q4_0", "mlx:8bit", "mlx:4bit", "exl3:8,8", "exl3:4,4", "quant_policy:8", "quant_policy:4"};
    return values_of("precision.kv_cache", types);
}

std::string asked_tokens(const Estimate& base)
{
    return std::to_string(base.scenario.inference.tokens());
}

std::string asked_requests(const Estimate& base)
{
    return std::to_string(base.scenario.inference.concurrent_sequences);
}

template<const auto& key, std::string (*value)(const Estimate&)>
std::vector<LeverChange> as_asked(const Estimate& base)
{
    return {{{std::string(key), value(base)}}};
}

constexpr std::string_view max_model_len = "inference.max_model_len";
constexpr std::string_view context_length = "inference.context_length";
constexpr std::string_view max_num_seqs = "inference.max_num_seqs";
constexpr std::string_view max_running_requests = "inference.max_running_requests";
constexpr std::string_view cuda_graph_max_bs = "inference.cuda_graph_max_bs";

/// What does not fit goes to the host, in whole GiB.
std::vector<LeverChange> offloaded(const Estimate& base)
{
    const Fit fit = base.decisive_fit();
    if (fit.free_bytes >= 0)
        return {};
    const double over = std::ceil(static_cast<double>(-fit.free_bytes) / bytes_per_gib);
    return {{{"inference.cpu_offload_gb", std::to_string(static_cast<std::int64_t>(over))}}};
}

std::vector<LeverChange> just_fitting(const Estimate& base, const std::string& key)
{
    if (does_fit(base.decisive_fit().verdict))
        return {};
    const auto found = solve(question_of(base), {key});
    if (!found || (*found)->empty() || !(*found)->front().scenario)
        return {};
    return {{{key, field_text(*(*found)->front().scenario, *field_named(key))}}};
}

/// The value that just fits, where that is less than all.
template<const auto& key>
std::vector<LeverChange> solved(const Estimate& base)
{
    return just_fitting(base, std::string(key));
}

/// The same of an option of the task.
template<const auto& option>
std::vector<LeverChange> solved_of_task(const Estimate& base)
{
    return just_fitting(base, base.scenario.task + std::string(option));
}

constexpr std::string_view n_gpu_layers = "inference.n_gpu_layers";
constexpr std::string_view n_cpu_moe = "inference.n_cpu_moe";
constexpr std::string_view tokens_per_request = "inference.sequence_length";
constexpr std::string_view requests_at_a_time = "inference.concurrent_sequences";
constexpr std::string_view sequence_length = ".sequence_length";
constexpr std::string_view micro_batch_size = ".micro_batch_size";
constexpr std::string_view lora_rank = ".lora_rank";

/// As many times the GPUs by one dimension of the layout. A number of GPUs that was typed in follows.
std::vector<LeverChange> wider(const Estimate& base, std::string_view key)
{
    const Scenario& asked = base.asked;
    if (!asked.hardware.devices.empty())
        return {};
    const ScenarioField& field = *field_named(key);
    const std::string now = field_text(base.scenario, field);
    const std::int64_t ranks = now.empty() ? 1 : std::stoll(now);
    std::vector<LeverChange> changes;
    for (const std::int64_t times : {2, 4, 8}) {
        LeverChange change = {{std::string(key), std::to_string(ranks * times)}};
        const ScenarioField& count = *field_named("hardware.count");
        if (const std::string counted = field_text(asked, count); is_chosen(asked, count) && !counted.empty())
            change.emplace_back("hardware.count", std::to_string(std::stoll(counted) * times));
        changes.push_back(std::move(change));
    }
    return changes;
}

/// Whether its GPUs share out layers, not tensors.
bool shares_layers(const Estimate& base)
{
    const Engine* engine = find_engine(base.scenario.inference.engine);
    return base.training == nullptr && engine != nullptr && engine->splits_layers;
}

std::vector<LeverChange> more_tensor_ranks(const Estimate& base)
{
    return shares_layers(base) ? std::vector<LeverChange>{} : wider(base, "hardware.tensor_parallel");
}

std::vector<LeverChange> more_stages(const Estimate& base)
{
    return shares_layers(base) ? wider(base, "hardware.pipeline_parallel") : std::vector<LeverChange>{};
}

/// Replicas of a step hold less only where they share something: FSDP comes with them where nothing is shared yet.
std::vector<LeverChange> more_replicas(const Estimate& base)
{
    const TrainingChoice* training = base.scenario.training();
    if (training == nullptr)
        return {};
    std::vector<LeverChange> changes = wider(base, "hardware.data_parallel");
    const bool shares = training->fsdp || training->zero_stage.value_or(0) > 0;
    if (!shares && suits_framework("fsdp", *training))
        for (LeverChange& change : changes)
            change.emplace_back(base.scenario.task + ".fsdp", "true");
    return changes;
}

using C = LeverCost;

constexpr std::array lever_table = {
    LeverRow{max_model_len, {}, C::nothing, "no request may be longer", as_asked<max_model_len, asked_tokens>},
    LeverRow{context_length, {}, C::nothing, "no request may be longer", as_asked<context_length, asked_tokens>},
    LeverRow{max_num_seqs, {}, C::nothing, "no more requests at a time", as_asked<max_num_seqs, asked_requests>},
    LeverRow{max_running_requests,
             {},
             C::nothing,
             "no more requests at a time",
             as_asked<max_running_requests, asked_requests>},
    LeverRow{"inference.gpu_memory_utilization", "0.95", C::nothing, "less is left for others on the GPU"},
    LeverRow{"inference.flash_attn", "true", C::nothing, "nothing is lost"},
    LeverRow{"inference.swa_full", "false", C::slower, "a prompt that was changed is read again from its beginning"},
    LeverRow{
        cuda_graph_max_bs, {}, C::nothing, "no graphs of larger batches", as_asked<cuda_graph_max_bs, asked_requests>},
    LeverRow{"inference.enforce_eager", "true", C::slower, "no CUDA graphs"},
    LeverRow{"inference.max_num_batched_tokens", "2048", C::slower, "prompts are read in smaller pieces"},
    LeverRow{"inference.chunked_prefill_size", "2048", C::slower, "prompts are read in smaller pieces"},
    LeverRow{"inference.n_ubatch", "128", C::slower, "prompts are read in smaller pieces"},
    LeverRow{"inference.language_model_only", "true", C::quality, "no pictures and no sound"},
    LeverRow{requests_at_a_time, {}, C::slower, "the others wait", solved<requests_at_a_time>},
    LeverRow{tokens_per_request, {}, C::quality, "longer requests are cut", solved<tokens_per_request>},
    LeverRow{"precision.kv_cache", {}, C::quality, {}, cache_levers},
    LeverRow{"precision.weights", {}, C::quality, {}, weight_levers},
    LeverRow{"inference.cpu_offload_gb", {}, C::host_memory, "weights are fetched anew in every step", offloaded},
    LeverRow{n_cpu_moe, {}, C::host_memory, "experts of so many layers run on the CPU", solved<n_cpu_moe>},
    LeverRow{n_gpu_layers, {}, C::host_memory, "the other layers run on the CPU", solved<n_gpu_layers>},
    LeverRow{"inference.kv_offload", "false", C::host_memory, "attention runs on the CPU"},
    LeverRow{".attention", "flash", C::nothing, "nothing is lost", nullptr, "FlashAttention", "activations"},
    LeverRow{".fused_kernels", "true", C::nothing, "nothing is lost", nullptr, "fused norms and gates", "activations"},
    LeverRow{".loss", "fused_linear", C::nothing, "nothing is lost", nullptr, "a fused linear cross entropy", "logits"},
    LeverRow{".loss", "chunked", C::slower, "the head runs in pieces", nullptr, "a chunked loss", "logits"},
    LeverRow{".recompute", "selective", C::slower, "attention is computed twice", nullptr, "selective recomputation",
             "activations"},
    LeverRow{".recompute", "full", C::slower, "every layer is computed twice, a third more work", nullptr,
             "full recomputation", "activations"},
    LeverRow{micro_batch_size, "1", C::slower, "smaller matrices keep the GPU less busy"},
    LeverRow{
        micro_batch_size, {}, C::slower, "smaller matrices keep the GPU less busy", solved_of_task<micro_batch_size>},
    LeverRow{sequence_length, {}, C::quality, "longer texts are cut", solved_of_task<sequence_length>},
    LeverRow{lora_rank, {}, C::quality, "smaller adapters", solved_of_task<lora_rank>},
    LeverRow{".zero_stage", "1", C::slower, "optimizer states are gathered", nullptr, "ZeRO stage 1", "optimizer"},
    LeverRow{".zero_stage", "2", C::slower, "gradients are scattered", nullptr, "ZeRO stage 2", "gradients"},
    LeverRow{".zero_stage", "3", C::slower, "weights are gathered in every layer", nullptr, "ZeRO stage 3", "weights"},
    LeverRow{".fsdp", "true", C::slower, "weights are gathered in every layer", nullptr, "FSDP", "weights"},
    LeverRow{".optimizer", "adamw_8bit", C::quality, "states of 8 bits"},
    LeverRow{".optimizer", "adafactor", C::quality, "second moments by row and column"},
    LeverRow{".method", "lora", C::quality, "adapters in place of every parameter"},
    LeverRow{".method", "qlora", C::quality, "adapters over weights of 4 bits"},
    LeverRow{".recompute", "offload", C::host_memory, "inputs of layers travel to the host and back", nullptr,
             "recomputation from the host's memory", "activations"},
    LeverRow{".offload", "optimizer", C::host_memory, "the step runs on the CPU or its states travel", nullptr,
             "optimizer states in the host's memory", "optimizer"},
    LeverRow{".offload", "parameters", C::host_memory, "weights travel to the GPU in every layer", nullptr,
             "weights in the host's memory", "weights"},
    LeverRow{".offload", "optimizer,parameters", C::host_memory,
             "weights travel in every layer, the step runs on the CPU"},
    LeverRow{".offload", "activations", C::host_memory, "activations travel to the host and back", nullptr,
             "activations in the host's memory", "activations"},
    LeverRow{"hardware.tensor_parallel", {}, C::hardware, {}, more_tensor_ranks},
    LeverRow{"hardware.pipeline_parallel", {}, C::hardware, {}, more_stages},
    LeverRow{"hardware.data_parallel", {}, C::hardware, {}, more_replicas},
};

} // namespace

bool suits_framework(std::string_view option, const TrainingChoice& choice)
{
    const Framework* framework = find_framework(choice.framework);
    if (framework == nullptr || choice.book_rules)
        return false;
    const bool by_stages = choice.zero_stage.value_or(framework->zero_stage) > 0;
    if (option == "zero_stage")
        return by_stages && !choice.fsdp;
    if (option == "fsdp")
        return !by_stages;
    return option != "loss" || (framework->loss_kept < 0 && !framework->transformer_engine);
}

bool warns_anew(const Estimate& tried, const Estimate& before)
{
    return std::any_of(tried.issues.begin(), tried.issues.end(), [&](const Issue& issue) {
        return issue.severity != Severity::note &&
               std::none_of(before.issues.begin(), before.issues.end(),
                            [&](const Issue& known) { return known.message == issue.message; });
    });
}

std::span<const LeverRow> lever_rows()
{
    return lever_table;
}

} // namespace weighbridge
