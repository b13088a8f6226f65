#include "core/engines/exllamav3/run.h"

#include "core/memory/layer_widths.h"
#include "core/memory/weights.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace weighbridge {

namespace {

constexpr std::int64_t usual_exl_chunk = 2048, usual_slots = 4, usual_draft = 4;

double sum_of(const std::map<Part, double>& parts)
{
    return std::accumulate(parts.begin(), parts.end(), 0.0,
                           [](double sum, const auto& part) { return sum + part.second; });
}

std::int64_t in_pages(std::int64_t tokens)
{
    return (tokens + exl_page - 1) / exl_page * exl_page;
}

/// One token of a layer of plain or latent attention (cache/fp16.py, quant.py, mla.py: the rotary part stays whole).
double page_bytes(const CacheRun& run, const std::optional<ExlCacheBits>& bits)
{
    constexpr double sixteen = 16;
    const double keys = bits ? static_cast<double>(bits->keys) + exl_cache_scale_bits : sixteen;
    const double values = bits ? static_cast<double>(bits->values) + exl_cache_scale_bits : sixteen;
    const auto dim = static_cast<double>(run.key_dim);
    if (run.kind == CacheKind::compressed) {
        const auto latent = static_cast<double>(run.latent_rank);
        return (latent * keys + (dim - latent + static_cast<double>(run.index_dim)) * sixteen) / 8;
    }
    return static_cast<double>(run.kv_heads) * (dim * keys + static_cast<double>(run.value_dim) * values) / 8;
}

/// A ring holds the window and what a step may take back, in whole pages of 16 bits (modules/sliding_attn.py).
double ring_bytes(const CacheRun& run)
{
    constexpr std::int64_t beyond = 512;
    return static_cast<double>(in_pages(run.window + beyond)) * static_cast<double>(run.entry_elements()) * 2;
}

/// The convolution keeps all that its kernel sees, and drafted steps of both (modules/gated_delta_net.py, mamba2.py,
/// short_conv.py).
double exl_state_bytes(const CacheRun& run, std::int64_t history)
{
    return static_cast<double>(run.conv_channels * (run.conv_kernel + history)) * 2 +
           static_cast<double>((history + 1) * run.state_elements) * 4;
}

void add_cache(ExlLayer& layer, const CacheRun& cache, const ExlRun& run)
{
    if (cache.kind == CacheKind::cross)
        return;
    if (cache.kind == CacheKind::state) {
        layer.states += exl_state_bytes(cache, run.history);
        return;
    }
    if (cache.kind == CacheKind::windowed && run.network.rings && run.release.has_rings()) {
        layer.rings += ring_bytes(cache);
        return;
    }
    const double ratio = static_cast<double>(cache.compress_ratio);
    layer.pages += page_bytes(cache, run.cache_bits) / ratio;
    if (run.cache_bits && cache.kind != CacheKind::compressed)
        layer.unpacked = std::max(layer.unpacked, page_bytes(cache, std::nullopt) / ratio);
}

/// A matrix unpacked to 16 bits, at most 32,768 outputs at a time, once a chunk has more than 144 rows
/// (modules/quant/exl3.py, reconstruct_hgemm).
double unpacked_matrix(const Tensor& tensor, const InferenceInputs& text, std::int64_t rows)
{
    constexpr std::int64_t fewest_rows = 144, most_outputs = 32768;
    if (rows <= fewest_rows || !exl_takes(tensor) || bytes_per_element(text.weights, tensor) >= 2)
        return 0;
    return 2 * static_cast<double>(tensor.columns.value) *
           static_cast<double>(std::min(tensor.rows.value, most_outputs));
}

/// What the planner reckons for a token of the chunk (make_tp_allocation of modules/attn.py, mlp.py,
/// block_sparse_mlp.py, gated_delta_net.py), beside the largest matrix unpacked.
double layer_work(const ExlRun& run, const InferenceInputs& text, const LayerWidths& widths, std::size_t kind)
{
    double attention_matrix = 0, other_matrix = 0;
    for (const Tensor& tensor : run.model->tensors) {
        if (tensor.kind != kind)
            continue;
        double& largest = tensor.part == Part::attention ? attention_matrix : other_matrix;
        largest = std::max(largest, unpacked_matrix(tensor, text, run.chunk));
    }
    const auto hidden = static_cast<double>(text.model->architecture.hidden_size);
    const double width = run.network.wide ? 4 : 2;
    const auto attention =
        2 * hidden + 4 * static_cast<double>(std::max(widths.queries + widths.keys, widths.recurrent));
    const double dense =
        2 * hidden + static_cast<double>(std::max(widths.feed_forward, widths.shared)) * (2 * width + 2);
    const double experts =
        widths.routed_experts > 0 ? 4 * hidden + static_cast<double>(widths.expert) * (4 * width + 2) : 0;
    const auto rows = static_cast<double>(run.chunk);
    return std::max(rows * attention + attention_matrix, rows * std::max(dense, experts) + other_matrix);
}

/// Of a kind alone, as the rows of the whole cache layout merge alike ones.
std::vector<CacheRun> cache_of(const Layer& layer)
{
    Architecture one;
    one.append(layer);
    return cache_layout(one);
}

void add_layers(ExlRun& run, const InferenceInputs& text)
{
    const Architecture& architecture = run.model->architecture;
    const std::vector<LayerWidths> widths = layer_widths(architecture);
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind) {
        ExlLayer& layer = run.kinds.emplace_back();
        for (const CacheRun& cache : cache_of(architecture.kinds[kind]))
            add_cache(layer, cache, run);
        layer.work = layer_work(run, text, widths[kind], kind);
    }
}

