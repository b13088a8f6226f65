#include "core/engines/vllm/vllm.h"

#include "core/engines/inference.h"
#include "core/engines/vllm/checks.h"
#include "core/engines/vllm/limits.h"
#include "core/engines/vllm/loaded_format.h"
#include "core/engines/vllm/rank.h"
#include "core/engines/vllm/terms.h"
#include "core/quantity/display.h"
#include "core/scenario/scenario.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace weighbridge {

namespace {

using namespace vllm;

/// A stage with a load on it.
struct Stage
{
    std::size_t index = 0;
    DeviceLoad device;
};

/// From 0.29 on a request can't have the null block.
std::int64_t null_blocks(const Settings& settings)
{
    return settings.version >= EngineVersion{0, 29} ? 1 : 0;
}

/// Routers and MLA down-projections are on every rank. Experts are shared out over the ranks of all replicas: each
/// expert's width, or with expert parallelism whole experts (model_executor/layers/fused_moe/config.py).
InferenceInputs with_experts_shared(InferenceInputs load, const Settings& settings)
{
    load.sharding.expert_ranks = settings.tensor_parallel * settings.data_parallel;
    load.sharding.whole_experts = settings.expert_parallel;
    load.sharding.replicas = settings.data_parallel;
    return load;
}

/// Towers that vLLM takes from transformers are whole on every rank, and weights lie as their kernels want them.
InferenceInputs as_loaded(InferenceInputs load, const Settings& settings)
{
    const std::string_view family = load.model->architecture.family;
    if (family.starts_with("gemma3n") || family.starts_with("gemma4"))
        load.sharding.tower_ranks = 1;
    if (settings.whole_towers)
        load.sharding.tower_ranks = 1;
    if (!settings.loads_towers)
        load.sharding.tower_ranks = ShardingRules::nowhere;
    const auto stored = load.weights.column;
    load.weights = loaded_format(load, settings);
    if (load.stages && load.weights.column != stored)
        load.stages = with_column(*load.stages, load.weights.column);
    return load;
}

/// Ranks don't depend on how many sequences they serve.
class VllmPlan final : public Plan
{
public:
    VllmPlan(InferenceInputs load, const Settings& settings)
        : Plan(as_loaded(with_experts_shared(std::move(load), settings), settings)), settings_(settings),
          ranks_(ranks_of(load_, settings_))
    {
        if (load_.accelerator != nullptr && follows_cache(load_.choice->vllm))
            settings_.max_model_len = longest_request();
    }

    DeviceLoad fullest(std::int64_t sequences) const override { return fullest_stage(sequences).device; }

    std::vector<Term> terms(bool text) const override
    {
        return terms_of(fullest_stage(load_.concurrent_sequences), text);
    }

    std::vector<PlannedDevice> devices(bool text) const override;
    std::vector<Term> host(bool /*text*/) const override { return host_terms(load_, settings_); }

    std::optional<Pool> pool() const override;
    std::optional<Refusal> refusal() const override;
    std::int64_t replicas() const override { return settings_.data_parallel; }
    std::vector<EnginePrint> prints() const override { return prints_of(ranks_.front()); }
    std::vector<Issue> issues() const override;
    void fill_defaults(Scenario& scenario) const override;

private:
    std::optional<Refusal> refused_share() const;
    std::int64_t longest_request() const;
    std::vector<EnginePrint> prints_of(const Rank& rank) const;

    std::vector<Term> terms_of(const Stage& at, bool text) const
    {
        const Rank& rank = ranks_[at.index];
        if (!text)
            return figure_terms(at.device.figures, rank, settings_);
        const InferenceInputs stage = inputs_of_stage(load_, at.index);
        return {weights_term(stage, settings_, at.index + 1 == ranks_.size()), cache_term(stage, settings_, rank),
                activations_term(rank, settings_), overhead_term(rank, settings_)};
    }

    /// What others have not taken.
    double memory_left() const { return settings_.total_memory - load_.memory_in_use; }

