#include "core/engines/lmdeploy/rank.h"

#include "core/engines/loaded_extra.h"
#include "core/engines/vllm/device_overhead.h"
#include "core/memory/weights.h"

#include <algorithm>
#include <cmath>

namespace weighbridge::lmdeploy {

namespace {

/// Shapes of activations are told as vLLM's are.
vllm::Settings as_vllm(const InferenceInputs& load, const Settings& settings)
{
    vllm::Settings same;
    same.version = {1, 0};
    same.max_model_len = settings.session_len;
    same.tensor_parallel = load.tensor_parallel;
    same.max_num_batched_tokens = settings.max_prefill_tokens;
    same.max_num_seqs = settings.max_batch_size;
    same.enforce_eager = true;
    same.total_memory = settings.total_memory;
    same.model_bytes = settings.model_bytes;
    return same;
}

/// The rank's rows of the head (turbomind/models, lm_head).
double own_head(const InferenceInputs& load, const Settings& settings)
{
    const Architecture& architecture = load.model->architecture;
    if (!settings.turbomind || !architecture.tie_word_embeddings)
        return 0;
    return std::round(static_cast<double>(architecture.vocab_size * architecture.embedding_width()) *
                      settings.model_bytes / static_cast<double>(load.tensor_parallel));
}

/// Convolution over its whole kernel and state, both in the model's type (pytorch/configurations/qwen3_5.py).
double state_of(const InferenceInputs& load, const Settings& settings)
{
    double bytes = 0;
    for (const CacheRun& run : load.model->cache)
        if (run.kind == CacheKind::state)
            bytes += static_cast<double>(run.layers) *
                     static_cast<double>(run.conv_channels * run.conv_kernel + run.state_elements) *
                     settings.model_bytes;
    return bytes / static_cast<double>(load.tensor_parallel);
}

double block_of(const InferenceInputs& load, const Settings& settings)
{
    double bytes = 0;
    for (const CacheRun& run : load.model->cache) {
        if (run.kind == CacheKind::state || run.kind == CacheKind::cross)
            continue;
        bytes += static_cast<double>(run.layers) * token_bytes(load, run) * run.share_of_heads(load.tensor_parallel);
    }
    return bytes * static_cast<double>(settings.block);
}

/// Logits of a step; the step is halved until 16 blocks fit beside them (executor/base.py, _get_runtime_size).
double runtime_of(const Rank& rank, const Settings& settings, double free, std::int64_t vocabulary)
{
    constexpr double fewest_blocks = 16;
    double runtime = 0;
    for (std::int64_t tokens = settings.max_prefill_tokens; tokens > 0; tokens /= 2) {
        runtime = static_cast<double>(tokens + 2 * settings.max_batch_size) * static_cast<double>(vocabulary) * 2;
        if ((free - runtime) * settings.share >= fewest_blocks * rank.block)
            break;
    }
    return runtime;
}

void size_cache(Rank& rank, const InferenceInputs& load, const Settings& settings)
{
    double free = settings.memory_left() - rank.weights - rank.context - rank.nccl;
    if (!settings.turbomind) {
        free -= rank.state_slots;
        rank.runtime = runtime_of(rank, settings, free, load.model->architecture.vocab_size);
        free -= rank.runtime;
    }
    rank.cache = std::floor(std::max(0.0, settings.share_of_all ? std::min(free, settings.total_memory * settings.share)
                                                                : free * settings.share));
    if (settings.blocks)
        rank.cache = static_cast<double>(*settings.blocks) * rank.block;
    rank.blocks = rank.block > 0 ? static_cast<std::int64_t>(rank.cache / rank.block) : 0;
}

/// What a step computes lies in what the share leaves free.
Term activations_term(const Rank& rank)
{
    const bool logits = rank.runtime > rank.activations;
    Term term = make_term("activations", "Activations",
                          logits ? named<Traced>("B_runtime", rank.runtime)
                                 : vllm::activation_peak<Traced>(rank.shapes, vllm::Era::from_0_17),
                          Basis::assumed);
    term.source = logits ? "what the PyTorch engine sets aside for logits of a step (executor/base.py)"
                         : "one layer on max_prefill_token_num tokens, or the sampler: shapes as in vLLM; LMDeploy "
                           "profiles nothing";
    set_range(term, 0.3, 1.5);
    return term;
}

Term overhead_term(const Rank& rank)
{
    const auto context = named<Traced>("C_context", rank.context);
    Traced sum = context;
    if (rank.nccl > 0)
        sum = sum + named<Traced>("C_nccl", rank.nccl);
    if (rank.state_slots > 0)
        sum = sum + named<Traced>("B_states", rank.state_slots);
    Term term = make_term("overhead", "Overhead", std::move(sum), Basis::assumed);
    term.source = "CUDA context, libraries and communicators: assumed by what vLLM's ranks take";
    if (rank.state_slots > 0)
        term.source += "; slots of states, max_batch_size and 2 more, outside the share (executor/base.py)";
    const double assumed = rank.context + rank.nccl;
    term.low.count = std::llround(0.5 * assumed + rank.state_slots);
    term.high.count = std::llround(2 * assumed + rank.state_slots);
    return term;
}

} // namespace

double token_bytes(const InferenceInputs& load, const CacheRun& run)
{
    constexpr std::string_view policy = "quant_policy:";
    constexpr double scale_and_zero = 4;
    const auto width = [&](const NumberFormat& format) {
        if (!std::string_view(format.id).starts_with(policy))
            return format.bits / 8;
        return format.id.ends_with("4") ? 0.5 : 1.0;
    };
    const auto extra = [&](const NumberFormat& format) {
        return std::string_view(format.id).starts_with(policy) ? scale_and_zero : 0;
    };
    if (run.kind == CacheKind::compressed)
        return static_cast<double>(run.key_dim + run.index_dim) * width(load.kv_k) + extra(load.kv_k);
    const double head = static_cast<double>(run.key_dim) * width(load.kv_k) + extra(load.kv_k) +
                        static_cast<double>(run.value_dim) * width(load.kv_v) +
                        (run.value_dim > 0 ? extra(load.kv_v) : 0);
    return static_cast<double>(run.kv_heads) * head / static_cast<double>(run.compress_ratio);
}

Rank rank_of(const InferenceInputs& load, const Settings& settings)
{
    Rank rank;
    const vllm::Settings same = as_vllm(load, settings);
    rank.head = own_head(load, settings);
    rank.weights = std::round(weight_bytes(load)) + rank.head;
    const vllm::DeviceOverhead overhead = vllm::device_overhead(load, same);
    rank.context = std::round(overhead.cuda_context + overhead.non_torch);
    rank.nccl = load.tensor_parallel > 1 ? std::round(overhead.nccl) : 0;
    rank.shapes = vllm::profile_shapes(load, same, true, true);
    rank.activations = std::round(vllm::activation_peak<double>(rank.shapes, vllm::Era::from_0_17));
    rank.block = block_of(load, settings);
    const double state = state_of(load, settings);
    constexpr std::int64_t spare_slots = 2;
    if (settings.turbomind)
        rank.state = state;
    else
        rank.state_slots = std::round(state * static_cast<double>(settings.max_batch_size + spare_slots));
    size_cache(rank, load, settings);
    return rank;
}

template<class Number>
Number cache_for(const Rank& rank, const Settings& settings, std::int64_t sequences, std::int64_t tokens)
{
    const std::int64_t blocks = (tokens + settings.block - 1) / settings.block;
    Number each = named<Number>("n_blocks", static_cast<double>(blocks)) * named<Number>("B_block", rank.block);
    if (rank.state > 0)
        each = each + named<Number>("B_state", rank.state);
    return named<Number>("b", static_cast<double>(sequences)) * each;
}

template double cache_for<double>(const Rank&, const Settings&, std::int64_t, std::int64_t);
template Traced cache_for<Traced>(const Rank&, const Settings&, std::int64_t, std::int64_t);

MemoryFigures figures_of(const Rank& rank, double cache)
{
    return {.weights = rank.weights,
            .kv_cache = cache,
            .activations = std::max(rank.activations, rank.runtime),
            .overhead = rank.context + rank.nccl + rank.state_slots};
}

std::vector<Term> terms_of(const InferenceInputs& load, const Rank& rank, const Settings& settings,
                           std::int64_t sequences)
{
    const LoadedExtra extras[] = {{"weights.head", "Head of its own", "W_head", rank.head,
                                   "TurboMind loads the tied embedding twice (turbomind/models, add_lm_head)"}};
    Term weights = loaded_term(load, extras);
    weights.source = "the checkpoint's tensors on this rank";
    set_range(weights, 0.99, 1.03);
    widen_parts(weights);
    Term cache = make_term("kv_cache", "KV cache", cache_for<Traced>(rank, settings, sequences, load.sequence_length),
                           Basis::derived);
    cache.source = settings.turbomind
                       ? "blocks of cache_block_seq_len tokens of all layers, windows included; a scale and a zero of "
                         "16 bits for each head where quantized (turbomind/models/llama/BlockManager.cc)"
                       : "blocks of all layers (pytorch/engine/cache_engine.py)";
    return {std::move(weights), std::move(cache), activations_term(rank), overhead_term(rank)};
}

} // namespace weighbridge::lmdeploy