/// Tables that tokens look their rows up in lie in system memory; other tensors outside the layers on the first GPU.
void add_weights(ExlRun& run, const InferenceInputs& text)
{
    for (const Tensor& tensor : run.model->tensors) {
        const double bytes = tensor_bytes(text, tensor);
        if (tensor.kind != Tensor::no_index)
            run.kinds[tensor.kind].weights[tensor.part] += bytes / static_cast<double>(tensor.layers);
        else if (tensor.part == Part::embedding && tensor.end == End::input)
            run.embedding += bytes;
        else
            (tensor.end == End::output ? run.output : run.first)[tensor.part] += bytes;
    }
}

/// At the 4 bits that the converter gives them (convert_model.py, --mtp_bits), with a cache of their own in 16 bits.
void add_predictions(ExlRun& run, const InferenceInputs& text)
{
    constexpr double prediction_bits = 4;
    const Architecture& architecture = run.model->architecture;
    for (const PredictionLayers& prediction : architecture.mtp) {
        const auto count = static_cast<double>(prediction.count);
        for (const Tensor& tensor : layer_inventory(architecture, prediction.layer)) {
            const bool packed = exl_takes(tensor) && takes(text.weights, tensor);
            const double bits = packed ? exl3_matrix_bits(tensor.columns.value, tensor.rows.value, prediction_bits) *
                                             static_cast<double>(tensor.copies.value)
                                       : 16 * static_cast<double>(tensor.elements());
            run.predicted_weights += count * bits / 8;
        }
        for (const CacheRun& cache : cache_of(prediction.layer))
            if (cache.grows() || cache.kind == CacheKind::windowed)
                run.predicted_pages += count * page_bytes(cache, std::nullopt);
    }
}

std::optional<ExlCacheBits> cache_bits_of(const InferenceInputs& text)
{
    const auto keys = find_exl_cache(text.kv_k.id);
    const auto values = find_exl_cache(text.kv_v.id);
    if (!keys || !values)
        return std::nullopt;
    return ExlCacheBits{keys->keys, values->values};
}

