#include "core/engines/vllm/vllm.h"

#include "core/engines/vllm/rank.h"
#include "core/engines/vllm/terms.h"
#include "core/quantity/display.h"
#include "core/scenario/scenario.h"

#include <algorithm>

namespace weighbridge {

namespace {

using namespace vllm;

/// Ranks don't depend on how many sequences they serve.
struct Work final : EngineWork
{
    Settings settings;
    std::vector<Rank> ranks;
};

std::shared_ptr<const EngineWork> work(const InferenceInputs& inputs)
{
    auto made = std::make_shared<Work>();
    made->settings = settings_of(inputs);
    made->ranks = ranks_of(inputs, made->settings);
    return made;
}

std::shared_ptr<const Work> work_of(const InferenceInputs& inputs)
{
    return std::static_pointer_cast<const Work>(inputs.work ? inputs.work : work(inputs));
}

MemoryFigures figures_of(const InferenceInputs& inputs, const Settings& settings, const Rank& rank)
{
    MemoryFigures figures;
    figures.weights = rank.loaded;
    figures.kv_cache = sequences_per_replica(inputs, settings) *
                       static_cast<double>(blocks_per_request(rank.pool, inputs.sequence_length)) *
                       rank.pool.block_bytes;
    figures.activations = rank.activations;
    figures.overhead = rank.overhead_total();
    return figures;
}

struct Fullest
{
    std::size_t stage = 0;
    MemoryFigures figures;
};

Fullest fullest_of(const InferenceInputs& inputs, const Settings& settings, const std::vector<Rank>& ranks)
{
    Fullest fullest;
    for (std::size_t stage = 0; stage < ranks.size(); ++stage) {
        const MemoryFigures figures = figures_of(inputs, settings, ranks[stage]);
        if (stage == 0 || figures.total() > fullest.figures.total())
            fullest = {stage, figures};
    }
    return fullest;
}

MemoryFigures memory(const InferenceInputs& inputs)
{
    const auto work = work_of(inputs);
    return fullest_of(inputs, work->settings, work->ranks).figures;
}

std::vector<Term> terms(const InferenceInputs& inputs, bool text)
{
    const auto work = work_of(inputs);
    const Settings& settings = work->settings;
    const std::vector<Rank>& ranks = work->ranks;
    const Fullest fullest = fullest_of(inputs, settings, ranks);
    const Rank& rank = ranks[fullest.stage];
    if (!text)
        return figure_terms(fullest.figures, rank);
    const InferenceInputs stage = inputs_of_stage(inputs, fullest.stage);
    return {weights_term(stage, settings), cache_term(stage, settings, rank), activations_term(rank, settings.era),
            overhead_term(rank, settings.era)};
}

/// The budget, and beside it what no budget counts: the context, and up to 0.20 the graphs.
Bytes usable(const InferenceInputs& inputs)
{
    const auto work = work_of(inputs);
    const Settings& settings = work->settings;
    const std::vector<Rank>& ranks = work->ranks;
    const Rank& rank = ranks[fullest_of(inputs, settings, ranks).stage];
    const double outside =
        rank.overhead.cuda_context + (settings.era == Era::from_0_21_on ? 0 : rank.overhead.cuda_graphs);
    const double budget =
        inputs.choice->vllm.kv_cache_memory_bytes ? settings.total_memory : requested_bytes(settings) + outside;
    return {static_cast<std::int64_t>(std::min(budget, settings.total_memory))};
}

std::vector<EnginePrint> prints(const InferenceInputs& inputs)
{
    if (inputs.accelerator == nullptr)
        return {};
    const auto work = work_of(inputs);
    const Settings& settings = work->settings;
    const std::vector<Rank>& ranks = work->ranks;
    const Rank& first = ranks.front();
    const std::int64_t blocks = block_count(inputs, settings, ranks);
    const auto gib_of = [](double bytes) { return bytes / bytes_per_gib; };
    return {
        {"model_loading_gib", "Model loading took (GiB)", gib_of(first.loaded), 2},
        {"activation_peak_gib", "Peak activation (GiB)", gib_of(first.activations), 2},
        {"non_torch_gib", "Non-torch memory (GiB)", gib_of(first.overhead.non_torch + first.overhead.nccl), 2},
        {"cuda_graphs_gib", "CUDA graphs (GiB)", gib_of(first.overhead.cuda_graphs), 2},
        {"available_kv_cache_gib", "Available KV cache memory (GiB)", gib_of(available_bytes(inputs, settings, first)),
         2},
        {"num_gpu_blocks", "GPU blocks", static_cast<double>(blocks), 0},
        {"gpu_kv_cache_size_tokens", "GPU KV cache size (tokens)",
         static_cast<double>(printed_tokens(first.pool, blocks, settings)), 0},
        {"max_concurrency", "Maximum concurrency", max_concurrency(first.pool, blocks, settings.max_model_len), 2},
    };
}

std::int64_t kv_tokens(const InferenceInputs& inputs, std::int64_t most_sequences)
{
    if (inputs.accelerator == nullptr)
        return most_sequences * inputs.sequence_length;
    const auto work = work_of(inputs);
    const Settings& settings = work->settings;
    const std::vector<Rank>& ranks = work->ranks;
    return printed_tokens(ranks.front().pool, block_count(inputs, settings, ranks), settings);
}

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

std::vector<Issue> check(const InferenceInputs& inputs)
{
    const auto work = work_of(inputs);
    const Settings& settings = work->settings;
    std::vector<Issue> issues;
    check_context_parallel(issues, inputs, settings);
    const auto warn = [&](std::string_view field, std::string message) {
        issues.push_back({std::string(field), Severity::warning, std::move(message)});
    };
    if (inputs.sequence_length > settings.max_model_len)
        warn("inference.sequence_length", "vLLM serves at most max_model_len " + grouped(settings.max_model_len) +
                                              " tokens; the figures are for " + grouped(inputs.sequence_length));
    const auto sequences = static_cast<std::int64_t>(sequences_per_replica(inputs, settings));
    if (sequences > settings.max_num_seqs)
        warn("inference.concurrent_sequences",
             "vLLM runs at most max_num_seqs " + grouped(settings.max_num_seqs) + " at a time; the others wait");
    if (inputs.accelerator == nullptr)
        return issues;
    const std::vector<Rank>& ranks = work->ranks;
    const std::int64_t needed = blocks_per_request(ranks.front().pool, settings.max_model_len);
    if (block_count(inputs, settings, ranks) < needed)
        warn("inference.max_model_len",
             "vLLM would not start: the cache has no room for one request of max_model_len " +
                 grouped(settings.max_model_len) + " tokens");
    return issues;
}

void fill_defaults(const InferenceInputs& inputs, Scenario& scenario)
{
    const auto work = work_of(inputs);
    const Settings& settings = work->settings;
    VllmOptions& options = scenario.inference.vllm;
    options.max_model_len = settings.max_model_len;
    options.max_num_seqs = settings.max_num_seqs;
    options.max_num_batched_tokens = settings.max_num_batched_tokens;
    options.gpu_memory_utilization = settings.gpu_memory_utilization;
    options.block_size = settings.block_size;
    options.enable_prefix_caching = settings.enable_prefix_caching;
    options.data_parallel_size = settings.data_parallel;
    scenario.inference.total_memory_bytes = static_cast<std::int64_t>(settings.total_memory);
}

/// Routers and MLA down-projections are on every rank. Experts are shared out over the ranks of all replicas: each
/// expert's width, or with expert parallelism whole experts (model_executor/layers/fused_moe/config.py).
void prepare(InferenceInputs& inputs)
{
    const Settings settings = settings_of(inputs);
    inputs.sharding.expert_ranks = settings.tensor_parallel * settings.data_parallel;
    inputs.sharding.whole_experts = settings.expert_parallel;
    inputs.sharding.replicas = settings.data_parallel;
}

} // namespace

const Engine vllm_rules = {.id = "vllm",
                           .name = "vLLM",
                           .summary = "rules of vLLM's own memory budget",
                           .versions = "up to 0.16, 0.17 to 0.20, 0.21 and later",
                           .pipelines = true,
                           .replicates = true,
                           .differs_by_accelerator = true,
                           .sharding = {.vision_divided = true, .tower_stages = TowerStages::every},
                           .prepare = prepare,
                           .work = work,
                           .memory = memory,
                           .terms = terms,
                           .usable = usable,
                           .prints = prints,
                           .kv_tokens = kv_tokens,
                           .check = check,
                           .fill_defaults = fill_defaults};

} // namespace weighbridge
