#include "core/engines/ollama/sums.h"

#include "core/engines/llamacpp/model_buffers.h"
#include "core/quantity/bytes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace weighbridge {

namespace {

/// What the graph's formulas are written with.
struct GraphSymbols
{
    double b = 0;       ///< tokens of a batch
    double n = 0;       ///< tokens of all slots
    double h = 0;       ///< width
    double v = 0;       ///< vocabulary
    double a = 0;       ///< heads of queries
    double k = 0;       ///< heads of keys and values, the most of a layer
    double least_k = 0; ///< the fewest of a layer that has some
    double d = 0;       ///< width of a key head
    double width = 0;   ///< of the network by heads
    double ffn = 0;     ///< of a feed-forward or an expert
    double cache = 0;   ///< bytes of all layers
    double slots = 0;
};

GraphSymbols symbols_of(const OllamaSettings& settings, const LlamaCppRun& run, std::int64_t slots, double cache)
{
    const Architecture& architecture = run.model->architecture;
    GraphSymbols x;
    x.n = static_cast<double>(settings.num_ctx * slots);
    x.b = std::min(x.n, static_cast<double>(settings.num_batch));
    x.h = static_cast<double>(architecture.hidden_size);
    x.v = static_cast<double>(architecture.vocab_size);
    for (const LayerWidths& widths : run.widths) {
        const auto kv_heads = static_cast<double>(widths.kv_heads);
        x.a = std::max(x.a, static_cast<double>(widths.heads));
        x.k = std::max(x.k, kv_heads);
        if (kv_heads > 0) {
            x.least_k = x.least_k > 0 ? std::min(x.least_k, kv_heads) : kv_heads;
            x.d = std::max(x.d, static_cast<double>(widths.keys) / kv_heads);
        }
        x.ffn = std::max(x.ffn, static_cast<double>(widths.routed_experts > 0 ? widths.expert : widths.feed_forward));
    }
    x.width = x.a > 0 ? x.h / x.a : 0;
    x.cache = cache;
    x.slots = static_cast<double>(slots);
    return x;
}

struct GraphBytes
{
    double full = 0;
    double partial = 0;
};

double experts_gate(const LlamaCppRun& run)
{
    for (const Tensor& tensor : run.model->tensors)
        if (tensor.part == Part::experts && tensor.name.ends_with("gate_proj.weight"))
            return gguf_tensor_bytes(run, tensor);
    return 0;
}

GraphBytes llama_graph(const GraphSymbols& x, const LlamaCppRun& run)
{
    GraphBytes graph;
    graph.full = std::max(4 * x.b * (1 + 4 * x.h + x.n * (1 + x.a)), 4 * x.b * (x.h + x.v));
    graph.partial = 4 * x.b * x.h + std::max(4 * x.b * (1 + x.h + std::max(x.n, x.h)) + x.h * x.h * 9 / 16 +
                                                 4 * x.n * (x.b * x.a + x.width * x.k),
                                             4 * x.b * (x.h + x.v) + x.h * x.v * 105 / 128);
    if (const double gate = experts_gate(run); gate > 0)
        graph.partial = std::max(3 * gate + 4 * x.b * (2 * x.ffn + x.k + x.h + x.n + x.width * x.k),
                                 4 * (x.n * x.b * x.a + x.n * x.width * x.k + x.b * 1024 + x.width * x.k * x.b));
    return graph;
}

GraphBytes gemma_graph(const GraphSymbols& x, double times)
{
    return {times * std::max(4 * x.b * (x.h + x.v), 4 * x.b * (2 + x.n + x.n * x.a + 2 * x.h + 2 * x.d * x.a)),
            times * std::max(4 * x.h * x.b + x.h * x.v * 105 / 128 + 4 * x.v * x.b,
                             4 * x.b * (2 * x.h + 1 + 2 * x.d * x.a + x.n + x.n * x.a) + 4 * x.d * x.n * 8 +
                                 x.h * x.d * x.a * 9 / 16)};
}

GraphBytes chatglm_graph(const GraphSymbols& x)
{
    const double qkv = x.a * x.d + 2 * x.k * x.d;
    return {std::max(4 * x.b * (x.h + x.v), 4 * x.b * (2 + 2 * x.h + x.n + x.n * x.a + x.d * x.a + qkv)),
            std::max(4 * x.b * (x.h + x.v) + x.h * x.v * 105 / 128,
                     4 * x.b * (1 + 2 * x.h + x.d * x.a + x.n + x.n * x.a) + 8 * x.d * x.n + 4 * qkv)};
}

GraphBytes gpt_oss_graph(const GraphSymbols& x, OllamaRelease release, bool by_flash)
{
    constexpr OllamaRelease halved_since{11, 4};
    constexpr OllamaRelease again_since{11, 5};
    constexpr OllamaRelease by_flash_since{11, 8};
    const double ratio = std::floor(x.a / std::max(1.0, x.least_k));
    const double whole = 4 * ratio * x.cache / 6;
    if (release < halved_since)
        return {whole, 2 * whole};
    if (release < again_since)
        return {whole, whole};
    if (by_flash && release >= by_flash_since)
        return {0, (4 * x.slots + std::floor(x.n / 1024) + 110) * bytes_per_mib};
    return {0, whole / 2};
}

GraphBytes latent_graph(const GraphSymbols& x)
{
    const double head = x.h * x.v * 105 / 128;
    return {std::max(4 * x.b * (3 * x.h + x.v), 4 * x.b * (3 * x.h + 2 + x.n * (1 + x.k) + 2 * x.d * x.k)),
            std::max(4 * x.b * (3 * x.h + x.v) + head, 4 * x.b * (2 * x.h + 1 + 2 * x.d * x.k + x.n + x.n * x.k) +
                                                           4 * x.d * x.n * x.k + x.h * x.d * x.k * 9 / 16)};
}

/// 0 stands for the usual share of the cache, and a full graph of 0 for the partial one.
GraphBytes graph_of(const OllamaSettings& settings, const LlamaCppRun& run, const GraphSymbols& x)
{
    const std::string& name = settings.architecture;
    const double head = x.h * x.v * 105 / 128;
    const double logits = 4 * x.b * (x.h + x.v);
    if (name == "llama" || name == "llama4")
        return llama_graph(x, run);
    if (name == "gemma" || name == "gemma2" || name == "gemma3")
        return gemma_graph(x, 1);
    if (name == "gemma3n")
        return gemma_graph(x, 4);
    if (name == "qwen2")
        return {std::max(logits, 4 * x.b * (1 + 2 * x.h + x.n + x.n * x.a)),
                std::max(logits + head, 4 * (x.b * (1 + 2 * x.h + x.n * (1 + x.a)) + x.h * (1 + x.n)))};
    if (name == "command-r")
        return {
            std::max(logits, 4 * x.b * (2 + 4 * x.h + x.n * (1 + x.a))),
            std::max(logits + head, 4 * x.b * (1 + 2 * x.h + x.n * (1 + x.a)) + 4 * x.h * x.n + x.h * x.h * 9 / 16)};
    if (name == "phi2")
        return {std::max(logits, 4 * x.b * (1 + 4 * x.h + x.n + x.n * x.a)),
                std::max(4 * x.b * (2 * x.h + x.v) + head, 4 * x.b * (2 + 3 * x.h + x.n + x.n * x.a))};
    if (name == "stablelm") {
        const double full = 4 * x.b * (x.n * (1 + x.a) + 3 * x.h + 2);
        return {full, std::max(4 * x.b * (x.v + 2 * x.h), full)};
    }
    if (name == "deepseek2")
        return latent_graph(x);
    if (name == "chatglm")
        return chatglm_graph(x);
    if (name == "gptoss")
        return gpt_oss_graph(x, settings.release, settings.flash);
    return {};
}

/// A vision tower as all networks of that name have it (the config's vision_config, which nothing else here asks for).
struct TowerShape
{
    std::string_view architecture;
    double image = 0; ///< pixels of a side
    double patch = 0;
    double heads = 0;
};

constexpr std::array towers = {TowerShape{"gemma3", 896, 14, 16}, TowerShape{"mistral3", 1540, 14, 16}};

/// fs/ggml/ggml.go, VisionGraphSize: the image, its patches' positions and the scores of one layer in 32 bits.
double vision_graph_of(const OllamaSettings& settings, const Model& model)
{
    constexpr double channels = 3;
    const auto* const tower = std::find_if(towers.begin(), towers.end(), [&](const TowerShape& shape) {
        return shape.architecture == settings.architecture;
    });
    if (!(settings.projector > 0) || tower == towers.end())
        return 0;
    const double side = std::floor(tower->image / tower->patch);
    const double patches = side * side;
    const auto width = static_cast<double>(model.architecture.vision ? model.architecture.vision->hidden_size : 0);
    return 4 * (tower->image * tower->image * channels + width * tower->patch + patches * patches * tower->heads);
}

/// Rows of the cache layout of one layer of a kind.
std::vector<CacheRun> rows_of(const Architecture& architecture, std::size_t kind)
{
    Architecture one;
    one.append(architecture.kinds[kind]);
    return cache_layout(one);
}

/// Bytes of a layer that keeps every token; of a recurrent one its state, once.
double layer_cache(const LlamaCppRun& run, std::size_t kind, double element, double tokens)
{
    const LayerWidths& widths = run.widths[kind];
    if (widths.keys > 0)
        return tokens * static_cast<double>(widths.keys + widths.values) * element;
    double bytes = 0;
    for (const CacheRun& cache : rows_of(run.model->architecture, kind))
        if (cache.kind == CacheKind::state)
            bytes += static_cast<double>(cache.conv_elements() + cache.state_elements) * 4;
    return bytes;
}

/// Tokens that a layer keeps of its window, where the release's sums know of one; nothing else counts windows.
double kept_tokens(const OllamaSettings& settings, const LayerWidths& widths, const GraphSymbols& x)
{
    if (settings.architecture == "gemma3" && widths.sliding)
        return x.slots * static_cast<double>(widths.window) + x.b;
    constexpr double gpt_oss_window = 4096;
    if (settings.architecture == "gptoss" && widths.sliding)
        return x.slots * gpt_oss_window + x.b;
    return x.n;
}

} // namespace