/// What the loader fills of each GPU: less what is reserved, or as much as gpu_split says; never more than may be used.
std::vector<double> limits_of(const InferenceInputs& text, std::int64_t gpu_count)
{
    constexpr double first_reserve = 96, other_reserve = 512, mebibyte = 1048576, gibibyte = 1073741824;
    const ExLlamaV3Options& options = text.choice->exllamav3;
    const auto gpus = static_cast<std::size_t>(std::max<std::int64_t>(1, gpu_count));
    std::vector<double> limits;
    for (std::size_t gpu = 0; gpu < gpus; ++gpu) {
        const Device* device = text.devices != nullptr ? &text.devices->at(gpu) : nullptr;
        const double usable = device != nullptr ? device->usable() : usable_device_memory(text);
        const double free = device != nullptr ? device->free() : text.device_memory - text.memory_in_use;
        double limit = usable;
        if (!options.gpu_split.empty())
            limit = gpu < options.gpu_split.size() ? options.gpu_split[gpu] * gibibyte : 0;
        else if (gpus > 1)
            limit = free - mebibyte * (gpu < options.autosplit_reserve.size()          ? options.autosplit_reserve[gpu]
                                       : gpu == 0 && options.autosplit_reserve.empty() ? first_reserve
                                                                                       : other_reserve);
        limits.push_back(std::min(limit, usable) - exl_context);
    }
    return limits;
}

} // namespace

double exl_page_bytes(const InferenceInputs& inputs, const CacheRun& run)
{
    return page_bytes(run, cache_bits_of(inputs));
}

double ExlLayer::all_weights() const
{
    return sum_of(weights);
}

double ExlLayer::experts() const
{
    const auto found = weights.find(Part::experts);
    return found != weights.end() ? found->second : 0;
}

bool ExlRun::has_slots() const
{
    return std::any_of(kinds.begin(), kinds.end(),
                       [](const ExlLayer& layer) { return layer.rings > 0 || layer.states > 0; });
}

std::int64_t ExlRun::tokens_needed() const
{
    return std::min(in_pages(sequence_length), most_tokens) * sequences;
}

double ExlBytes::all_weights() const
{
    return sum_of(weights) + draft;
}

std::int64_t ExlDevice::layers() const
{
    return std::accumulate(of_kind.begin(), of_kind.end(), std::int64_t{0});
}

ExlRun exl_run(const InferenceInputs& text, std::int64_t gpus)
{
    const InferenceChoice& choice = *text.choice;
    const ExLlamaV3Options& options = choice.exllamav3;
    ExlRun run;
    run.model = text.model;
    run.release = read_exl_release(choice.engine_version);
    run.network = exl_network(text.model->architecture);
    run.sequence_length = text.sequence_length;
    run.sequences = text.concurrent_sequences;
    const auto asked = options.cache_size ? options.cache_size : choice.served.max_seq_len;
    run.cache_size = asked ? in_pages(*asked) : run.tokens_needed();
    run.slots = choice.served.max_batch_size.value_or(std::max(usual_slots, run.sequences));
    if (options.draft_mode != "disabled")
        run.history = options.draft_num_tokens.value_or(usual_draft);
    run.chunk = std::min(options.chunk_size.value_or(usual_exl_chunk), in_pages(run.sequence_length));
    run.cache_bits = cache_bits_of(text);
    if (run.release.offloads_experts())
        run.offloaded = options.cpu_moe_offload_layers.value_or(0);
    add_layers(run, text);
    add_weights(run, text);
    if (options.draft_mode == "mtp" && run.network.predicts)
        add_predictions(run, text);
    constexpr std::int64_t rows_of_logits = 32; // model/model.py, max_output_size
    run.head_work = static_cast<double>(std::min(run.chunk, rows_of_logits)) *
                    static_cast<double>(run.model->architecture.vocab_size) * 2;
    run.limits = limits_of(text, gpus);
    return run;
}

} // namespace weighbridge
