#include "core/engines/exllamav3/terms.h"

#include "core/memory/part_names.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

/// How far the chunk's work lies from the planner's rule, which counts neither the attention's own buffers nor what the
/// allocator keeps (public runs: 0.5 to 1.6 of it).
constexpr double least_work = 0.4, most_work = 1.6;

/// Whole bytes under a symbol, or zero.
struct ExlPiece
{
    std::string_view id, label, symbol;
    double bytes;
    std::string_view source;
};

/// A term that is the sum of its pieces; those that are there are its parts where there are several.
Term sum_term(std::string_view id, std::string_view label, Basis basis, const std::vector<ExlPiece>& pieces)
{
    std::optional<Traced> sum;
    std::vector<Term> parts;
    for (const ExlPiece& piece : pieces) {
        const double bytes = std::round(piece.bytes);
        if (bytes <= 0)
            continue;
        const auto number = named<Traced>(piece.symbol, bytes);
        sum = sum ? *sum + number : number;
        parts.push_back(make_term(piece.id, piece.label, number, basis));
        parts.back().source = piece.source;
    }
    Term term = make_term(id, label, sum.value_or(constant<Traced>(0)), basis);
    if (!parts.empty())
        term.source = parts.front().source;
    if (parts.size() > 1)
        term.children = std::move(parts);
    return term;
}

Term weights_term(const ExlBytes& bytes)
{
    static constexpr std::string_view source =
        "k·n·K/8 + 2·(k + n) bytes of each matrix, both sides padded to 128; the head at its own bits, what is no "
        "matrix in 16 (exllamav3/modules/quant/exl3.py, conversion/allocation.py)";
    static constexpr std::array<std::string_view, part_names.size()> symbols = {
        "W_attention", "W_ffn", "W_experts", "W_shared", "W_router", "W_head", "W_norms", "W_towers"};
    std::vector<ExlPiece> pieces;
    for (std::size_t index = 0; index < part_names.size(); ++index) {
        const PartName& name = part_names[index];
        if (const auto found = bytes.weights.find(name.part); found != bytes.weights.end())
            pieces.push_back({name.id, name.part == Part::embedding ? "LM head" : name.label, symbols[index],
                              found->second, source});
    }
    pieces.push_back({"weights.draft", "Prediction layers", "W_draft", bytes.draft,
                      "at the 4 bits that convert.py gives them (--mtp_bits)"});
    Term term = sum_term("weights", "Weights", Basis::derived, pieces);
    term.low.count -= term.bytes.count / 100;
    term.high.count += term.bytes.count / 50;
    widen_parts(term);
    return term;
}

Term cache_term(const ExlRun& run, const ExlBytes& bytes)
{
    const auto tokens = static_cast<double>(run.cache_size);
    const auto slots = static_cast<double>(run.slots);
    struct Kind
    {
        std::string_view id, label, count, each;
        double number, bytes;
        std::string_view source;
    };
    const Kind kinds[] = {
        {"kv_cache.pages", run.cache_bits ? "Quantized pages" : "Pages", "n_cache", "B_token", tokens, bytes.pages,
         "cache_size tokens in pages of 256, whole at load; quantized ones have a scale of 16 bits for 32 numbers "
         "(exllamav3/cache)"},
        {"kv_cache.rings", "Rings of windows", "n_slots", "B_ring", slots, bytes.rings,
         "window + 512 tokens in whole pages of 16 bits, of every slot (modules/sliding_attn.py)"},
        {"kv_cache.states", "States", "n_slots", "B_state", slots, bytes.states,
         "convolution in 16 bits and state in 32, with one more of each for every drafted token, of every slot "
         "(modules/gated_delta_net.py)"},
        {"kv_cache.draft", "Prediction layers", "n_cache", "B_draft", tokens, bytes.predicted,
         "a cache of their own in 16 bits (TabbyAPI draft_cache_mode)"}};
    std::optional<Traced> sum;
    std::vector<Term> parts;
    for (const Kind& kind : kinds) {
        if (kind.bytes <= 0)
            continue;
        const Traced number =
            named<Traced>(kind.count, kind.number) * named<Traced>(kind.each, kind.bytes / kind.number);
        sum = sum ? *sum + number : number;
        parts.push_back(make_term(kind.id, kind.label, number));
        parts.back().source = kind.source;
    }
    Term term = make_term("kv_cache", "KV cache", sum.value_or(constant<Traced>(0)));
    if (!parts.empty())
        term.source = parts.front().source;
    if (parts.size() > 1)
        term.children = std::move(parts);
    return term;
}

