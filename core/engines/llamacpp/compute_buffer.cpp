#include "core/engines/llamacpp/compute_buffer.h"

#include "core/engines/llamacpp/latent_attention.h"
#include "core/engines/llamacpp/model_buffers.h"
#include "core/engines/llamacpp/ubatch.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

using Kind = std::size_t;

/// The last norm's output and fp32 logits, of the rows that are reserved.
template<class Number>
Number output(const LlamaCppRun& run)
{
    const UbatchSymbols<Number> x(run);
    const bool all = run.build.reserves_all_outputs();
    const auto rows = all ? x.u : extent<Number>("n_outputs", llama_cpp_outputs(run));
    return rows * (x.h + named<Number>("v", static_cast<double>(run.model->architecture.vocab_size))) * x.four;
}

/// Masks of full and of sliding layers, which live from the first layer to the last; of several GPUs all copies, and
/// those of what each gets from the one before.
template<class Number>
Number masks(const LlamaCppRun& run, const LlamaCppCells& cells)
{
    if (const std::int64_t copies = input_copies(run); copies > 1) {
        LlamaCppRun alone = run;
        alone.devices = 1;
        const UbatchSymbols<Number> x(run);
        return extent<Number>("n_copies", copies) * (masks<Number>(alone, cells) + x.u * x.h * x.four);
    }
    const UbatchSymbols<Number> x(run);
    const double width = run.flash_attn ? run.build.flash_mask_bytes() : 4;
    const bool two =
        std::any_of(run.widths.begin(), run.widths.end(), [](const LayerWidths& widths) { return widths.sliding; }) &&
        run.build.sizes_sliding_caches();
    const auto full = named<Number>("n_cells", static_cast<double>(cells.full));
    const auto bytes = named<Number>("B_mask", width);
    if (!two)
        return x.u * full * bytes;
    return x.u * (full + named<Number>("n_swa_cells", static_cast<double>(cells.sliding))) * bytes;
}

template<class Number>
Number grouped_attention(const LlamaCppRun& run, const LlamaCppCells& cells, const LayerWidths& layer)
{
    const UbatchSymbols<Number> x(run);
    const auto vectors = x.h + extent<Number>("a·d", layer.queries) + extent<Number>("k·d_k", layer.keys) +
                         extent<Number>("k·d_v", layer.values) + extent<Number>("a·d_v", layer.outputs);
    Number live = x.u * vectors * x.four + masks<Number>(run, cells);
    if (run.flash_attn)
        return live;
    const auto scores = x.u * extent<Number>("a", layer.heads) * extent<Number>("n_cells", cells.full) * x.four;
    return live + scores;
}

template<class Number>
Number attention(const LlamaCppRun& run, const LlamaCppCells& cells, const LayerWidths& layer)
{
    if (layer.latent > 0 && run.mla != 0)
        return latent_attention_bytes<Number>(run, cells, layer) + masks<Number>(run, cells);
    return grouped_attention<Number>(run, cells, layer);
}

template<class Number>
Number feed_forward(const LlamaCppRun& run, const LayerWidths& layer)
{
    const UbatchSymbols<Number> x(run);
    const double copies = !layer.gated ? 1 : (run.build.multiplies_in_place() ? 2 : 3);
    const auto inner =
        layer.feed_forward > 0 ? extent<Number>("h_ffn", layer.feed_forward) : extent<Number>("h_sh", layer.shared);
    return x.u * (constant<Number>(copies) * inner + constant<Number>(3) * x.h) * x.four;
}

template<class Number>
Number experts(const LlamaCppRun& run, const LayerWidths& layer)
{
    const UbatchSymbols<Number> x(run);
    const double copies = run.build.multiplies_in_place() ? 2 : 3;
    return x.u *
           (constant<Number>(copies) * extent<Number>("top_k", layer.experts_per_token) *
                extent<Number>("h_exp", layer.expert) +
            constant<Number>(4) * x.h) *
           x.four;
}

template<class Number>
Number expert_sum(const LlamaCppRun& run, const LayerWidths& layer)
{
    const UbatchSymbols<Number> x(run);
    return x.u *
           (extent<Number>("top_k", layer.experts_per_token) * (x.h + extent<Number>("h_exp", layer.expert)) +
            constant<Number>(3) * x.h) *
           x.four;
}

/// The largest tensor of a kind of layer: all experts' matrices of one projection are one tensor.
double largest_tensor(const LlamaCppRun& run, Kind kind)
{
    const Architecture& architecture = run.model->architecture;
    double most = 0;
    for (const Tensor& tensor : layer_inventory(architecture, architecture.kinds[kind]))
        most = std::max(most, gguf_tensor_bytes(run, tensor));
    return most;
}