double OllamaSums::cache_total() const
{
    return std::accumulate(cache.begin(), cache.end(), 0.0);
}

OllamaSums ollama_sums(const OllamaSettings& settings, const LlamaCppRun& run, std::int64_t slots)
{
    const Architecture& architecture = run.model->architecture;
    const LlamaCppLayerBytes bytes = llama_cpp_layer_bytes(run);
    const double element = ollama_cache_element(settings.kv_k);
    const GraphSymbols x = symbols_of(settings, run, slots, 0);
    OllamaSums sums;
    sums.output = bytes.output;
    sums.file = bytes.in_file;
    sums.vision_graph = vision_graph_of(settings, *run.model);
    for (const LayerRun& layers : architecture.runs) {
        const double cache = layer_cache(run, layers.kind, element, kept_tokens(settings, run.widths[layers.kind], x));
        sums.weights.insert(sums.weights.end(), static_cast<std::size_t>(layers.count), bytes.of_kind[layers.kind]);
        sums.cache.insert(sums.cache.end(), static_cast<std::size_t>(layers.count), cache);
    }
    const double cache = sums.cache_total();
    const GraphBytes graph = graph_of(settings, run, symbols_of(settings, run, slots, cache));
    sums.graph_partial = graph.partial > 0 ? graph.partial : std::floor(x.a / std::max(1.0, x.least_k)) * cache / 6;
    sums.graph_full = graph.full > 0 ? graph.full : sums.graph_partial;
    return sums;
}

