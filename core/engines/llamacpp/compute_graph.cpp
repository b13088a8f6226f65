#include "core/engines/llamacpp/compute_graph.h"

#include "core/engines/llamacpp/graph_layers.h"
#include "core/engines/llamacpp/ubatch.h"

#include <algorithm>

namespace weighbridge {

namespace {

GraphPlace place_of(const LlamaCppRun& run, const LlamaCppPlacement& placement, std::size_t layer)
{
    GraphPlace place;
    place.layer = static_cast<std::int32_t>(layer);
    place.host = static_cast<std::int32_t>(placement.cpu_device());
    place.first = static_cast<std::int32_t>(placement.device_of_layer.front());
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

/// Embeddings for each layer, where layers have some: of tokens that are an input of their own.
void per_layer_embeddings(GraphBuilder& b)
{
    const Architecture& architecture = b.run().model->architecture;
    const std::int64_t width = per_layer_width(architecture.kinds.front());
    if (width == 0)
        return;
    const GgmlId tokens = b.new_input("tokens", 4 * b.tokens());
    const GgmlId rows = table_rows(b, "per-layer embeddings", tokens, width * architecture.layers());
    b.carried().per_layer_rows = b.scale(b.view(rows));
    b.graph().expand(b.carried().per_layer_rows);
}

/// Rows of the embedding, read on the CPU, and room for embeddings that are given in place of tokens.
GgmlId embedding_graph(GraphBuilder& b)
{
    constexpr std::int64_t deep_parts = 4; // the embedding and the features of three layers
    const GraphRules& rules = b.rules();
    const GgmlId tokens = b.carried().tokens = b.new_input("tokens", 4 * b.tokens());
    const std::int64_t given = b.hidden() * (rules.deep_embedding ? deep_parts : 1);
    b.new_input("given embeddings", given * b.tokens() * 4);
    if (rules.embedding_with_head)
        b.enter(b.outside());
    GgmlId x = table_rows(b, "embeddings", tokens, b.hidden());
    b.graph().expand(x);
    per_layer_embeddings(b);
    if (rules.learned_positions) {
        const GgmlId positions = table_rows(b, "embeddings of positions", b.positions(), b.hidden());
        x = rules.causal ? b.add(x, positions) : b.add(positions, x);
    }
    if (rules.embedding_normed) {
        b.enter(b.outside()); // not with the tables (llama-arch.cpp)
        x = b.norm(x);
    }
    if (rules.scaled_embedding)
        x = b.scale(x);
    b.carried().embedding = x;
    if (rules.deep_embedding) {
        b.carried().deep = b.fresh("embeddings", deep_parts * b.hidden(), {x});
        x = b.view(b.carried().deep, b.hidden());
    }
    if (rules.block == Block::streams)
        return streams_start(b, x);
    return rules.block == Block::altup ? altup_start(b, x) : x;
}

/// The mean of each sequence's rows (llama-graph.cpp, build_pooling).
void pooled_graph(GraphBuilder& b, GgmlId x)
{
    const GgmlId means = b.new_input("means", 4 * b.tokens() * b.sequences());
    const GgmlId pooled = b.sized("pooled", b.hidden() * b.sequences() * 4, {b.cont(b.view(x)), means});
    b.graph()[pooled].output = true;
    b.graph().expand(pooled);
}

void head_graph(GraphBuilder& b, GgmlId x)
{
    const Rows rows = b.rules().rows;
    if (b.rules().block == Block::altup)
        x = altup_end(b, x);
    if (b.rules().block == Block::streams)
        x = streams_end(b, x);
    if (b.rules().keeps_result)
        b.graph()[x].output = true;
    if (rows == Rows::before_final_norm)
        x = b.wanted_rows(x);
    if (b.rules().block != Block::after_sum)
        x = b.norm(x);
    if (rows == Rows::behind_final_norm) {
        b.graph()[x].output = true; // for layers that predict further tokens
        x = b.wanted_rows(x);
    }
    b.graph()[x].output = true;
    if (b.rules().pooled) {
        pooled_graph(b, x);
        return;
    }
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
    const auto first = static_cast<std::int32_t>(placement.device_of_layer.front());
    b.enter({.weights = cpu, .experts = cpu, .cache = cpu, .host = cpu, .first = first, .end = end, .layer = -1});
    GgmlId x = embedding_graph(b);
    const std::vector<std::size_t> kinds = kinds_in_order(architecture);
    const bool all_on_gpus = run.n_gpu_layers > run.blocks();
    b.fix_norms(all_on_gpus || b.tokens() < least_streamed_batch);
    for (std::size_t layer = 0; layer < kinds.size(); ++layer) {
        b.enter(place_of(run, placement, layer));
        x = layer_graph(b, architecture.kinds[kinds[layer]], x, layer + 1 == kinds.size());
    }
    b.fix_norms(false);
    b.enter(b.outside());
    head_graph(b, x);
    result.machine.gpus = placement.cpu_device();
    result.machine.copies = static_cast<int>(input_copies(run));
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
