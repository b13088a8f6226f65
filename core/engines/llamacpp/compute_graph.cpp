#include "core/engines/llamacpp/compute_graph.h"

#include "core/engines/llamacpp/graph_layers.h"

#include <algorithm>

namespace weighbridge {

namespace {

constexpr int pipeline_copies = 4; ///< GGML_SCHED_MAX_COPIES

GraphPlace place_of(const LlamaCppRun& run, const LlamaCppPlacement& placement, std::size_t layer)
{
    GraphPlace place;
    place.layer = static_cast<std::int16_t>(layer);
    if (run.n_gpu_layers == 0)
        return place; // the CPU is alone
    place.weights = static_cast<std::int8_t>(placement.device_of_layer[layer]);
    place.experts = static_cast<std::int64_t>(layer) < run.n_cpu_moe ? static_cast<std::int8_t>(placement.cpu_device())
                                                                     : place.weights;
    place.cache = run.kv_offload ? place.weights : static_cast<std::int8_t>(placement.cpu_device());
    return place;
}

/// Rows of the embedding, read on the CPU, and room for embeddings that are given in place of tokens.
GgmlId embedding_graph(GraphBuilder& b)
{
    const auto rows_of = [&](GgmlId ids) {
        const GgmlId rows = b.sized("embeddings", b.hidden() * b.tokens() * 4,
                                    {b.weight("token_embd", 0, Part::embedding), ids}, GgmlOp::rows);
        b.graph()[rows].rows = b.tokens();
        return rows;
    };
    const GgmlId tokens = b.new_input("tokens", 4 * b.tokens());
    b.new_input("given embeddings", b.hidden() * b.tokens() * 4);
    GgmlId x = rows_of(tokens);
    b.graph().expand(x);
    if (b.rules().learned_positions)
        x = b.add(x, rows_of(b.positions()));
    return b.rules().scaled_embedding ? b.scale(x) : x;
}

void head_graph(GraphBuilder& b, GgmlId x)
{
    const Rows rows = b.rules().rows;
    if (rows == Rows::before_final_norm)
        x = b.wanted_rows(x);
    x = b.norm(x);
    if (rows == Rows::behind_final_norm)
        x = b.wanted_rows(x);
    b.graph()[x].output = true;
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

} // namespace

std::optional<ComputeGraph> compute_graph(const LlamaCppRun& run, const LlamaCppCells& cells,
                                          const LlamaCppPlacement& placement)
{
    const Architecture& architecture = run.model->architecture;
    const GraphRules* rules = graph_rules(architecture.family);
    if (rules == nullptr || run.build.ik)
        return std::nullopt;
    ComputeGraph result;
    GraphBuilder b(run, cells, *rules, result.graph);
    const bool alone = run.n_gpu_layers == 0;
    const auto cpu = static_cast<std::int8_t>(alone ? 0 : placement.cpu_device());
    b.enter({.weights = cpu, .experts = cpu, .cache = cpu, .layer = -1});
    GgmlId x = embedding_graph(b);
    const std::vector<std::size_t> kinds = kinds_in_order(architecture);
    const bool all_on_gpus = run.n_gpu_layers > architecture.layers();
    b.fix_norms(all_on_gpus || b.tokens() < 32);
    for (std::size_t layer = 0; layer < kinds.size(); ++layer) {
        b.enter(place_of(run, placement, layer));
        x = layer_graph(b, architecture.kinds[kinds[layer]], x, layer + 1 == kinds.size());
    }
    b.fix_norms(false);
    const auto end = static_cast<std::int8_t>(alone ? 0 : placement.device_of_layer.back());
    b.enter({.weights = end, .experts = end, .cache = end, .layer = -1});
    head_graph(b, x);
    GgmlMachine machine;
    machine.gpus = alone ? 0 : placement.cpu_device();
    const bool pipelined = machine.gpus > 1 && all_on_gpus && run.kv_offload && run.n_cpu_moe == 0;
    machine.copies = pipelined ? pipeline_copies : 1;
    machine.op_offload = run.op_offload && run.build.streams_weights();
    result.schedule = ggml_schedule(result.graph, machine);
    result.buffers = ggml_buffers(result.graph, result.schedule);
    return result;
}

} // namespace weighbridge
