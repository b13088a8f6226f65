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

double sequences_per_replica(const InferenceInputs& inputs, const Settings& settings)
{
    return std::ceil(static_cast<double>(inputs.concurrent_sequences) / static_cast<double>(settings.data_parallel));
}

/// Sequences x (tokens of full layers + windows + states).
template<class Number>
Number workload_cache(const InferenceInputs& inputs, const Settings& settings, const CacheCosts& costs)
{
    const auto tokens = static_cast<double>(inputs.sequence_length);
    const Number length = named<Number>("s", tokens);
    Number each = length * named<Number>("B_token", costs.full_per_token);
    if (costs.windowed_per_token > 0)
        each = each + smaller_of(length, named<Number>("W", costs.longest_window)) *
                          named<Number>("B_window", costs.windowed_per_token);
    if (costs.state_per_sequence > 0)
        each = each + named<Number>("B_state", costs.state_per_sequence);
    return named<Number>("b", sequences_per_replica(inputs, settings)) * each;
}

MemoryFigures figures_of(const InferenceInputs& inputs, const Settings& settings, const Rank& rank)
{
    return {.weights = rank.loaded,
            .kv_cache = workload_cache<double>(inputs, settings, rank.costs),
            .activations = rank.activations,
            .overhead = settings.context_bytes + rank.nccl + rank.graphs};
}

const Rank& fullest(const InferenceInputs& inputs, const Settings& settings, const std::vector<Rank>& ranks)
{
    return *std::max_element(ranks.begin(), ranks.end(), [&](const Rank& a, const Rank& b) {
        return figures_of(inputs, settings, a).total() < figures_of(inputs, settings, b).total();
    });
}

/// The stage whose pool is smallest decides for all.
const Rank& tightest(const std::vector<Rank>& ranks)
{
    return *std::min_element(ranks.begin(), ranks.end(), [](const Rank& a, const Rank& b) {
        return a.pools.max_total_num_tokens < b.pools.max_total_num_tokens;
    });
}

