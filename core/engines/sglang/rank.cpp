#include "core/engines/sglang/rank.h"

#include "core/engines/sglang/host.h"
#include "core/engines/vllm/device_overhead.h"
#include "core/memory/weights.h"

#include <algorithm>
#include <cmath>

namespace weighbridge::sglang {

namespace {

/// Of a rank's groups, with their buffers: there before the server measures what is free.
constexpr double communicators = 1.2 * bytes_per_gib;

/// Shapes of activations and sizes of graphs are told as vLLM's are.
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
    constexpr std::int64_t most_captured = 512;
    same.largest_graph = std::min({most_captured, 2 * same.max_num_seqs, same.max_num_batched_tokens});
    same.batch_sizes = settings.batch_sizes;
    same.total_memory = settings.total_memory;
    same.model_bytes = settings.model_bytes;
    return same;
}

/// Bytes that a load may have of the pools: whole pages of tokens, as they were made. States get a share of what is
/// left, whatever tokens there are.
double room_of(const Settings& settings, const Rank& rank)
{
    const Pools& pools = rank.pools;
    const bool is_pool = rank.costs.state_per_slot == 0 && pools.max_total_num_tokens > 0;
    return std::min(is_pool ? std::min(pools.rest, pools.total()) : pools.rest, settings.memory_left());
}

/// Slots that a load holds, and the states of drafted steps beside them.
double slots_for(const Load& load, const Settings& settings)
{
    return static_cast<double>(settings.slots_per_request) * load.per_replica;
}

/// The fullest rank's memory decides for all stages (get_available_gpu_memory, the least of all ranks). It is measured
/// over tensors: what is left of the allocator's segments is taken to be of use to what comes later.
void set_pools(std::vector<Rank>& ranks, const Settings& settings)
{
    double most = 0;
    for (const Rank& rank : ranks)
        most = std::max(most, rank.tensors + (settings.release >= Release{0, 5, 14} ? rank.draft.total() : 0));
    for (Rank& rank : ranks) {
        const double free = settings.memory_left() - settings.context_bytes - rank.nccl;
        rank.pools = pools_of(settings, rank.costs, free, most);
    }
    const Pools& pools = tightest(ranks).pools;
    for (Rank& rank : ranks) {
        const std::int64_t requests = running_requests(settings, rank.costs, pools.max_total_num_tokens, pools.states);
        rank.request_table = request_table_bytes(settings, std::max<std::int64_t>(1, requests));
        if (!rank.costs.draft_counted)
            rank.draft_cache = rank.costs.draft_per_token * static_cast<double>(pools.max_total_num_tokens);
    }
}

Term overhead_of(const Settings& settings, const Rank& rank)
{
    struct Piece
    {
        std::string_view id, label, symbol;
        double bytes;
        bool by_rule;
    };
    const Piece pieces[] = {
        {"overhead.cuda_context", "CUDA context", "C_context", settings.context_bytes, false},
        {"overhead.nccl", "NCCL and all-reduce buffers", "C_nccl", rank.nccl, false},
        {"overhead.cuda_graphs", "CUDA graphs", "C_graphs", rank.graphs, false},
        {"overhead.request_table", "Places of the requests' tokens (req_to_token)", "C_requests", rank.request_table,
         true},
        {"kv_cache.draft", "The draft's pool, out of what is left free", "C_draft", rank.draft_cache, true}};
    Traced sum = named<Traced>(pieces[0].symbol, pieces[0].bytes);
    for (std::size_t piece = 1; piece < std::size(pieces); ++piece)
        if (pieces[piece].bytes > 0 || !pieces[piece].by_rule)
            sum = sum + named<Traced>(pieces[piece].symbol, pieces[piece].bytes);
    Term term = make_term("overhead", "Overhead", std::move(sum), Basis::assumed);
    term.source =
        "context and NCCL as seen together in logs, CUDA graphs by vLLM's rule: no SGLang run tells them apart";
    const double known = rank.request_table + rank.draft_cache;
    const double assumed = settings.context_bytes + rank.nccl + rank.graphs;
    term.low.count = std::llround(0.5 * assumed + known);
    term.high.count = std::llround(2 * assumed + known);
    for (const Piece& piece : pieces) {
        if (piece.by_rule && piece.bytes <= 0)
            continue;
        Term part = make_term(piece.id, piece.label, named<Traced>(piece.symbol, piece.bytes),
                              piece.by_rule ? Basis::derived : Basis::assumed);
        if (piece.by_rule)
            part.source = "mem_cache/memory_pool.py";
        else
            set_range(part, 0.5, 2);
        term.children.push_back(std::move(part));
    }
    return term;
}

Term weights_of(const InferenceInputs& stage, const Settings& settings, const Rank& rank)
{
    Term weights = loaded_term(stage, loaded_extras(stage, settings, rank.ends), on_host(stage, settings));
    if (rank.draft.layers > 0) {
        Term draft = make_term("weights.draft", "Draft", named<Traced>("W_draft", rank.draft.layers),
                               settings.draft.kind == DraftKind::assumed_layer ? Basis::assumed : Basis::derived);
        draft.source = "its layers; its embedding and head are given back once the pool is taken: "
                       "speculative/eagle_worker_v2.py";
        std::vector<Term> parts = std::move(weights.children);
        weights = make_term("weights", "Weights",
                            named<Traced>("W_network", rank.loaded) + named<Traced>("W_draft", rank.draft.layers),
                            Basis::derived);
        parts.push_back(std::move(draft));
        weights.children = std::move(parts);
    }
    weights.source = "as loaded: RoPE tables, padding, MLA copies and allocator rounding beside the checkpoint";
    set_range(weights, 0.99, 1.02);
    widen_parts(weights);
    return weights;
}

} // namespace

