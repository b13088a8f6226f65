#include "core/engines/llamacpp/graph_builder.h"

#include "core/engines/llamacpp/model_buffers.h"
#include "core/engines/llamacpp/ubatch.h"

#include <algorithm>

namespace weighbridge {

namespace {

constexpr std::int64_t f32 = 4;

std::size_t index_of(GraphCache cache)
{
    return static_cast<std::size_t>(cache);
}

} // namespace

GraphBuilder::GraphBuilder(const LlamaCppRun& run, const LlamaCppCells& cells, const GraphRules& rules,
                           std::int64_t tokens, GgmlGraph& graph)
    : run_(run), cells_(cells), rules_(rules), graph_(graph), tokens_(tokens),
      outputs_(std::min(tokens_, llama_cpp_outputs(run)))
{
    for (const CacheRun& cache : run.model->cache)
        if (cache.kind == CacheKind::growing || cache.kind == CacheKind::windowed)
            values_in_places_ = std::max(values_in_places_, cache.kv_heads * cache.value_dim);
    if (rules.expanded_latent)
        for (const LayerWidths& widths : run.widths)
            values_in_places_ = std::max(values_in_places_, widths.values);
    has_windows_ = run.build.sizes_sliding_caches() &&
                   std::any_of(run.widths.begin(), run.widths.end(), [](const LayerWidths& w) { return w.sliding; });
}

GraphPlace GraphBuilder::outside_at(std::int32_t device) const
{
    GraphPlace place = place_;
    place.weights = place.experts = place.cache = device;
    place.layer = -1;
    return place;
}

GgmlId GraphBuilder::sized(std::string_view name, std::int64_t bytes, std::initializer_list<GgmlId> sources, GgmlOp op)
{
    GgmlTensor tensor;
    tensor.name = name;
    tensor.bytes = bytes;
    tensor.op = op;
    for (const GgmlId source : sources)
        if (source != no_tensor)
            tensor.rows = std::max(tensor.rows, graph_[source].rows);
    tensor.layer = place_.layer;
    return graph_.add(tensor, sources);
}

GgmlId GraphBuilder::fresh(std::string_view name, std::int64_t width, std::initializer_list<GgmlId> sources)
{
    const GgmlId id = sized(name, 0, sources);
    graph_[id].bytes = width * graph_[id].rows * f32;
    return id;
}

GgmlId GraphBuilder::in_place(std::string_view name, std::int64_t width, std::initializer_list<GgmlId> sources)
{
    const GgmlId id = fresh(name, width, sources);
    graph_[id].op = GgmlOp::in_place;
    return id;
}

GgmlId GraphBuilder::view_of_bytes(GgmlId of, std::int64_t bytes)
{
    GgmlTensor tensor;
    tensor.name = graph_[of].name;
    tensor.bytes = bytes;
    tensor.rows = graph_[of].rows;
    tensor.role = GgmlRole::view;
    tensor.view_of = graph_.owner(of);
    tensor.layer = place_.layer;
    return graph_.add(tensor, {of});
}

GgmlId GraphBuilder::view(GgmlId of)
{
    const GgmlId same = view_of_bytes(of, graph_[of].bytes);
    graph_[same].spanned = graph_[of].spanned;
    return same;
}

GgmlId GraphBuilder::view(GgmlId of, std::int64_t columns)
{
    const std::int64_t count = rows(of);
    const GgmlId part = view_of_bytes(of, columns * count * f32);
    if (columns < width(of))
        graph_[part].spanned = (count - 1) * width(of) * f32 + columns * f32;
    return part;
}

GgmlId GraphBuilder::rope(std::string_view name, GgmlId of, GgmlId frequencies)
{
    return sized(name, graph_[of].bytes, {of, positions(), frequencies}, GgmlOp::rope);
}

GgmlId GraphBuilder::rope_frequencies(std::int64_t elements)
{
    const auto device = static_cast<std::size_t>(place_.weights);
    if (rope_frequencies_.size() <= device)
        rope_frequencies_.resize(device + 1, no_tensor);
    if (rope_frequencies_[device] == no_tensor)
        rope_frequencies_[device] = vector_weight(elements);
    return rope_frequencies_[device];
}

GgmlId GraphBuilder::product(std::string_view weight_name, GgmlId x, std::int64_t out, Part part)
{
    return fresh(weight_name, out, {weight(weight_name, width(x) * out, part), x});
}

GgmlId GraphBuilder::with_bias(GgmlId x, bool bias)
{
    return bias ? in_place(graph_[x].name, width(x), {x, vector_weight(width(x))}) : x;
}

GgmlId GraphBuilder::norm(GgmlId x, std::int64_t weights, bool layer_norm)
{
    const std::int64_t columns = width(x);
    const GgmlId normed = layer_norm ? fresh("norm", columns, {x}) : in_place("norm", columns, {x});
    if (fixed_norms_ && place_.layer >= 0)
        graph_[normed].device = place_.weights;
    return weights > 0 ? in_place("norm", columns, {normed, vector_weight(weights)}) : normed;
}

void GraphBuilder::store(std::string_view name, GgmlId cache, std::initializer_list<GgmlId> sources)
{
    GgmlTensor tensor;
    tensor.name = name;
    tensor.op = GgmlOp::store;
    tensor.view_of = cache;
    graph_.expand(graph_.add(tensor, sources));
}

GgmlId GraphBuilder::vector_weight(std::int64_t elements)
{
    const GgmlId id = leaf(GgmlRole::weight, {}, elements * f32);
    graph_[id].device = place_.weights;
    return id;
}

GgmlId GraphBuilder::weight(std::string_view name, std::int64_t elements, Part part)
{
    const GgmlId id = leaf(GgmlRole::weight, name, llama_cpp_weight_bytes(run_, part, elements));
    graph_[id].device = part == Part::experts ? place_.experts : place_.weights;
    if (llama_cpp_overridden(run_, place_.layer, name))
        graph_[id].device = place_.host;
    return id;
}

GgmlId GraphBuilder::experts_bias(std::string_view name, std::int64_t elements)
{
    const GgmlId id = leaf(GgmlRole::weight, name, elements * experts_bias_bytes(run_.weights));
    graph_[id].device = llama_cpp_overridden(run_, place_.layer, name) ? place_.host : place_.experts;
    return id;
}

GgmlId GraphBuilder::wanted_rows(GgmlId x)
{
    input(out_ids_, "wanted rows", 4 * outputs_);
    const GgmlId id = sized(graph_[x].name, graph_[x].bytes / tokens_ * outputs_, {x, out_ids_}, GgmlOp::rows);
    graph_[id].rows = outputs_;
    return id;
}

GgmlId& GraphBuilder::input(GgmlId& known, std::string_view name, std::int64_t bytes)
{
    if (known == no_tensor)
        known = new_input(name, bytes);
    return known;
}

GgmlId GraphBuilder::new_input(std::string_view name, std::int64_t bytes)
{
    return leaf(GgmlRole::input, name, bytes);
}

GgmlId GraphBuilder::new_constant(std::string_view name, std::int64_t bytes)
{
    return leaf(GgmlRole::constant, name, bytes);
}

GgmlId GraphBuilder::cache_tensor(std::string_view name)
{
    const GgmlId id = leaf(GgmlRole::cache, name, 0);
    graph_[id].device = place_.cache;
    return id;
}

GgmlId GraphBuilder::leaf(GgmlRole role, std::string_view name, std::int64_t bytes)
{
    GgmlTensor tensor;
    tensor.name = name;
    tensor.bytes = bytes;
    tensor.role = role;
    return graph_.add(tensor, {});
}

GgmlId GraphBuilder::state_places()
{
    if (state_places_ == no_tensor) {
        const GgmlId all = new_input("places of states", 4 * run_.n_seq_max);
        state_places_ = view(all);
        other_state_places_ = view_of_bytes(all, 0);
    }
    return state_places_;
}

GgmlId GraphBuilder::other_state_places()
{
    state_places();
    return other_state_places_;
}

GgmlId GraphBuilder::attention_scale()
{
    return input(attention_scale_, "scales of queries", 4 * tokens_);
}

GgmlId GraphBuilder::rotation(GraphCache cache, bool of_keys, std::int64_t side)
{
    return input(rotations_[index_of(cache) * 2 + (of_keys ? 0 : 1)], "rotation of a quantized cache", 4 * side * side);
}

GgmlId GraphBuilder::positions()
{
    return input(positions_, "positions", 4 * tokens_ * rules_.position_parts);
}

GgmlId GraphBuilder::mask(GraphCache cache)
{
    GgmlId& known = masks_[index_of(cache)];
    if (known != no_tensor)
        return known;
    const bool half = run_.flash_attn;
    const bool cast = half && run_.build.casts_masks();
    const std::int64_t cells = cache == GraphCache::sliding ? cells_.sliding : cells_.full;
    const std::int64_t seen = rules_.causal ? cells : tokens_;
    known = new_input(cache == GraphCache::sliding ? "mask of the windows" : "mask",
                      seen * tokens_ * (half && !cast ? f32 / 2 : f32));
    if (cast)
        known = sized("mask in fp16", seen * tokens_ * f32 / 2, {known});
    return known;
}

GgmlId GraphBuilder::indexer_mask()
{
    return input(indexer_mask_, "mask of the indexer", cells_.full * tokens_ * (run_.flash_attn ? 2 : f32));
}

GgmlId GraphBuilder::indexer_places()
{
    return input(indexer_places_, "places of the indexer's keys", tokens_ * 8);
}

GgmlId GraphBuilder::indexer_rotation(std::int64_t side)
{
    return input(indexer_rotation_, "rotation of the indexer", 4 * side * side);
}

GgmlId GraphBuilder::key_places(GraphCache cache)
{
    return input(key_places_[index_of(cache)], "places of keys", tokens_ * 8);
}

GgmlId GraphBuilder::value_places(GraphCache cache)
{
    return input(value_places_[index_of(cache)], "places of values",
                 tokens_ * 8 * (run_.flash_attn ? 1 : values_in_places_));
}

} // namespace weighbridge