    /// What may be used beside a load's blocks: the budget and what no budget counts, the context and up to 0.20 the
    /// graphs; or a cache of so many bytes and all that lies beside it.
    DeviceLoad on_rank(const Rank& rank, double blocks) const
    {
        const MemoryFigures figures{.weights = rank.loaded,
                                    .kv_cache = blocks * rank.pool.block_bytes,
                                    .activations = rank.activations,
                                    .overhead = rank.overhead_total()};
        DeviceLoad device{.figures = figures, .needed = figures.whole(), .usable = 0, .limit = Limit::pool};
        const auto given = given_bytes(rank);
        if (given) {
            device.usable = figures.kept_whole() + *given;
        } else {
            const bool graphs_outside = settings_.era != Era::from_0_21_on;
            device.usable = requested_bytes(settings_) + rank.overhead.cuda_context +
                            (graphs_outside ? rank.overhead.cuda_graphs : 0);
        }
        if (device.usable > memory_left()) {
            if (given) // it is taken whatever else lies there, and however much of it a load needs
                device.needed = std::max(device.needed, std::ceil(device.usable));
            device.usable = memory_left();
            device.limit = Limit::memory;
        }
        return device;
    }

    /// A cache whose size was asked for.
    std::optional<double> given_bytes(const Rank& rank) const
    {
        const VllmOptions& options = load_.choice->vllm;
        if (options.num_gpu_blocks_override)
            return static_cast<double>(*options.num_gpu_blocks_override) * rank.pool.block_bytes;
        if (options.kv_cache_memory_bytes)
            return static_cast<double>(*options.kv_cache_memory_bytes);
        return std::nullopt;
    }

    Stage stage_with(std::size_t index, std::int64_t sequences) const
    {
        const double each = sequences_per_replica(sequences, settings_);
        const std::int64_t blocks = blocks_per_request(ranks_[index].pool, load_.sequence_length);
        Stage stage{index, on_rank(ranks_[index], each * static_cast<double>(blocks))};
        if (settings_.pools_by_sums && load_.accelerator != nullptr)
            stage.device.needed = std::max(
                stage.device.needed, std::ceil(stage.device.usable + missing_of_all(index, load_.sequence_length)));
        return stage;
    }

    /// What a stage lacks for one request by the sum of 0.14 and 0.15, which asks each stage for the cache of all
    /// stages' layers (v1/core/kv_cache_utils.py, get_kv_cache_configs).
    double missing_of_all(std::size_t index, std::int64_t tokens) const
    {
        double wanted = 0;
        for (const Rank& rank : ranks_)
            wanted += static_cast<double>(blocks_per_request(rank.pool, tokens)) * rank.pool.block_bytes;
        return wanted - available_bytes(load_, settings_, ranks_[index]);
    }

    Stage fullest_stage(std::int64_t sequences) const
    {
        Stage fullest = stage_with(0, sequences);
        for (std::size_t index = 1; index < ranks_.size(); ++index)
            if (const Stage stage = stage_with(index, sequences);
                stage.device.free_bytes() < fullest.device.free_bytes())
                fullest = stage;
        return fullest;
    }

    std::int64_t blocks() const { return block_count(load_, settings_, ranks_); }