MemoryFigures memory(const InferenceInputs& inputs)
{
    const Settings settings = settings_of(inputs);
    const std::vector<Rank> ranks = ranks_of(inputs, settings);
    return figures_of(inputs, settings, fullest(inputs, settings, ranks));
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

std::vector<Term> terms(const InferenceInputs& inputs, bool text)
{
    const Settings settings = settings_of(inputs);
    const std::vector<Rank> ranks = ranks_of(inputs, settings);
    const Rank& rank = fullest(inputs, settings, ranks);
    if (!text) {
        const MemoryFigures figures = figures_of(inputs, settings, rank);
        return {make_term("weights", "Weights", figures.weights, Basis::derived),
                make_term("kv_cache", "KV cache", figures.kv_cache, Basis::derived),
                make_term("activations", "Activations", figures.activations, Basis::derived),
                make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
    }
    const InferenceInputs part = inputs_of_stage(inputs, rank.stage);
    Term weights = vllm::loaded_term(part, vllm::loaded_extras(part, as_vllm(inputs, settings)), loaded_sources);
    weights.source = "as loaded: RoPE tables, padding, MLA copies and allocator rounding beside the checkpoint";
    set_range(weights, 0.99, 1.02);
    widen_parts(weights);
    Term cache = make_term("kv_cache", "KV cache", workload_cache<Traced>(part, settings, rank.costs), Basis::derived);
    cache.source = "slots of one token each: memory_pool.py";
    Term activations = make_term("activations", "Activations",
                                 vllm::activation_peak<Traced>(rank.shapes, vllm::Era::from_0_17), Basis::assumed);
    activations.source = "one layer on a prefill chunk, or the sampler: shapes as in vLLM; SGLang reserves for it";
    set_range(activations, 0.5, 1.5);
    return {std::move(weights), std::move(cache), std::move(activations), overhead_of(settings, rank)};
}

/// All of the device: the static share is a rule of the pool's, not a limit on the process.
Bytes usable(const InferenceInputs& inputs)
{
    return {static_cast<std::int64_t>(settings_of(inputs).total_memory)};
}

std::vector<EnginePrint> prints(const InferenceInputs& inputs)
{
    if (inputs.accelerator == nullptr)
        return {};
    const Settings settings = settings_of(inputs);
    const std::vector<Rank> ranks = ranks_of(inputs, settings);
    const Rank& rank = tightest(ranks);
    std::vector<EnginePrint> list = {
        {"load_weight_gib", "Load weight end, mem usage (GB)", ranks.front().loaded / bytes_per_gib, 2},
        {"mem_fraction_static", "mem_fraction_static", settings.mem_fraction_static, 3},
        {"max_total_num_tokens", "max_total_num_tokens", static_cast<double>(rank.pools.max_total_num_tokens), 0},
        {"kv_gib", "KV Cache is allocated (GB)", rank.pools.kv_bytes / bytes_per_gib, 2},
    };
    if (rank.costs.state_per_sequence > 0) {
        list.push_back({"max_mamba_cache_size", "max_mamba_cache_size", static_cast<double>(rank.pools.states), 0});
        list.push_back({"mamba_gib", "Mamba Cache is allocated (GB)",
                        static_cast<double>(rank.pools.states) * rank.costs.state_per_sequence / bytes_per_gib, 2});
    }
    return list;
}

std::int64_t kv_tokens(const InferenceInputs& inputs, std::int64_t most_sequences)
{
    if (inputs.accelerator == nullptr)
        return most_sequences * inputs.sequence_length;
    return tightest(ranks_of(inputs, settings_of(inputs))).pools.max_total_num_tokens;
}

std::vector<Issue> check(const InferenceInputs& inputs)
{
    const Settings settings = settings_of(inputs);
    std::vector<Issue> issues;
    if (inputs.choice->sglang.enable_dp_attention && inputs.tensor_parallel % inputs.hardware->data_parallel != 0)
        issues.push_back({"hardware.data_parallel", Severity::error,
                          "hardware.data_parallel is " + grouped(inputs.hardware->data_parallel) +
                              "; with enable_dp_attention it must divide hardware.tensor_parallel " +
                              grouped(inputs.tensor_parallel)});
    if (inputs.sequence_length > settings.context_length)
        issues.push_back({"inference.sequence_length", Severity::warning,
                          "SGLang serves at most context_length " + grouped(settings.context_length) +
                              " tokens; the figures are for " + grouped(inputs.sequence_length)});
    if (inputs.accelerator != nullptr && tightest(ranks_of(inputs, settings)).pools.rest <= 0)
        issues.push_back({"inference.mem_fraction_static", Severity::warning,
                          "SGLang would not start: the static share leaves no room for a cache beside the weights"});
    return issues;
}

void fill_defaults(const InferenceInputs& inputs, Scenario& scenario)
{
    const Settings settings = settings_of(inputs);
    SglangOptions& options = scenario.inference.sglang;
    if (settings.mem_fraction_static > 0) // a card too small for any share has none, nor would SGLang take 0
        options.mem_fraction_static = settings.mem_fraction_static;
    options.context_length = settings.context_length;
    options.chunked_prefill_size = settings.chunked_prefill_size;
    options.cuda_graph_max_bs = settings.cuda_graph_max_bs;
    scenario.inference.total_memory_bytes = static_cast<std::int64_t>(settings.total_memory);
}

/// With data-parallel attention the replicas live on the ranks of the tensor parallelism: each holds attention for its
/// own requests, and all share out the rest (dp_attention.py).
void prepare(InferenceInputs& inputs)
{
    if (inputs.choice->sglang.enable_dp_attention)
        inputs.sharding.attention_ranks = settings_of(inputs).attention_ranks;
    inputs.sharding.whole_experts = inputs.hardware->expert_parallel > 1;
    inputs.sharding.replicas = inputs.hardware->data_parallel;
}

} // namespace

const Engine sglang_rules = {.id = "sglang",
                             .name = "SGLang",
                             .summary = "rules of SGLang's static memory share",
                             .versions = "before mid-2025, mid-2025 and later",
                             .pipelines = true,
                             .replicates = true,
                             .differs_by_accelerator = true,
                             .sharding = {.vision_divided = true, .tower_stages = TowerStages::every},
                             .prepare = prepare,
                             .memory = memory,
                             .terms = terms,
                             .usable = usable,
                             .prints = prints,
                             .kv_tokens = kv_tokens,
                             .check = check,
                             .fill_defaults = fill_defaults};

} // namespace weighbridge