std::vector<Rank> ranks_of(const InferenceInputs& inputs, const Settings& settings)
{
    std::vector<Rank> ranks;
    const std::size_t count = inputs.stages ? inputs.stages->size() : 1;
    const vllm::Settings same = as_vllm(inputs, settings);
    for (std::size_t stage = 0; stage < count; ++stage) {
        const InferenceInputs part = inputs_of_stage(inputs, stage);
        Rank rank;
        rank.stage = stage;
        rank.ends = {stage == 0, stage + 1 == count};
        rank.loaded = rank.tensors = weight_bytes(part);
        for (const LoadedExtra& extra : loaded_extras(part, settings, rank.ends)) {
            rank.loaded += extra.bytes;
            rank.tensors += extra.id == allocator_rounding ? 0 : extra.bytes;
        }
        const double moved = on_host(part, settings).total();
        rank.loaded -= moved;
        rank.tensors -= moved;
        if (rank.ends.last)
            rank.draft = draft_weights(part, settings);
        rank.shapes = vllm::profile_shapes(part, same, rank.ends.first, rank.ends.last);
        rank.activations = vllm::activation_peak<double>(rank.shapes, vllm::Era::from_0_17);
        const vllm::DeviceOverhead overhead = vllm::device_overhead(part, same);
        rank.graphs = std::round(overhead.cuda_graphs);
        rank.nccl = inputs.tensor_parallel * inputs.pipeline_parallel > 1 ? std::round(communicators) : 0;
        rank.costs = cache_costs(part, settings);
        ranks.push_back(rank);
    }
    set_pools(ranks, settings);
    return ranks;
}

const Rank& tightest(const std::vector<Rank>& ranks)
{
    return *std::min_element(ranks.begin(), ranks.end(), [](const Rank& a, const Rank& b) {
        return a.pools.max_total_num_tokens < b.pools.max_total_num_tokens;
    });
}

Load load_of(const InferenceInputs& inputs, const Settings& settings, std::int64_t sequences)
{
    const std::int64_t pages = (inputs.sequence_length + settings.page_size - 1) / settings.page_size;
    return {std::ceil(static_cast<double>(sequences) / static_cast<double>(settings.data_parallel)),
            static_cast<double>(pages * settings.page_size)};
}

