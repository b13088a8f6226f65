#include "core/engines/llamacpp/compute_terms.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

/// Predicted bytes times these hold nine of ten measured compute buffers (docs/formulas.md).
constexpr double compute_low = 0.8;
constexpr double compute_high = 1.25;

/// How far buffers of other backends than CUDA lie from those of the graph.
constexpr double graph_range = 0.02;

} // namespace

ComputeRange llama_cpp_compute_range(const LlamaCppLayout& layout)
{
    const bool compared = layout.graph && !layout.run.build.old;
    return compared ? ComputeRange{1 - graph_range, 1 + graph_range} : ComputeRange{compute_low, compute_high};
}

Term llama_cpp_graph_term(const LlamaCppLayout& layout, std::size_t gpu)
{
    const ComputeGraph& graph = *layout.graph;
    const auto device = static_cast<int>(gpu);
    std::map<std::string, std::int64_t> sums;
    const std::int64_t own = graph.buffers[gpu];
    const std::int64_t draft = std::llround(layout.gpus[gpu].draft_compute);
    const std::int64_t all = own + draft;
    if (draft > 0)
        sums["draft"] = draft;
    for (const GgmlBlock& block : ggml_fullest(graph.graph, graph.schedule, device, own)) {
        const bool hole = block.tensor == no_tensor;
        const std::string name = hole ? "left between tensors" : std::string(graph.graph[block.tensor].name);
        sums[block.bytes * 512 < all ? "small tensors" : name] += block.bytes;
    }
    std::vector<std::pair<std::string, std::int64_t>> parts(sums.begin(), sums.end());
    std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::optional<Traced> sum;
    std::vector<Term> children;
    for (const auto& [name, bytes] : parts) {
        const auto part = named<Traced>(name, static_cast<double>(bytes));
        sum = sum ? *sum + part : part;
        std::string id = "activations." + name;
        std::replace(id.begin(), id.end(), ' ', '_');
        Term child = make_term(id, name, part, Basis::derived);
        child.source = "llama.cpp's graph of one ubatch, laid out as ggml-alloc.c does";
        children.push_back(std::move(child));
    }
    Term term = make_term("activations", "Compute buffer", sum.value_or(constant<Traced>(0)), Basis::derived);
    const ComputeRange range = llama_cpp_compute_range(layout);
    term.low.count = std::llround(static_cast<double>(all) * range.low);
    term.high.count = std::llround(static_cast<double>(all) * range.high);
    term.source = "llama.cpp's graph of one ubatch at its fullest moment: tensors that live then and the holes between "
                  "them (llama-context.cpp, graph_reserve; ggml-alloc.c)";
    term.children = std::move(children);
    widen_parts(term);
    return term;
}

Term llama_cpp_compute_term(const LlamaCppRun& run, const ComputePeak& peak)
{
    const LlamaCppCells cells = llama_cpp_cells(run);
    Term term = make_term("activations", "Compute buffer",
                          peak.bytes > 0 ? llama_cpp_compute_bytes<Traced>(run, cells, peak.moment, peak.kind)
                                         : constant<Traced>(0),
                          Basis::calibrated);
    term.low.count = std::llround(peak.bytes * compute_low);
    term.high.count = std::llround(peak.bytes * compute_high);
    term.source = std::string(compute_moment_name(peak.moment)) +
                  ": the fullest moment of llama.cpp's graph (llama-context.cpp, sched_reserve; ggml-alloc.c)";
    return term;
}

} // namespace weighbridge
