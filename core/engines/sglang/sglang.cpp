#include "core/engines/sglang/sglang.h"

#include "core/engines/sglang/pool.h"
#include "core/engines/vllm/device_overhead.h"
#include "core/engines/vllm/loaded_weights.h"
#include "core/engines/vllm/profile_run.h"
#include "core/engines/vllm/terms.h"
#include "core/memory/weights.h"
#include "core/quantity/display.h"
#include "core/scenario/scenario.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace weighbridge {

namespace {

using sglang::cache_costs;
using sglang::CacheCosts;
using sglang::Pools;
using sglang::pools_of;
using sglang::Settings;
using sglang::settings_of;

/// SGLang's layers are vLLM's: fused in the same way, vocabularies padded to 64, MLA's up-projections kept twice
/// (models/deepseek_v2.py, w_kc and w_vc). Loading is told as what the device lost.
vllm::Settings as_vllm(const InferenceInputs& inputs, const Settings& settings)
{
    vllm::Settings same;
    same.version = {1, 0};
    same.max_model_len = settings.context_length;
    same.tensor_parallel = inputs.tensor_parallel;
    same.pipeline_parallel = inputs.pipeline_parallel;
    same.max_num_batched_tokens =
        settings.chunked_prefill_size > 0 ? settings.chunked_prefill_size : settings.context_length;
    same.max_num_seqs = std::max<std::int64_t>(1, settings.cuda_graph_max_bs);
    same.enforce_eager = settings.cuda_graph_max_bs == 0;
    same.total_memory = settings.total_memory;
    same.model_bytes = settings.model_bytes;
    return same;
}

constexpr vllm::LoadedSources loaded_sources{
    .rope_tables = "cos_sin_cache, positions x rotated width, on every rank: layers/rotary_embedding.py",
    .absorbed = "w_kc and w_vc beside kv_b_proj: models/deepseek_v2.py, post_load_weights"};

/// One rank of one stage.
struct Rank
{
    std::size_t stage = 0;
    double loaded = 0;
    vllm::ProfileShapes shapes;
    double activations = 0;
    double graphs = 0;
    double nccl = 0;
    CacheCosts costs;
    Pools pools;
};

std::vector<Rank> ranks_of(const InferenceInputs& inputs, const Settings& settings)
{
    std::vector<Rank> ranks;
    const std::size_t count = inputs.stages ? inputs.stages->size() : 1;
    const vllm::Settings same = as_vllm(inputs, settings);
    for (std::size_t stage = 0; stage < count; ++stage) {
        const InferenceInputs part = inputs_of_stage(inputs, stage);
        Rank rank;
        rank.stage = stage;
        rank.loaded = vllm::loaded_bytes(part, same);
        rank.shapes = vllm::profile_shapes(part, same, stage == 0, stage + 1 == count);
        rank.activations = vllm::activation_peak<double>(rank.shapes, vllm::Era::from_0_17);
        const vllm::DeviceOverhead overhead = vllm::device_overhead(part, same);
        rank.graphs = overhead.cuda_graphs;
        rank.nccl = overhead.nccl;
        rank.costs = cache_costs(part, settings);
        rank.pools = pools_of(settings, rank.costs, rank.loaded + rank.nccl);
        ranks.push_back(rank);
    }
    return ranks;
}

/// How many sequences at a time, and how long.
struct Load
{
    double per_replica = 0;
    double tokens = 0;
};

Load load_of(const InferenceInputs& inputs, const Settings& settings, std::int64_t sequences)
{
    return {std::ceil(static_cast<double>(sequences) / static_cast<double>(settings.data_parallel)),
            static_cast<double>(inputs.sequence_length)};
}

/// What the pools must have for a load. Tokens: all of them, or what makes the windows' smaller pool large enough for
/// theirs. Slots of states get a fixed share of what is left, so whichever needs more decides.
template<class Number>
Number pools_for(const Load& load, const Settings& settings, const CacheCosts& costs)
{
    const Number sequences = named<Number>("b", load.per_replica);
    const Number length = named<Number>("s", load.tokens);
    Number tokens = sequences * length;
    Number per_token = named<Number>("B_token", costs.full_per_token);
    if (costs.windowed_per_token > 0) {
        const Number share = named<Number>("r_window", costs.windowed_share);
        tokens = larger_of(tokens,
                           divided_up(sequences * smaller_of(length, named<Number>("W", costs.longest_window)), share));
        per_token = per_token + share * named<Number>("B_window", costs.windowed_per_token);
    }
    Number cache = tokens * per_token;
    if (costs.state_per_sequence == 0)
        return cache;
    Number states = sequences * named<Number>("p", static_cast<double>(settings.slots_per_request)) *
                    named<Number>("B_state", costs.state_per_sequence);
    if (costs.full_per_token + costs.windowed_per_token == 0)
        return states;
    const double q = sglang::mamba_full_memory_ratio;
    return larger_of(cache * named<Number>("(1 + q)", 1 + q), states * named<Number>("(1 + q)/q", (1 + q) / q));
}

MemoryFigures figures_of(const Load& load, const Settings& settings, const Rank& rank)
{
    return {.weights = rank.loaded,
            .kv_cache = pools_for<double>(load, settings, rank.costs),
            .activations = rank.activations,
            .overhead = settings.context_bytes + rank.nccl + rank.graphs};
}

/// The static share holds weights and pools; activations, graphs and context lie beside it.
DeviceLoad device_of(const Load& load, const Settings& settings, const Rank& rank)
{
    const MemoryFigures figures = figures_of(load, settings, rank);
    DeviceLoad device{.figures = figures,
                      .needed = figures.whole(),
                      .usable =
                          figures.kept_whole() + std::min(rank.pools.rest, settings.total_memory - settings.in_use),
                      .limit = Limit::pool};
    const double states = static_cast<double>(settings.slots_per_request) * load.per_replica;
    if (rank.costs.state_per_sequence > 0 && states > static_cast<double>(rank.pools.states))
        device.limit = Limit::states;
    if (const double left = settings.total_memory - settings.in_use; device.usable > left) {
        device.usable = left;
        device.limit = Limit::memory;
    }
    device.usable = std::max(0.0, device.usable);
    return device;
}

/// The stage whose pool is smallest decides for all.
const Rank& tightest(const std::vector<Rank>& ranks)
{
    return *std::min_element(ranks.begin(), ranks.end(), [](const Rank& a, const Rank& b) {
        return a.pools.max_total_num_tokens < b.pools.max_total_num_tokens;
    });
}

void set_range(Term& term, double low, double high)
{
    const auto bytes = static_cast<double>(term.bytes.count);
    term.low.count = std::llround(bytes * low);
    term.high.count = std::llround(bytes * high);
}

Term overhead_of(const Settings& settings, const Rank& rank)
{
    Term term = make_term("overhead", "Overhead",
                          named<Traced>("C_context", settings.context_bytes) + named<Traced>("C_nccl", rank.nccl) +
                              named<Traced>("C_graphs", rank.graphs),
                          Basis::assumed);
    term.source = "context and NCCL as logged for vLLM, CUDA graphs by its rule: no SGLang run tells them apart";
    set_range(term, 0.5, 2);
    const auto add = [&](std::string_view id, std::string_view label, std::string_view symbol, double bytes) {
        Term part = make_term(id, label, named<Traced>(symbol, bytes), Basis::assumed);
        set_range(part, 0.5, 2);
        term.children.push_back(std::move(part));
    };
    add("overhead.cuda_context", "CUDA context", "C_context", settings.context_bytes);
    add("overhead.nccl", "NCCL and all-reduce buffers", "C_nccl", rank.nccl);
    add("overhead.cuda_graphs", "CUDA graphs", "C_graphs", rank.graphs);
    return term;
}

/// With data-parallel attention the replicas live on the ranks of the tensor parallelism: each holds attention for its
/// own requests, and all share out the rest (dp_attention.py).
InferenceInputs with_attention_shared(InferenceInputs load, const Settings& settings)
{
    if (load.choice->sglang.enable_dp_attention)
        load.sharding.attention_ranks = settings.attention_ranks;
    load.sharding.whole_experts = load.hardware->expert_parallel > 1;
    load.sharding.replicas = load.hardware->data_parallel;
    return load;
}

class SglangPlan final : public Plan
{
public:
    SglangPlan(InferenceInputs load, const Settings& settings)
        : Plan(with_attention_shared(std::move(load), settings)), settings_(settings),
          ranks_(ranks_of(load_, settings_))
    {
    }