double ollama_prediction(const LlamaCppRun& run, double file, std::int64_t tokens)
{
    const Architecture& architecture = run.model->architecture;
    std::int64_t heads = 0;
    std::int64_t least = 0;
    for (const LayerWidths& widths : run.widths) {
        heads = std::max(heads, widths.heads);
        if (widths.kv_heads > 0)
            least = least > 0 ? std::min(least, widths.kv_heads) : widths.kv_heads;
    }
    const std::int64_t head_width = heads > 0 ? architecture.hidden_size / heads : 0;
    return file + 4.0 * static_cast<double>(run.blocks()) * static_cast<double>(std::max<std::int64_t>(1, least)) *
                      static_cast<double>(head_width) * static_cast<double>(tokens);
}

std::int64_t ollama_automatic_batch(const OllamaSettings& settings, std::int64_t tokens, double prediction,
                                    double available, const std::vector<OllamaGpu>& gpus)
{
    constexpr std::int64_t short_context = 4096;
    constexpr std::int64_t long_context = 32768;
    constexpr double small_card = 8 * bytes_per_gib;
    struct Batch
    {
        std::int64_t tokens;
        double headroom;  ///< of what is free, that the prediction may fill
        double surcharge; ///< bytes
    };
    static constexpr Batch large{2048, 0.60, 2 * bytes_per_gib};
    static constexpr Batch medium{1024, 0.75, 768 * bytes_per_mib};
    constexpr std::int64_t usual = 512;
    constexpr std::int64_t constrained = 256;
    const bool cuda = std::any_of(gpus.begin(), gpus.end(), [](const OllamaGpu& gpu) { return gpu.cuda; });
    if (!settings.flash && cuda) {
        const bool small = std::any_of(gpus.begin(), gpus.end(), [&](const OllamaGpu& gpu) {
            return gpu.cuda && std::min(gpu.free, gpu.total) <= small_card;
        });
        return tokens > short_context && small ? constrained : usual;
    }
    const auto fits = [&](const Batch& batch) {
        if (!(prediction > 0) || !(available > 0))
            return true;
        const double threshold = available * 0.8;
        return prediction <= threshold && prediction <= available * batch.headroom &&
               batch.surcharge <= threshold - prediction;
    };
    if (tokens > long_context && fits(large))
        return large.tokens;
    if (tokens > short_context && fits(medium))
        return medium.tokens;
    return usual;
}

} // namespace weighbridge
