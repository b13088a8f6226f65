#include "core/engines/tensorrtllm/rank.h"

#include "core/engines/vllm/device_overhead.h"
#include "core/memory/weights.h"
#include "core/quantity/rounding.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace weighbridge::tensorrt_llm {

namespace {

/// Shapes of activations and sizes of graphs are told as vLLM's are.
vllm::Settings as_vllm(const InferenceInputs& load, const Settings& settings)
{
    vllm::Settings same;
    same.version = {1, 0};
    same.max_model_len = settings.max_seq_len;
    same.tensor_parallel = load.tensor_parallel;
    same.pipeline_parallel = load.pipeline_parallel;
    same.max_num_batched_tokens = settings.max_num_tokens;
    same.max_num_seqs = std::max<std::int64_t>(1, settings.graph_batch);
    same.enforce_eager = settings.graph_batch == 0;
    same.total_memory = settings.total_memory;
    same.model_bytes = settings.model_bytes;
    return same;
}

/// Padded batch sizes 1, 2, 4 and every eighth up to the largest (_torch/pyexecutor, cuda_graph_config).
double graphs_of(vllm::DeviceOverhead overhead, const Settings& settings)
{
    std::int64_t sizes = settings.graph_batch / 8;
    for (const std::int64_t small : {1, 2, 4})
        sizes += small <= settings.graph_batch ? 1 : 0;
    overhead.graph_sizes = sizes;
    return std::round(vllm::graph_bytes<double>(overhead, vllm::Era::up_to_0_16));
}

/// L · r_kv · a / attn_tp · (d_nope + d_v): k_b_proj_trans and v_b_proj (_torch/modules/attention.py, MLA).
double absorbed_of(const InferenceInputs& stage, const Settings& settings)
{
    const Architecture& architecture = stage.model->architecture;
    double elements = 0;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind)
        for (const Mixer& mixer : architecture.kinds[kind].mixers)
            if (const auto* latent = std::get_if<LatentAttention>(&mixer))
                elements += static_cast<double>(architecture.layers_of(kind) * latent->kv_lora_rank * latent->heads *
                                                (latent->qk_nope_head_dim + latent->v_head_dim));
    return std::round(elements * settings.model_bytes / static_cast<double>(settings.attention_ranks));
}

/// Both sides of a rank's MXFP4 experts in steps of 128 (_torch/modules/fused_moe/quantization.py, weight_alignment; a
/// log of gpt-oss-120b prints 63.52 GiB).
double expert_padding(const InferenceInputs& stage)
{
    constexpr std::int64_t step = 128;
    if (!stage.weights.experts_only)
        return 0;
    double bytes = 0;
    for (const Tensor& tensor : stage.model->tensors) {
        if (tensor.part != Part::experts || !takes(stage.weights, tensor) || tensor.columns.symbol.empty())
            continue;
        const std::int64_t ranks = stage.sharding.matrix_divisor(tensor, stage.tensor_parallel);
        const auto side = [&](std::int64_t whole, bool divided) {
            const double part = static_cast<double>(whole) / static_cast<double>(divided ? ranks : 1);
            return std::ceil(part / step) * step;
        };
        const bool columns = divides_columns(tensor);
        const double padded = side(tensor.rows.value, !columns) * side(tensor.columns.value, columns) *
                              static_cast<double>(tensor.copies.value * tensor.layers);
        const double own = static_cast<double>(tensor.elements()) / static_cast<double>(ranks);
        const double held = stage.sharding.whole_experts
                                ? static_cast<double>(stage.tensor_parallel) // experts that other ranks hold
                                : 1;
        bytes += (padded - own) * bytes_per_element(stage.weights, tensor) / held;
    }
    return std::round(bytes);
}

double draft_of(const InferenceInputs& stage)
{
    double bytes = 0;
    for (const PredictionLayers& prediction : stage.model->architecture.mtp)
        for (const Tensor& tensor : layer_inventory(stage.model->architecture, prediction.layer))
            bytes += static_cast<double>(prediction.count) * tensor_bytes(stage, tensor);
    return std::round(bytes);
}