    DeviceLoad fullest(std::int64_t sequences) const override
    {
        const Load load = load_of(load_, settings_, sequences);
        return device_of(load, settings_, fullest_rank(load));
    }

    std::vector<Term> terms(bool text) const override
    {
        const Load load = load_of(load_, settings_, load_.concurrent_sequences);
        return terms_of(load, fullest_rank(load), text);
    }

    std::vector<PlannedDevice> devices(bool text) const override;
    std::optional<Pool> pool() const override;
    std::int64_t replicas() const override { return settings_.data_parallel; }
    /// Attention replicas are made of the tensor-parallel GPUs.
    std::int64_t gpus() const override
    {
        const bool inside = load_.choice->sglang.enable_dp_attention;
        return load_.tensor_parallel * load_.pipeline_parallel * (inside ? 1 : settings_.data_parallel);
    }
    double cache_of_one() const override;
    std::vector<EnginePrint> prints() const override;
    std::vector<Issue> issues() const override;
    void fill_defaults(Scenario& scenario) const override;

private:
    std::vector<Term> terms_of(const Load& load, const Rank& rank, bool text) const;

    const Rank& fullest_rank(const Load& load) const
    {
        return *std::min_element(ranks_.begin(), ranks_.end(), [&](const Rank& a, const Rank& b) {
            return device_of(load, settings_, a).free_bytes() < device_of(load, settings_, b).free_bytes();
        });
    }