    Settings settings_;
    std::vector<Rank> ranks_;
};

std::optional<Pool> VllmPlan::pool() const
{
    if (load_.accelerator == nullptr)
        return std::nullopt;
    const std::int64_t held = blocks();
    double widest = 0;
    for (const Rank& rank : ranks_)
        widest = std::max(widest, rank.pool.block_bytes);
    const std::int64_t tokens = printed_tokens(ranks_.front().pool, held, settings_);
    return Pool{tokens, tokens * settings_.data_parallel, {std::llround(static_cast<double>(held) * widest)}};
}

/// Ranks of one stage and its replicas hold alike; replicas come last in the order of ranks
/// (distributed/parallel_state.py, initialize_model_parallel).
std::vector<PlannedDevice> VllmPlan::devices(bool text) const
{
    std::vector<PlannedDevice> list;
    for (std::size_t index = 0; index < ranks_.size(); ++index) {
        const auto stage = static_cast<std::int64_t>(index);
        const Stage at = stage_with(index, load_.concurrent_sequences);
        list.push_back({.index = stage * settings_.tensor_parallel,
                        .count = settings_.tensor_parallel * settings_.data_parallel,
                        .rank = RankNumber{.pipeline = stage},
                        .layers = layers_of_stage(load_, index),
                        .load = at.device,
                        .terms = terms_of(at, text),
                        .prints = prints_of(ranks_[index])});
    }
    return list;
}

/// The share that it asks for must be free when it starts (v1/worker/utils.py, request_memory).
std::optional<Refusal> VllmPlan::refused_share() const
{
    const double free = memory_left() - ranks_.front().overhead.cuda_context;
    if (load_.memory_in_use <= 0 || requested_bytes(settings_) <= free)
        return std::nullopt;
    return Refusal{.rule = "gpu_memory_utilization",
                   .text = "vLLM would not start: gpu_memory_utilization asks for " +
                           in_unit(whole_bytes(requested_bytes(settings_)), ByteUnit::gib) + ", and " +
                           in_unit(whole_bytes(free), ByteUnit::gib) + " are free",
                   .keys = {"inference.gpu_memory_utilization"},
                   .source = "v1/worker/utils.py, request_memory",
                   .needed = requested_bytes(settings_) + ranks_.front().overhead.cuda_context,
                   .usable = std::floor(memory_left())};
}

/// "auto": the longest request that the pool holds, at most as long as the network was made for
/// (v1/core/kv_cache_utils.py, _auto_fit_max_model_len).
std::int64_t VllmPlan::longest_request() const
{
    const std::int64_t held = blocks() - null_blocks(settings_);
    std::int64_t fits = 1;
    std::int64_t most = settings_.max_model_len;
    while (fits < most) {
        const std::int64_t middle = fits + (most - fits + 1) / 2;
        if (blocks_per_request(ranks_.front().pool, middle) <= held)
            fits = middle;
        else
            most = middle - 1;
    }
    return fits;
}

/// One request of max_model_len must have its blocks (v1/core/kv_cache_utils.py, _check_enough_kv_cache_memory; from
/// 0.29 on kv_cache_planning.py, which leaves out the null block).
std::optional<Refusal> VllmPlan::refusal() const
{
    if (load_.accelerator == nullptr)
        return std::nullopt;
    if (auto never = unsupported(load_, settings_))
        return never;
    std::optional<Refusal> worst = refused_share();
    for (const Rank& rank : ranks_) {
        const std::int64_t each = blocks_per_request(rank.pool, settings_.max_model_len);
        if (each == 0)
            continue;
        const std::int64_t wanted = each + null_blocks(settings_);
        DeviceLoad device = on_rank(rank, static_cast<double>(wanted));
        bool room = wanted <= rank_blocks(load_, settings_, rank);
        if (settings_.pools_by_sums) {
            const double missing =
                missing_of_all(static_cast<std::size_t>(&rank - ranks_.data()), settings_.max_model_len);
            room = room && missing <= 0;
            device.needed = std::max(device.needed, std::ceil(device.usable + missing));
        }
        if (room && (given_bytes(rank) || device.fits()))
            continue;
        const double usable = std::min(std::floor(device.usable), device.needed - 1);
        if (worst && device.needed - usable <= worst->needed - worst->usable)
            continue;
        worst = Refusal{.rule = "max_model_len",
                        .text = "vLLM would not start: the cache has no room for one request of max_model_len " +
                                grouped(settings_.max_model_len) + " tokens",
                        .keys = {"inference.max_model_len"},
                        .source = "v1/core/kv_cache_utils.py, _check_enough_kv_cache_memory",
                        .needed = device.needed,
                        .usable = usable};
    }
    return worst;
}

std::vector<EnginePrint> VllmPlan::prints_of(const Rank& first) const
{
    if (load_.accelerator == nullptr)
        return {};
    const auto gib_of = [](double bytes) { return bytes / bytes_per_gib; };
    std::vector<EnginePrint> list;
    const auto add = [&](std::string_view id, std::string label, double value, int decimals) {
        list.push_back({id, std::move(label), value, decimals});
    };
    const double beside = first.overhead.cuda_context + first.overhead.non_torch + first.overhead.nccl;
    if (first.loaded + beside > settings_.total_memory)
        return {}; // out of memory while it loads
    add("model_loading_gib", "Model loading took (GiB)", gib_of(first.loaded), 2);
    if (first.loaded + first.activations + beside > settings_.total_memory)
        return list; // out of memory in the profile run
    add("activation_peak_gib", "Peak activation (GiB)", gib_of(first.activations), 2);
    add("non_torch_gib", "Non-torch memory (GiB)", gib_of(first.overhead.non_torch + first.overhead.nccl), 2);
    add("cuda_graphs_gib", "CUDA graphs (GiB)", gib_of(first.overhead.cuda_graphs), 2);
    add("available_kv_cache_gib", "Available KV cache memory (GiB)", gib_of(available_bytes(load_, settings_, first)),
        2);
    const std::int64_t held = blocks();
    if (held == 0 && !first.pool.buckets.empty())
        return list; // no available memory for the cache blocks
    add("num_gpu_blocks", "GPU blocks", static_cast<double>(held), 0);
    add("gpu_kv_cache_size_tokens", "GPU KV cache size (tokens)",
        static_cast<double>(printed_tokens(first.pool, held, settings_)), 0);
    add("max_concurrency", "Maximum concurrency for " + grouped(settings_.max_model_len) + " tokens per request",
        max_concurrency(first.pool, held, settings_.max_model_len), 2);
    return list;
}

std::vector<Issue> VllmPlan::issues() const
{
    std::vector<Issue> issues = option_issues(load_, settings_);
    const auto warn = [&](std::string_view field, std::string message) {
        issues.push_back({std::string(field), Severity::warning, std::move(message)});
    };
    if (load_.sequence_length > settings_.max_model_len)
        warn("inference.sequence_length", "vLLM serves at most max_model_len " + grouped(settings_.max_model_len) +
                                              " tokens; the figures are for " + grouped(load_.sequence_length));
    const auto sequences = static_cast<std::int64_t>(sequences_per_replica(load_.concurrent_sequences, settings_));
    if (sequences > settings_.max_num_seqs)
        warn("inference.concurrent_sequences",
             "vLLM runs at most max_num_seqs " + grouped(settings_.max_num_seqs) + " at a time; the others wait");
    if (const auto refused = refusal(); refused && refused->needed > 0)
        warn(refused->keys.front(), refused->text);
    for (const Rank& rank : ranks_)
        if (const auto given = given_bytes(rank);
            given && load_.accelerator != nullptr && on_rank(rank, 0).needed > memory_left()) {
            const bool blocks = load_.choice->vllm.num_gpu_blocks_override.has_value();
            warn(blocks ? "inference.num_gpu_blocks_override" : "inference.kv_cache_memory_bytes",
                 "vLLM would run out of memory: weights, activations and a cache of " +
                     grouped(static_cast<std::int64_t>(*given)) + " bytes are more than the GPU has");
            break;
        }
    return issues;
}

void VllmPlan::fill_defaults(Scenario& scenario) const
{
    VllmOptions& options = scenario.inference.vllm;
    options.max_model_len = settings_.max_model_len;
    if (settings_.draft != DraftKind::none && !options.speculative_config.num_speculative_tokens)
        options.speculative_config.num_speculative_tokens = settings_.speculative_tokens;
    options.max_num_seqs = settings_.max_num_seqs;
    options.max_num_batched_tokens = settings_.max_num_batched_tokens;
    options.gpu_memory_utilization = settings_.gpu_memory_utilization;
    options.block_size = settings_.block_size;
    options.enable_prefix_caching = settings_.enable_prefix_caching;
    options.data_parallel_size = settings_.data_parallel;
    scenario.hardware.data_parallel = settings_.data_parallel;
    options.enable_expert_parallel = settings_.expert_parallel; // said by hardware.expert_parallel too
    if (settings_.expert_parallel)
        scenario.hardware.expert_parallel = settings_.tensor_parallel * settings_.data_parallel;
    scenario.inference.total_memory_bytes = static_cast<std::int64_t>(settings_.total_memory);
}

std::optional<RequestLimit> request_limit_of(const InferenceChoice& choice)
{
    const auto tokens = choice.vllm.max_model_len;
    return tokens && !follows_cache(choice.vllm) ? std::optional<RequestLimit>({"inference.max_model_len", *tokens})
                                                 : std::nullopt;
}

PlanPointer vllm_plan(InferenceInputs load)
{
    const Settings settings = settings_of(load);
    return std::make_shared<VllmPlan>(std::move(load), settings);
}

void reset_replicas(InferenceChoice& choice)
{
    choice.vllm.data_parallel_size.reset();
}

DraftName vllm_draft(const InferenceChoice& choice)
{
    const SpeculativeOptions& options = choice.vllm.speculative_config;
    DraftName name{.key = "inference.speculative_config.model"};
    if (options.model)
        name.model = *options.model;
    if (options.quantization)
        name.weights = *options.quantization;
    return name;
}

void spread(InferenceChoice& choice, std::int64_t ranks)
{
    choice.vllm.decode_context_parallel_size = ranks;
}

} // namespace

const Engine vllm_rules = {.id = "vllm",
                           .name = "vLLM",
                           .summary = "rules of vLLM's own memory budget",
                           .versions = "up to 0.16, 0.17 to 0.20, 0.21 and later",
                           .pipelines = true,
                           .replicates = true,
                           .spread = spread,
                           .differs_by_accelerator = true,
                           .takes_device_memory = true,
                           .memory_share_key = "inference.gpu_memory_utilization",
                           .sharding = {.vision_divided = true, .tower_stages = TowerStages::every},
                           .token_bytes = vllm::token_bytes,
                           .plan = vllm_plan,
                           .request_limit = request_limit_of,
                           .draft = vllm_draft,
                           .reset_replicas = reset_replicas};

} // namespace weighbridge