/// Logits of 16 bits, and what the decoder keeps of every slot in 32: 1.14 GB and 4.35 GB that a log prints for 2,048
/// slots of 256,000 words.
double runtime_buffers(const InferenceInputs& stage, const Settings& settings)
{
    if (!settings.built_engine)
        return 0;
    constexpr double logits = 2, decoder = 8;
    return static_cast<double>(settings.max_batch_size * settings.beams) *
           static_cast<double>(stage.model->architecture.vocab_size) * (logits + decoder);
}

double bytes_of_state(const CacheRun& run, const Settings& settings)
{
    const double state = run.state_bytes > 0 ? run.state_bytes : settings.model_bytes;
    return static_cast<double>(run.conv_elements()) * settings.model_bytes +
           static_cast<double>(run.state_elements) * state;
}

std::vector<CacheRun> cache_of(const Layer& layer)
{
    Architecture one;
    one.append(layer);
    return cache_layout(one);
}

/// Layers in order take the windows in turns; without a list all keep the whole length, whatever the network says.
void add_pools(Rank& rank, const InferenceInputs& stage, const InferenceInputs& load, const Settings& settings,
               std::int64_t first_layer)
{
    std::map<std::int64_t, WindowPool> pools;
    const auto add = [&](std::int64_t layer, const CacheRun& run) {
        const std::int64_t window =
            settings.windows.empty()
                ? settings.max_seq_len
                : std::min(settings.max_seq_len,
                           settings.windows[static_cast<std::size_t>(layer) % settings.windows.size()]);
        WindowPool& pool = pools[window];
        pool.window = window;
        pool.whole = window == settings.max_seq_len;
        ++pool.layers;
        pool.per_token += token_bytes(load, run) * run.share_of_heads(settings.attention_ranks);
    };
    const Architecture& architecture = stage.model->architecture;
    std::int64_t layer = first_layer;
    for (const LayerRun& run : architecture.runs)
        for (std::int64_t i = 0; i < run.count; ++i, ++layer)
            for (const CacheRun& cache : cache_of(architecture.kinds[run.kind]))
                if (cache.kind == CacheKind::state)
                    rank.states += bytes_of_state(cache, settings) / static_cast<double>(settings.attention_ranks) *
                                   static_cast<double>(settings.max_batch_size);
                else if (cache.kind != CacheKind::cross)
                    add(layer, cache);
    if (rank.draft > 0)
        for (const PredictionLayers& prediction : architecture.mtp)
            for (const CacheRun& cache : cache_of(prediction.layer))
                for (std::int64_t i = 0; i < prediction.count; ++i)
                    if (cache.kind != CacheKind::state && cache.kind != CacheKind::cross)
                        add(0, cache);
    double sum = 0;
    for (const auto& [window, pool] : pools)
        sum += static_cast<double>(pool.layers) * static_cast<double>(window);
    for (auto& [window, pool] : pools) {
        pool.share = static_cast<double>(pool.layers) * static_cast<double>(window) / sum;
        rank.pools.push_back(pool);
    }
}

Term overhead_term(const Rank& rank)
{
    struct Piece
    {
        std::string_view id, label, symbol;
        double bytes;
        std::string_view source;
    };
    const Piece pieces[] = {{"overhead.cuda_context", "CUDA context and workspaces", "C_context", rank.context,
                             "what lies outside torch in logs of one GPU"},
                            {"overhead.nccl", "NCCL and all-reduce buffers", "C_nccl", rank.nccl, "as of vLLM's ranks"},
                            {"overhead.cuda_graphs", "CUDA graphs", "C_graphs", rank.graphs,
                             "cuda_graph_config: batches of 1, 2, 4 and every eighth, by vLLM's rule"},
                            {"overhead.buffers", "Runtime buffers and decoder", "C_buffers", rank.buffers,
                             "of every slot of a built engine, 2 + 8 bytes for each word: one log"}};
    std::optional<Traced> sum;
    Term term = make_term("overhead", "Overhead", 0.0, Basis::assumed);
    std::vector<Term> parts;
    for (const Piece& piece : pieces) {
        if (piece.bytes <= 0)
            continue;
        const auto number = named<Traced>(piece.symbol, piece.bytes);
        sum = sum ? *sum + number : number;
        parts.push_back(make_term(piece.id, piece.label, number, Basis::assumed));
        parts.back().source = piece.source;
        set_range(parts.back(), 0.5, 2);
    }
    term = make_term("overhead", "Overhead", sum.value_or(constant<Traced>(0)), Basis::assumed);
    term.source = "assumed by what vLLM's ranks take: no run of TensorRT-LLM tells its parts";
    set_range(term, 0.5, 2);
    term.children = std::move(parts);
    return term;
}

