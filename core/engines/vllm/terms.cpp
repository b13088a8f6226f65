#include "core/engines/vllm/terms.h"

#include "core/memory/weights.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace weighbridge::vllm {

namespace {

/// A share either way, and so many bytes.
struct Tolerance
{
    double share_low = 0;
    double share_high = 0;
    double bytes_low = 0;
    double bytes_high = 0;
};

// How far nine of ten of the runs in resources/measured lie off.
constexpr Tolerance of_weights{0.006, 0.006, 16 * bytes_per_mib, 48 * bytes_per_mib};
constexpr Tolerance of_activations{0.06, 0.08, 64 * bytes_per_mib, 160 * bytes_per_mib};
constexpr Tolerance of_unknown_activations{0.5, 1, 64 * bytes_per_mib, 512 * bytes_per_mib}; // V0's
constexpr Tolerance of_context{0.4, 0.5, 0, 0};
constexpr Tolerance of_non_torch{0.5, 0.5, 48 * bytes_per_mib, 128 * bytes_per_mib};
constexpr Tolerance of_nccl{0.1, 0.15, 0, 0};
constexpr Tolerance of_graphs{0.2, 0.2, 128 * bytes_per_mib, 128 * bytes_per_mib};

const Tolerance& activations_tolerance(const Settings& settings)
{
    return settings.first_engine ? of_unknown_activations : of_activations;
}

/// Where no log of such a card is known the constant lies between the two that are.
const Tolerance& nccl_tolerance(const Settings& settings)
{
    static constexpr Tolerance of_unswitched{0.35, 0.6, 0, 0};
    return settings.switched || settings.era == Era::up_to_0_16 ? of_nccl : of_unswitched;
}

void set_range(Term& term, const Tolerance& tolerance)
{
    const auto bytes = static_cast<double>(term.bytes.count);
    if (bytes == 0)
        return;
    term.low.count = std::max<std::int64_t>(0, std::llround(bytes * (1 - tolerance.share_low) - tolerance.bytes_low));
    term.high.count = std::llround(bytes * (1 + tolerance.share_high) + tolerance.bytes_high);
}

} // namespace

Term weights_term(const InferenceInputs& stage, const Settings& settings, bool last)
{
    const LoadedExtras extras = loaded_extras(stage, settings, last);
    const LoadedExtra added[] = {
        {"weights.vocabulary_padding", "Padding of the vocabulary", "W_padding", extras.vocabulary_padding,
         "rows up to a multiple of 64: VocabParallelEmbedding"},
        {"weights.rope_tables", "RoPE tables", "W_rope", extras.rope_tables,
         "cos_sin_cache, positions x rotated width, on every rank: rotary_embedding/base.py"},
        {"weights.absorbed", "MLA up-projections, second copy", "W_absorbed", extras.absorbed,
         "W_UK_T and W_UV beside kv_b_proj: mla_attention.py, process_weights_after_loading"},
        {"weights.buffers", "Buffers of the network's class", "W_buffers", extras.buffers,
         "set aside when the network is made, or held wider or twice: model_executor/models"},
        {"weights.draft", "Draft", "W_draft", extras.draft,
         "the checkpoint's prediction layers, or what speculative_config names: models/deepseek_mtp.py, "
         "models/llama_eagle3.py and the like"},
        {"weights.adapters", "Slots of adapters", "W_lora", extras.adapters,
         "max_loras x max_lora_rank at every matrix: lora/layers"},
        {"weights.redundant_experts", "Copies of experts", "W_copies", extras.redundant,
         "num_redundant_experts of expert parallelism: distributed/eplb"},
        {"weights.offload_buffers", "Buffers of layers in the host's memory", "W_fetched", extras.offload.buffers,
         "offload_prefetch_step layers: model_executor/offloader/prefetch.py"},
        {"weights.expert_padding", "Padding of MXFP4 experts", "W_experts", extras.expert_padding,
         "as the kernels that run them want them: quantization/mxfp4.py"},
        {"weights.allocator_rounding", "Rounding by the CUDA allocator", "W_rounding", extras.rounding,
         "segments of 2 MiB steps from 10 MiB on: c10/cuda/CUDACachingAllocator.cpp"},
    };
    Term term = loaded_term(stage, added, {.layers = extras.offload.moved});
    term.source = "as loaded: the checkpoint's tensors on this rank and what vLLM adds to them";
    set_range(term, of_weights);
    widen_parts(term);
    return term;
}