Term work_term(const ExlBytes& bytes)
{
    Term term = sum_term(
        "activations", "Work of a chunk", Basis::assumed,
        {{"activations.layer", "The layer that takes most", "B_work", bytes.work,
          "the engine's own planner: what one layer computes of a chunk, and its largest matrix unpacked to 16 bits "
          "(make_tp_allocation of exllamav3/modules)"},
         {"activations.unpacked", "One layer's cache unpacked", "B_unpacked", bytes.unpacked,
          "attention reads 16 bits: a layer's quantized cache is unpacked (cache/quant.py; "
          "attention_fn/triton_paged.py)"}});
    term.low.count = std::llround(least_work * std::round(bytes.work));
    term.high.count = std::llround(most_work * std::round(bytes.work) + std::round(bytes.unpacked));
    widen_parts(term);
    return term;
}

} // namespace

MemoryFigures exl_figures(const ExlBytes& bytes)
{
    MemoryFigures figures;
    for (const auto& [part, part_bytes] : bytes.weights)
        figures.weights += std::round(part_bytes);
    figures.weights += std::round(bytes.draft);
    figures.kv_cache = bytes.cache();
    figures.activations = std::round(bytes.work) + std::round(bytes.unpacked);
    figures.overhead = exl_context;
    return figures;
}

std::vector<Term> exl_terms(const ExlRun& run, const ExlBytes& bytes, bool text)
{
    if (!text) {
        const MemoryFigures figures = exl_figures(bytes);
        return {make_term("weights", "Weights", figures.weights, Basis::derived),
                make_term("kv_cache", "KV cache", figures.kv_cache),
                make_term("activations", "Work of a chunk", figures.activations, Basis::assumed),
                make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
    }
    std::vector<Term> list = {weights_term(bytes), cache_term(run, bytes), work_term(bytes)};
    Term overhead = make_term("overhead", "Overhead", named<Traced>("C_runtime", exl_context), Basis::assumed);
    overhead.low = {std::llround(exl_context_low)};
    overhead.high = {std::llround(exl_context_high)};
    overhead.source = "CUDA context, torch and its libraries: what 11 public runs leave beside weights, cache and work";
    list.push_back(std::move(overhead));
    return list;
}

std::vector<Term> exl_host_terms(const ExlRun& run)
{
    constexpr double snapshots = 4 * bytes_per_gib;
    std::vector<Term> list;
    list.push_back(sum_term(
        "weights", "Weights", Basis::derived,
        {{"weights.embedding", "Embedding", "W_embedding", run.embedding,
          "tokens look their rows up in system memory (modules/embedding.py, prefer_cpu)"},
         {"weights.experts", "Routed experts", "W_experts", exl_host_experts(run),
          "cpu_moe_offload_layers: the first layers with experts (modules/block_sparse_mlp.py, load_cpu_offload)"}}));
    if (run.has_slots()) {
        list.push_back(
            make_term("prompt_cache", "Snapshots of states", named<Traced>("B_snapshots", snapshots), Basis::assumed));
        list.back().low = {};
        list.back().source = "up to: states of earlier prompts, 4 GiB by default (cache/recurrent.py)";
    }
    return list;
}

} // namespace weighbridge
