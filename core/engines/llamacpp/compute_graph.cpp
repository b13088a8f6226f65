#include "core/engines/llamacpp/compute_graph.h"

#include "core/engines/llamacpp/graph_layers.h"
#include "core/engines/llamacpp/ubatch.h"

#include <algorithm>
#include <array>
#include <map>

namespace weighbridge {

namespace {

constexpr int pipeline_copies = 4;        ///< GGML_SCHED_MAX_COPIES
constexpr std::size_t own_by_number = 11; ///< first layers that some networks build otherwise

GraphPlace place_of(const LlamaCppRun& run, const LlamaCppPlacement& placement, std::size_t layer)
{
    GraphPlace place;
    place.layer = static_cast<std::int32_t>(layer);
    place.host = static_cast<std::int32_t>(placement.cpu_device());
    place.end = static_cast<std::int32_t>(placement.device_of_layer.back());
    place.weights = static_cast<std::int32_t>(placement.device_of_layer[layer]);
    place.experts = static_cast<std::int64_t>(layer) < run.n_cpu_moe ? static_cast<std::int32_t>(placement.cpu_device())
                                                                     : place.weights;
    place.cache = run.kv_offload ? place.weights : static_cast<std::int32_t>(placement.cpu_device());
    return place;
}

/// Rows of tables that lie on the CPU.
GgmlId table_rows(GraphBuilder& b, std::string_view name, GgmlId ids, std::int64_t width)
{
    const GgmlId table = b.weight("token_embd", 0, Part::embedding);
    const GgmlId rows = b.sized(name, width * b.tokens() * 4, {table, ids}, GgmlOp::rows);
    b.graph()[rows].rows = b.tokens();
    return rows;
}

/// Embeddings for each layer, where layers have some.
void per_layer_embeddings(GraphBuilder& b, GgmlId tokens)
{
    const Architecture& architecture = b.run().model->architecture;
    const std::int64_t width = per_layer_width(architecture.kinds.front());
    if (width == 0)
        return;
    const GgmlId rows = table_rows(b, "per-layer embeddings", tokens, width * architecture.layers());
    b.carried().per_layer_rows = b.scale(b.view(rows));
    b.graph().expand(b.carried().per_layer_rows);
}

/// Rows of the embedding, read on the CPU, and room for embeddings that are given in place of tokens.
GgmlId embedding_graph(GraphBuilder& b)
{
    constexpr std::int64_t deep_parts = 4; // the embedding and the features of three layers
    const GraphRules& rules = b.rules();
    const GgmlId tokens = b.new_input("tokens", 4 * b.tokens());
    const std::int64_t given = b.hidden() * (rules.deep_embedding ? deep_parts : 1);
    b.new_input("given embeddings", given * b.tokens() * 4);
    GgmlId x = table_rows(b, "embeddings", tokens, b.hidden());
    b.graph().expand(x);
    per_layer_embeddings(b, tokens);
    if (rules.learned_positions)
        x = b.add(x, table_rows(b, "embeddings of positions", b.positions(), b.hidden()));
    if (rules.scaled_embedding)
        x = b.scale(x);
    b.carried().embedding = x;
    if (rules.deep_embedding) {
        b.carried().deep = b.fresh("embeddings", deep_parts * b.hidden(), {x});
        x = b.view(b.carried().deep, b.hidden());
    }
    return rules.block == Block::altup ? altup_start(b, x) : x;
}

void head_graph(GraphBuilder& b, GgmlId x)
{
    const Rows rows = b.rules().rows;
    if (b.rules().block == Block::altup)
        x = altup_end(b, x);
    if (rows == Rows::before_final_norm)
        x = b.wanted_rows(x);
    x = b.norm(x);
    if (rows == Rows::behind_final_norm) {
        b.graph()[x].output = true; // for layers that predict further tokens
        x = b.wanted_rows(x);
    }
    b.graph()[x].output = true;
    if (b.rules().head_on_cpu && b.run().model->architecture.tie_word_embeddings)
        b.enter(
            {.weights = b.place().host, .experts = b.place().host, .cache = b.place().host, .host = b.place().host});
    const GgmlId logits = b.product("output", x, b.run().model->architecture.vocab_size, Part::embedding);
    b.graph()[logits].output = true;
    b.graph().expand(logits);
}

std::vector<std::size_t> kinds_in_order(const Architecture& architecture)
{
    std::vector<std::size_t> kinds;
    for (const LayerRun& run : architecture.runs)
        kinds.insert(kinds.end(), static_cast<std::size_t>(run.count), run.kind);
    return kinds;
}

/// Whether equal layers lay nothing out anew: no state is read ahead of the layer before, and nothing is left behind
/// for the whole graph.
bool repeats_itself(const LlamaCppRun& run)
{
    const Architecture& architecture = run.model->architecture;
    return !run.overrides && !has_mixer<Recurrent>(architecture) && !has_sparse_latent_attention(architecture);
}

/// Layers that the graph is written for: equal ones between equal neighbours on the same device are left out after a
/// few times.
std::vector<std::size_t> distinct_layers(const LlamaCppRun& run, const LlamaCppPlacement& placement,
                                         const std::vector<std::size_t>& kinds)
{
    constexpr int repeats = 3;
    using Sort = std::array<std::size_t, 4>;
    const bool all = !repeats_itself(run);
    const auto sort_of = [&](std::size_t layer) {
        if (layer >= kinds.size())
            return Sort{kinds.size(), 0, 0, 0};
        const GraphPlace place = place_of(run, placement, layer);
        const auto kept = run.kept_part(static_cast<std::int64_t>(layer));
        return Sort{kinds[layer], static_cast<std::size_t>(place.weights), static_cast<std::size_t>(place.experts),
                    kept ? 1 + static_cast<std::size_t>(*kept) : 0};
    };
    std::map<std::array<Sort, 3>, int> seen;
    std::vector<std::size_t> layers;
    for (std::size_t layer = 0; layer < kinds.size(); ++layer) {
        const bool end = layer < own_by_number || layer + 1 == kinds.size();
        if (all || ++seen[{sort_of(layer - 1), sort_of(layer), sort_of(layer + 1)}] <= repeats || end)
            layers.push_back(layer);
    }
    return layers;
}

struct Written
{
    GgmlGraph graph;
    GgmlMachine machine;
};

/// The graph of so many tokens.
Written written(const LlamaCppRun& run, const LlamaCppCells& cells, const LlamaCppPlacement& placement,
                const GraphRules& rules, std::int64_t tokens)
{
    const Architecture& architecture = run.model->architecture;
    Written result;
    GraphBuilder b(run, cells, rules, tokens, result.graph);
    const auto cpu = static_cast<std::int32_t>(placement.cpu_device());
    const auto end = static_cast<std::int32_t>(placement.device_of_layer.back());
    b.enter({.weights = cpu, .experts = cpu, .cache = cpu, .host = cpu, .end = end, .layer = -1});
    GgmlId x = embedding_graph(b);
    const std::vector<std::size_t> kinds = kinds_in_order(architecture);
    const bool all_on_gpus = run.n_gpu_layers > run.blocks();
    b.fix_norms(all_on_gpus || b.tokens() < least_streamed_batch);
    for (const std::size_t layer : distinct_layers(run, placement, kinds)) {
        b.enter(place_of(run, placement, layer));
        x = layer_graph(b, architecture.kinds[kinds[layer]], x, layer + 1 == kinds.size());
    }
    b.fix_norms(false);
    b.enter(b.outside());
    head_graph(b, x);
    result.machine.gpus = placement.cpu_device();
    const bool pipelined =
        result.machine.gpus > 1 && all_on_gpus && run.kv_offload && run.n_cpu_moe == 0 && !run.moves_tensors();
    result.machine.copies = pipelined ? pipeline_copies : 1;
    result.machine.op_offload = run.op_offload && run.build.streams_weights();
    return result;
}

const GraphRules* rules_of(const LlamaCppRun& run)
{
    return run.build.ik ? nullptr : graph_rules(run.model->architecture.family);
}

} // namespace

std::optional<ComputeGraph> compute_graph(const LlamaCppRun& run, const LlamaCppCells& cells,
                                          const LlamaCppPlacement& placement)
{
    const GraphRules* rules = rules_of(run);
    if (rules == nullptr)
        return std::nullopt;
    Written one =
        written(run, cells, placement, *rules, std::max<std::int64_t>(1, std::min(cells.n_ctx, run.n_ubatch)));
    ComputeGraph result;
    result.graph = std::move(one.graph);
    result.schedule = ggml_schedule(result.graph, one.machine);
    result.buffers = ggml_buffers(result.graph, result.schedule);
    return result;
}

bool attends_elsewhere(const LlamaCppRun& run, const LlamaCppCells& cells, const LlamaCppPlacement& placement)
{
    const GraphRules* rules = rules_of(run);
    const bool together = run.n_gpu_layers > run.blocks() && run.kv_offload;
    // only where a layer is attention alone does the next one's state, read ahead, draw it to another device
    if (rules == nullptr || together || !has_mixer<Recurrent>(run.model->architecture))
        return false;
    Written one = written(run, cells, placement, *rules, 1);
    const GgmlSchedule schedule = ggml_schedule(one.graph, one.machine);
    return std::any_of(schedule.steps.begin(), schedule.steps.end(), [&](const GgmlStep& step) {
        const GgmlTensor& tensor = one.graph[step.tensor];
        return step.kind == GgmlStep::Kind::compute && tensor.op == GgmlOp::attention && tensor.layer >= 0 &&
               tensor.device != placement.device_of_layer[static_cast<std::size_t>(tensor.layer)];
    });
}

} // namespace weighbridge