Term cache_term(const InferenceInputs& stage, const Settings& settings, const Rank& rank)
{
    const KvPool& pool = rank.pool;
    const auto bytes_of = [&](std::string_view symbol, std::int64_t blocks) {
        Traced sequences = named<Traced>("b", static_cast<double>(stage.concurrent_sequences));
        if (settings.data_parallel > 1)
            sequences = divided_up(sequences, named<Traced>("dp", static_cast<double>(settings.data_parallel)));
        return sequences * named<Traced>(symbol, static_cast<double>(blocks)) *
               named<Traced>("B_block", pool.block_bytes);
    };
    Term term = make_term("kv_cache", "KV cache", bytes_of("n_blocks", blocks_per_request(pool, stage.sequence_length)),
                          Basis::derived);
    term.source = "blocks as vLLM's scheduler admits them: v1/core/kv_cache_utils.py, kv_cache_interface.py";
    if (pool.groups <= 1)
        return term;
    for (const CacheBucket& bucket : pool.buckets) {
        Term part = make_term("kv_cache." + std::string(bucket.id), "Blocks of " + std::string(bucket.id) + " layers",
                              bytes_of("n_blocks", bucket.groups * blocks_of(pool, bucket, stage.sequence_length)),
                              Basis::derived,
                              "groups of as many layers draw from one pool; a window keeps the batches in flight");
        term.children.push_back(std::move(part));
    }
    return term;
}

Term activations_term(const Rank& rank, const Settings& settings)
{
    Term term = make_term("activations", "Activations", activation_peak<Traced>(rank.shapes, settings.era),
                          settings.first_engine ? Basis::assumed : Basis::calibrated);
    term.source = "profile run: one layer on max_num_batched_tokens tokens, or the sampler on max_num_seqs rows";
    if (settings.first_engine)
        term.source = "V0's profile run is not known here: taken as V1's";
    set_range(term, activations_tolerance(settings));
    return term;
}

Term overhead_term(const Rank& rank, const Settings& settings)
{
    const Era era = settings.era;
    const DeviceOverhead& overhead = rank.overhead;
    Term term =
        make_term("overhead", "Overhead",
                  named<Traced>("C_context", overhead.cuda_context) + named<Traced>("C_process", overhead.non_torch) +
                      named<Traced>("C_nccl", overhead.nccl) + named<Traced>("C_graphs", overhead.cuda_graphs),
                  Basis::calibrated);
    term.source = "calibrated on logged runs: docs/formulas.md";
    const auto add = [&](std::string_view id, std::string_view label, Traced bytes, std::string_view source,
                         const Tolerance& tolerance) {
        Term part = make_term(id, label, std::move(bytes), Basis::calibrated);
        part.source = source;
        set_range(part, tolerance);
        term.low.count -= part.bytes.count - part.low.count;
        term.high.count += part.high.count - part.bytes.count;
        term.children.push_back(std::move(part));
    };
    add("overhead.cuda_context", "CUDA context", named<Traced>("C_context", overhead.cuda_context),
        "what the device shows as taken before vLLM's first snapshot; in no figure that vLLM prints", of_context);
    add("overhead.non_torch", "Kernels and handles", named<Traced>("C_process", overhead.non_torch),
        "non-torch memory of one process, logged on H100", of_non_torch);
    add("overhead.nccl", "NCCL and all-reduce buffers", named<Traced>("C_nccl", overhead.nccl),
        "growth of the non-torch memory with tensor parallelism, logged on H100; less without NVLink's switches",
        nccl_tolerance(settings));
    add("overhead.cuda_graphs", "CUDA graphs", graph_bytes<Traced>(overhead, era),
        "calibrated on graph captures of 0.18 and 0.19: sizes captured x (a share of its own + per layer)", of_graphs);
    return term;
}

std::vector<Term> figure_terms(const MemoryFigures& figures, const Rank& rank, const Settings& settings)
{
    std::vector<Term> terms;
    terms.reserve(4);
    const auto add = [&](std::string_view id, std::string_view label, double bytes, Basis basis,
                         const Tolerance& tolerance) {
        terms.push_back(make_term(id, label, bytes, basis));
        set_range(terms.back(), tolerance);
    };
    add("weights", "Weights", figures.weights, Basis::derived, of_weights);
    add("kv_cache", "KV cache", figures.kv_cache, Basis::derived, {});
    add("activations", "Activations", figures.activations, settings.first_engine ? Basis::assumed : Basis::calibrated,
        activations_tolerance(settings));
    add("overhead", "Overhead", figures.overhead, Basis::calibrated, {});
    for (const auto& [bytes, tolerance] :
         {std::pair{rank.overhead.cuda_context, of_context}, std::pair{rank.overhead.non_torch, of_non_torch},
          std::pair{rank.overhead.nccl, nccl_tolerance(settings)}, std::pair{rank.overhead.cuda_graphs, of_graphs}}) {
        Term part = make_term("overhead", "Overhead", bytes);
        set_range(part, tolerance);
        terms.back().low.count -= part.bytes.count - part.low.count;
        terms.back().high.count += part.high.count - part.bytes.count;
    }
    return terms;
}

} // namespace weighbridge::vllm