Term cache_term(const Rank& rank, const Settings& settings, std::int64_t sequences, std::int64_t tokens)
{
    const auto blocks_of = [&](std::int64_t kept) {
        return static_cast<double>(rounded_up(kept, settings.tokens_per_block));
    };
    std::optional<Traced> sum;
    const WindowPool* tightest = nullptr;
    double most = 0;
    for (const WindowPool& pool : rank.pools) {
        const double need = static_cast<double>(sequences) * blocks_of(pool.kept(tokens)) * pool.per_token / pool.share;
        if (tightest == nullptr || need > most) {
            most = need;
            tightest = &pool;
        }
    }
    if (tightest != nullptr) {
        const Traced own = named<Traced>("b", static_cast<double>(sequences)) *
                           named<Traced>("n_tokens", blocks_of(tightest->kept(tokens))) *
                           named<Traced>("B_token", tightest->per_token);
        sum = tightest->share < 1 ? own / named<Traced>("r_pool", tightest->share) : own;
    }
    if (rank.states > 0) {
        const auto states = named<Traced>("B_states", std::round(rank.states));
        sum = sum ? *sum + states : states;
    }
    Term term = make_term("kv_cache", "KV cache", sum.value_or(constant<Traced>(0)), Basis::derived);
    term.source = rank.pools.size() > 1
                      ? "the pools of max_attention_window that serve it: each has a share of the bytes by layers and "
                        "window (_torch/pyexecutor/resource_manager.py)"
                      : "blocks of tokens_per_block tokens; every layer keeps all of them unless max_attention_window "
                        "says otherwise (_torch/pyexecutor/resource_manager.py)";
    return term;
}

} // namespace

double Rank::per_token() const
{
    double sum = 0;
    for (const WindowPool& pool : pools)
        sum += pool.per_token;
    return sum;
}

std::int64_t Rank::tokens(const Settings& settings) const
{
    const double room = available - states;
    if (pools.empty() || room <= 0)
        return 0;
    const WindowPool& longest = pools.back();
    double tokens = std::floor(room * longest.share / longest.per_token);
    if (settings.max_tokens)
        tokens = std::min(tokens, static_cast<double>(*settings.max_tokens));
    const auto block = static_cast<double>(settings.tokens_per_block);
    return static_cast<std::int64_t>(std::ceil(tokens / block) * block);
}

double token_bytes(const InferenceInputs& load, const CacheRun& run)
{
    constexpr double index_row = 132; // 128 numbers of 8 bits and a scale of 32 (attention_backend/sparse/dsa.py)
    const double keys = load.kv_k.bits / 8, values = load.kv_v.bits / 8;
    if (run.kind == CacheKind::compressed)
        return static_cast<double>(run.key_dim) * keys + (run.index_dim > 0 ? index_row : 0);
    const double bytes = static_cast<double>(run.kv_heads) *
                         (static_cast<double>(run.key_dim) * keys + static_cast<double>(run.value_dim) * values);
    return bytes / static_cast<double>(run.compress_ratio);
}