template<class Number>
Number streamed(const LlamaCppRun& run, const LlamaCppCells& cells, Kind kind)
{
    const LayerWidths& layer = run.widths[kind];
    const auto weight = named<Number>("W_tensor", largest_tensor(run, kind));
    const auto vectors = layer.routed_experts > 0 ? expert_sum<Number>(run, layer) : feed_forward<Number>(run, layer);
    return weight + vectors + masks<Number>(run, cells);
}

/// The head's matrix; the embedding where they are tied.
double head_bytes(const LlamaCppRun& run)
{
    const bool tied = run.model->architecture.tie_word_embeddings;
    const std::string_view name = tied ? "model.embed_tokens.weight" : "lm_head.weight";
    for (const Tensor& tensor : run.model->tensors)
        if (tensor.name == name)
            return gguf_tensor_bytes(run, tensor);
    return 0;
}

template<class Number>
Number streamed_head(const LlamaCppRun& run)
{
    return named<Number>("W_head", head_bytes(run)) + output<Number>(run);
}

struct Rule
{
    ComputeMoment moment;
    bool (*applies)(const LayerWidths&);
};

constexpr std::array<Rule, 4> layer_rules = {{
    {ComputeMoment::attention, [](const LayerWidths& layer) { return layer.heads > 0; }},
    {ComputeMoment::feed_forward, [](const LayerWidths& layer) { return layer.feed_forward + layer.shared > 0; }},
    {ComputeMoment::experts, [](const LayerWidths& layer) { return layer.routed_experts > 0; }},
    {ComputeMoment::expert_sum, [](const LayerWidths& layer) { return layer.routed_experts > 0; }},
}};

} // namespace

std::string_view compute_moment_name(ComputeMoment moment)
{
    switch (moment) {
    case ComputeMoment::output:
        return "logits of one ubatch";
    case ComputeMoment::attention:
        return "attention of one layer";
    case ComputeMoment::feed_forward:
        return "feed-forward of one layer";
    case ComputeMoment::experts:
        return "gate and up projections of one layer's experts";
    case ComputeMoment::expert_sum:
        return "outputs of one layer's experts";
    case ComputeMoment::streamed_head:
        return "the head copied from the CPU's memory and the logits of one ubatch";
    case ComputeMoment::streamed:
        break;
    }
    return "a weight copied from the CPU's memory and what it multiplies";
}

template<class Number>
Number llama_cpp_compute_bytes(const LlamaCppRun& run, const LlamaCppCells& cells, ComputeMoment moment, Kind kind)
{
    switch (moment) {
    case ComputeMoment::output:
        return run.build.reserves_all_outputs() ? output<Number>(run) : output<Number>(run) + masks<Number>(run, cells);
    case ComputeMoment::attention:
        return attention<Number>(run, cells, run.widths[kind]);
    case ComputeMoment::feed_forward:
        return feed_forward<Number>(run, run.widths[kind]) + masks<Number>(run, cells);
    case ComputeMoment::experts:
        return experts<Number>(run, run.widths[kind]) + masks<Number>(run, cells);
    case ComputeMoment::expert_sum:
        return expert_sum<Number>(run, run.widths[kind]) + masks<Number>(run, cells);
    case ComputeMoment::streamed_head:
        return streamed_head<Number>(run);
    case ComputeMoment::streamed:
        break;
    }
    return streamed<Number>(run, cells, kind);
}

ComputePeak llama_cpp_compute_peak(const LlamaCppRun& run, const LlamaCppCells& cells, const DeviceLayers& device,
                                   const DeviceLayers& cpu)
{
    ComputePeak peak;
    const auto consider = [&](ComputeMoment moment, Kind kind) {
        const double bytes = llama_cpp_compute_bytes<double>(run, cells, moment, kind);
        if (bytes > peak.bytes)
            peak = {moment, kind, bytes};
    };
    const bool takes_from_cpu = &device != &cpu && ubatch_tokens(run) >= least_streamed_batch;
    if (device.output)
        consider(ComputeMoment::output, 0);
    else if (cpu.output && takes_from_cpu)
        consider(ComputeMoment::streamed_head, 0);
    for (Kind kind = 0; kind < run.widths.size(); ++kind) {
        if (device.of_kind[kind] > 0)
            for (const Rule& rule : layer_rules)
                if (rule.applies(run.widths[kind]))
                    consider(rule.moment, kind);
        const bool weights_on_cpu = cpu.of_kind[kind] > 0 || device.with_cpu_experts[kind] > 0;
        if (weights_on_cpu && run.build.streams_weights() && takes_from_cpu)
            consider(ComputeMoment::streamed, kind);
    }
    return peak;
}

template double llama_cpp_compute_bytes<double>(const LlamaCppRun&, const LlamaCppCells&, ComputeMoment, Kind);
template Traced llama_cpp_compute_bytes<Traced>(const LlamaCppRun&, const LlamaCppCells&, ComputeMoment, Kind);

} // namespace weighbridge