template<class Number>
Number pools_for(const Load& load, const Settings& settings, const CacheCosts& costs)
{
    const Number sequences = named<Number>("b", load.per_replica);
    const Number length = named<Number>("s", load.tokens);
    Number tokens = sequences * length;
    Number per_token = named<Number>("B_token", costs.full_per_token);
    if (costs.windowed_per_token > 0 && costs.window_tokens == 0) {
        const Number share = named<Number>("r_window", costs.windowed_share);
        tokens = larger_of(tokens,
                           divided_up(sequences * smaller_of(length, named<Number>("W", costs.longest_window)), share));
        per_token = per_token + share * named<Number>("B_window", costs.windowed_per_token);
    }
    Number cache = tokens * per_token;
    if (costs.window_tokens > 0)
        cache = cache +
                named<Number>("n_window", costs.window_tokens) * named<Number>("B_window", costs.windowed_per_token);
    if (costs.fixed > 0)
        cache = cache + named<Number>("B_compressors", costs.fixed);
    if (costs.state_per_slot == 0)
        return cache;
    const Number one = constant<Number>(1);
    const Number slot = named<Number>("B_state", costs.state_per_slot);
    const Number per_request = named<Number>("p", static_cast<double>(settings.slots_per_request));
    Number slots = settings.state_slots ? named<Number>("K", static_cast<double>(*settings.state_slots)) + one
                                        : sequences * per_request + one;
    if (settings.draft.any())
        slots = slots + named<Number>("D", static_cast<double>(settings.draft.tokens)) * (sequences + one);
    Number states = slots * slot;
    if (costs.per_token() == 0)
        return states;
    if (settings.state_slots)
        return cache + states;
    const double q = settings.state_ratio;
    return larger_of(cache * named<Number>("(1 + q)", 1 + q), states * named<Number>("(1 + q)/q", (1 + q) / q));
}

template double pools_for<double>(const Load&, const Settings&, const CacheCosts&);
template Traced pools_for<Traced>(const Load&, const Settings&, const CacheCosts&);

MemoryFigures figures_of(const Load& load, const Settings& settings, const Rank& rank)
{
    return {.weights = rank.weights(),
            .kv_cache = pools_for<double>(load, settings, rank.costs),
            .activations = rank.activations,
            .overhead = settings.context_bytes + rank.nccl + rank.graphs + rank.request_table + rank.draft_cache};
}

DeviceLoad device_of(const Load& load, const Settings& settings, const Rank& rank)
{
    const MemoryFigures figures = figures_of(load, settings, rank);
    DeviceLoad device{.figures = figures,
                      .needed = figures.whole(),
                      .usable = figures.kept_whole() + room_of(settings, rank),
                      .limit = Limit::pool};
    const double missing = slots_for(load, settings) - static_cast<double>(rank.pools.states);
    if (rank.costs.state_per_slot > 0 && missing > 0) {
        device.limit = Limit::states;
        if (settings.state_slots) // room elsewhere is of no use to them
            device.needed = std::max(device.needed, device.usable + missing * rank.costs.state_per_slot);
    }
    if (device.usable > settings.memory_left()) {
        device.usable = settings.memory_left();
        device.limit = Limit::memory;
    }
    device.usable = std::max(0.0, device.usable);
    return device;
}

std::vector<Term> terms_of(const InferenceInputs& stage, const Load& load, const Settings& settings, const Rank& rank)
{
    Term cache = make_term("kv_cache", "KV cache", pools_for<Traced>(load, settings, rank.costs), Basis::derived);
    cache.source = "the pools that serve it: slots of one token each, of windows and of states (memory_pool.py)";
    Term activations = make_term("activations", "Activations",
                                 vllm::activation_peak<Traced>(rank.shapes, vllm::Era::from_0_17), Basis::assumed);
    activations.source = "one layer on a prefill chunk, or the sampler: shapes as in vLLM; SGLang reserves for it";
    set_range(activations, 0.5, 1.5);
    return {weights_of(stage, settings, rank), std::move(cache), std::move(activations), overhead_of(settings, rank)};
}

} // namespace weighbridge::sglang