std::vector<Rank> ranks_of(const InferenceInputs& load, const Settings& settings)
{
    std::vector<Rank> ranks;
    const std::size_t count = load.stages ? load.stages->size() : 1;
    const vllm::Settings same = as_vllm(load, settings);
    std::int64_t first_layer = 0;
    for (std::size_t index = 0; index < count; ++index) {
        const InferenceInputs stage = inputs_of_stage(load, index);
        const bool last = index + 1 == count;
        Rank rank;
        rank.stage = index;
        rank.absorbed = settings.built_engine ? 0 : absorbed_of(stage, settings);
        rank.padding = expert_padding(stage);
        if (last && settings.drafted > 0)
            rank.draft = draft_of(stage);
        rank.weights = std::round(weight_bytes(stage)) + rank.absorbed + rank.padding + rank.draft;
        rank.shapes = vllm::profile_shapes(stage, same, index == 0, last);
        rank.activations = std::round(vllm::activation_peak<double>(rank.shapes, vllm::Era::from_0_17));
        const vllm::DeviceOverhead overhead = vllm::device_overhead(stage, same);
        rank.context = std::round(overhead.cuda_context + overhead.non_torch);
        rank.nccl = load.tensor_parallel * load.pipeline_parallel > 1
                        ? std::round(std::max(overhead.nccl, overhead.non_torch))
                        : 0;
        rank.graphs = graphs_of(overhead, settings);
        rank.buffers = std::round(runtime_buffers(stage, settings));
        add_pools(rank, stage, load, settings, first_layer);
        // The trial's own cache is in the peak and given back (_util.py, KvCacheCreator): it takes nothing here.
        rank.available = std::max(0.0, settings.memory_left() - rank.kept()) * settings.fraction;
        if (settings.max_bytes)
            rank.available = std::min(rank.available, static_cast<double>(*settings.max_bytes));
        if (settings.max_tokens && rank.pools.size() == 1)
            rank.available = std::min(rank.available, rank.states + static_cast<double>(rank.tokens(settings)) *
                                                                        rank.pools.front().per_token);
        first_layer += stage.model->architecture.layers();
        ranks.push_back(std::move(rank));
    }
    return ranks;
}

double cache_for(const Rank& rank, const Settings& settings, std::int64_t sequences, std::int64_t tokens)
{
    return static_cast<double>(cache_term(rank, settings, sequences, tokens).bytes.count);
}

MemoryFigures figures_of(const Rank& rank, double cache)
{
    return {.weights = rank.weights,
            .kv_cache = cache,
            .activations = rank.activations,
            .overhead = rank.context + rank.nccl + rank.graphs + rank.buffers};
}

std::vector<Term> terms_of(const InferenceInputs& stage, const Rank& rank, const Settings& settings,
                           std::int64_t sequences)
{
    const LoadedExtra extras[] = {
        {"weights.absorbed", "MLA matrices laid out anew", "W_absorbed", rank.absorbed,
         "k_b_proj_trans and v_b_proj beside kv_b_proj (_torch/modules/attention.py)"},
        {"weights.expert_padding", "Experts in steps of 128", "W_padding", rank.padding,
         "MXFP4 kernels (_torch/modules/fused_moe/quantization.py)"},
        {"weights.draft", "Prediction layers", "W_draft", rank.draft, "of multi-token prediction, on the last stage"}};
    Term weights = loaded_term(stage, extras);
    weights.source = "the checkpoint's tensors on this rank, the embedding whole in each";
    set_range(weights, 0.99, 1.02);
    widen_parts(weights);
    Term activations = make_term("activations", "Activations",
                                 vllm::activation_peak<Traced>(rank.shapes, vllm::Era::from_0_17), Basis::assumed);
    activations.source = "of the trial run with max_num_tokens tokens: shapes as in vLLM (one log: 0.85 GiB of "
                         "gpt-oss-120b with 8,192 tokens)";
    set_range(activations, 0.5, 1.5);
    return {std::move(weights), cache_term(rank, settings, sequences, stage.sequence_length), std::move(activations),
            overhead_term(rank)};
}

} // namespace weighbridge::tensorrt_llm