    Settings settings_;
    std::vector<Rank> ranks_;
};

/// Ranks of one stage hold alike, and so do replicas; what the server prints, every rank does.
std::vector<PlannedDevice> SglangPlan::devices(bool text) const
{
    const Load load = load_of(load_, settings_, load_.concurrent_sequences);
    const std::vector<EnginePrint> prints = this->prints();
    std::vector<PlannedDevice> list;
    for (const Rank& rank : ranks_) {
        const auto stage = static_cast<std::int64_t>(rank.stage);
        list.push_back({.index = stage * load_.tensor_parallel,
                        .count = gpus() / static_cast<std::int64_t>(ranks_.size()),
                        .rank = RankNumber{.pipeline = stage},
                        .layers = layers_of_stage(load_, rank.stage),
                        .load = device_of(load, settings_, rank),
                        .terms = terms_of(load, rank, text),
                        .prints = prints});
        for (EnginePrint& print : list.back().prints)
            if (print.id == "load_weight_gib")
                print.value = rank.loaded / bytes_per_gib;
    }
    return list;
}

std::vector<Term> SglangPlan::terms_of(const Load& load, const Rank& rank, bool text) const
{
    if (!text) {
        const MemoryFigures figures = figures_of(load, settings_, rank);
        return {make_term("weights", "Weights", figures.weights, Basis::derived),
                make_term("kv_cache", "KV cache", figures.kv_cache, Basis::derived),
                make_term("activations", "Activations", figures.activations, Basis::derived),
                make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
    }
    const InferenceInputs part = inputs_of_stage(load_, rank.stage);
    Term weights = vllm::loaded_term(part, vllm::loaded_extras(part, as_vllm(load_, settings_)), loaded_sources);
    weights.source = "as loaded: RoPE tables, padding, MLA copies and allocator rounding beside the checkpoint";
    set_range(weights, 0.99, 1.02);
    widen_parts(weights);
    Term cache = make_term("kv_cache", "KV cache", pools_for<Traced>(load, settings_, rank.costs), Basis::derived);
    cache.source = "the pools that serve it: slots of one token each, of windows and of states (memory_pool.py)";
    Term activations = make_term("activations", "Activations",
                                 vllm::activation_peak<Traced>(rank.shapes, vllm::Era::from_0_17), Basis::assumed);
    activations.source = "one layer on a prefill chunk, or the sampler: shapes as in vLLM; SGLang reserves for it";
    set_range(activations, 0.5, 1.5);
    return {std::move(weights), std::move(cache), std::move(activations), overhead_of(settings_, rank)};
}

std::vector<EnginePrint> SglangPlan::prints() const
{
    if (load_.accelerator == nullptr)
        return {};
    const Rank& rank = tightest(ranks_);
    if (!(settings_.mem_fraction_static > 0))
        return {}; // a card too small for any share
    std::vector<EnginePrint> list = {{"mem_fraction_static", "mem_fraction_static", settings_.mem_fraction_static, 3}};
    if (ranks_.front().loaded + settings_.context_bytes > settings_.total_memory - settings_.in_use)
        return list; // out of memory while it loads
    list.insert(list.begin(),
                {"load_weight_gib", "Load weight end, mem usage (GB)", ranks_.front().loaded / bytes_per_gib, 2});
    if (rank.pools.rest <= 0)
        return list;
    list.push_back(
        {"max_total_num_tokens", "max_total_num_tokens", static_cast<double>(rank.pools.max_total_num_tokens), 0});
    list.push_back({"kv_gib", "KV Cache is allocated (GB)", rank.pools.kv_bytes / bytes_per_gib, 2});
    if (rank.costs.state_per_sequence > 0) {
        list.push_back({"max_mamba_cache_size", "max_mamba_cache_size", static_cast<double>(rank.pools.states), 0});
        list.push_back({"mamba_gib", "Mamba Cache is allocated (GB)",
                        static_cast<double>(rank.pools.states) * rank.costs.state_per_sequence / bytes_per_gib, 2});
    }
    return list;
}

std::optional<Pool> SglangPlan::pool() const
{
    if (load_.accelerator == nullptr)
        return std::nullopt;
    const Rank& rank = tightest(ranks_);
    const double states = static_cast<double>(rank.pools.states) * rank.costs.state_per_sequence;
    return Pool{rank.pools.max_total_num_tokens,
                rank.pools.max_total_num_tokens * settings_.data_parallel,
                {std::llround(rank.pools.kv_bytes + states)}};
}

/// Its tokens and windows, and the slots of its states; not what the pools' fixed shares make of them.
double SglangPlan::cache_of_one() const
{
    const Load load = load_of(load_, settings_, settings_.data_parallel);
    const CacheCosts& costs = fullest_rank(load).costs;
    return load.tokens * costs.full_per_token + std::min(load.tokens, costs.longest_window) * costs.windowed_per_token +
           static_cast<double>(settings_.slots_per_request) * costs.state_per_sequence;
}

std::vector<Issue> SglangPlan::issues() const
{
    std::vector<Issue> issues;
    // ep_size lies inside the tensor-parallel ranks; the others split each expert (server_args.py).
    const std::int64_t experts = load_.hardware->expert_parallel;
    if (experts > 1 && load_.tensor_parallel % experts != 0)
        issues.push_back({"hardware.expert_parallel", Severity::error,
                          "hardware.expert_parallel is " + grouped(experts) +
                              "; in SGLang it must divide hardware.tensor_parallel, " +
                              grouped(load_.tensor_parallel)});
    if (load_.choice->sglang.enable_dp_attention && load_.tensor_parallel % load_.hardware->data_parallel != 0)
        issues.push_back({"hardware.data_parallel", Severity::error,
                          "hardware.data_parallel is " + grouped(load_.hardware->data_parallel) +
                              "; with enable_dp_attention it must divide hardware.tensor_parallel " +
                              grouped(load_.tensor_parallel)});
    if (load_.sequence_length > settings_.context_length)
        issues.push_back({"inference.sequence_length", Severity::warning,
                          "SGLang serves at most context_length " + grouped(settings_.context_length) +
                              " tokens; the figures are for " + grouped(load_.sequence_length)});
    if (load_.accelerator != nullptr && tightest(ranks_).pools.rest <= 0)
        issues.push_back({"inference.mem_fraction_static", Severity::warning,
                          "SGLang would not start: the static share leaves no room for a cache beside the weights"});
    return issues;
}

void SglangPlan::fill_defaults(Scenario& scenario) const
{
    SglangOptions& options = scenario.inference.sglang;
    if (settings_.mem_fraction_static > 0) // a card too small for any share has none, nor would SGLang take 0
        options.mem_fraction_static = settings_.mem_fraction_static;
    options.context_length = settings_.context_length;
    options.chunked_prefill_size = settings_.chunked_prefill_size;
    options.cuda_graph_max_bs = settings_.cuda_graph_max_bs;
    scenario.inference.total_memory_bytes = static_cast<std::int64_t>(settings_.total_memory);
}

PlanPointer sglang_plan(InferenceInputs load)
{
    const Settings settings = settings_of(load);
    return std::make_shared<SglangPlan>(std::move(load), settings);
}

bool replicas_take_gpus(const InferenceChoice& choice)
{
    return !choice.sglang.enable_dp_attention;
}

} // namespace

const Engine sglang_rules = {.id = "sglang",
                             .name = "SGLang",
                             .summary = "rules of SGLang's static memory share",
                             .versions = "before mid-2025, mid-2025 and later",
                             .pipelines = true,
                             .replicates = true,
                             .differs_by_accelerator = true,
                             .takes_device_memory = true,
                             .memory_share_key = "inference.mem_fraction_static",
                             .sharding = {.vision_divided = true, .tower_stages = TowerStages::every},
                             .token_bytes = sglang::token_bytes,
                             .plan = sglang_plan,
                             .replicas_take_gpus = replicas_take_gpus};

} // namespace weighbridge
