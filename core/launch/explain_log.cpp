#include "core/launch/explain_log.h"

#include "core/fields/number_text.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <array>
#include <optional>

namespace weighbridge {

namespace {

const LogFact* fact_called(const Log& log, std::string_view name)
{
    const auto found =
        std::find_if(log.facts.begin(), log.facts.end(), [&](const LogFact& fact) { return fact.name == name; });
    return found == log.facts.end() ? nullptr : &*found;
}

std::string said(const LogFact& fact)
{
    return real_text(fact.value) + " " + fact.unit;
}

std::optional<double> bytes_of(const LogFact* fact)
{
    static constexpr std::array<std::pair<std::string_view, double>, 7> units = {{{"bytes", 1},
                                                                                  {"KiB", 1024.0},
                                                                                  {"MiB", 1048576.0},
                                                                                  {"GiB", 1073741824.0},
                                                                                  {"MB", 1e6},
                                                                                  {"GB", 1e9},
                                                                                  {"TiB", 1099511627776.0}}};
    if (fact == nullptr)
        return std::nullopt;
    for (const auto& [unit, bytes] : units)
        if (fact->unit == unit)
            return fact->value * bytes;
    return std::nullopt;
}

void explain_request(Log& log)
{
    const LogFact* requested = fact_called(log, "requested");
    const LogFact* free = fact_called(log, "gpu_free");
    const LogFact* total = fact_called(log, "gpu_total");
    if (requested == nullptr)
        return;
    std::string sentence = "Asked for: " + said(*requested) + " more";
    if (free != nullptr)
        sentence += "; free: " + said(*free);
    if (total != nullptr)
        sentence += " of " + said(*total);
    log.explain.push_back(sentence + ".");
}

void explain_holders(Log& log)
{
    const auto allocated = bytes_of(fact_called(log, "allocated"));
    const auto total = bytes_of(fact_called(log, "gpu_total"));
    const auto idle = bytes_of(fact_called(log, "reserved_unallocated"));
    const auto requested = bytes_of(fact_called(log, "requested"));
    if (allocated && total && *allocated > *total)
        log.explain.emplace_back(
            "More is allocated than the card has: the driver (Windows) spills into system memory.");
    if (idle && requested && *idle > *requested)
        log.explain.emplace_back("PyTorch holds more that it does not use than was asked for: fragmentation. "
                                 "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True gives it back.");
    const auto process = bytes_of(fact_called(log, "process_in_use"));
    const auto free = bytes_of(fact_called(log, "gpu_free"));
    constexpr double other_share = 0.1;
    if (process && free && total && *total - *process - *free > other_share * *total)
        log.explain.emplace_back("Other processes hold the rest of the card.");
}

/// Which part of memory it was, by what asked for it.
void explain_term(Log& log)
{
    if (log.tool == "vllm" && fact_called(log, "kv_cache_needed") != nullptr) {
        const LogFact* needed = fact_called(log, "kv_cache_needed");
        const LogFact* available = fact_called(log, "kv_cache_available");
        std::string sentence = "The KV cache of one request of max_model_len needs " + said(*needed);
        if (available != nullptr)
            sentence += ", and " + said(*available) + " are left for it beside weights and activations";
        log.explain.push_back(sentence + ".");
        if (const LogFact* fits = fact_called(log, "max_model_len_that_fits"))
            log.explain.push_back(
                "What helps, in order: max_model_len of at most " + real_text(fits->value) +
                "; kv_cache_dtype fp8, which halves the cache; a higher gpu_memory_utilization; more GPUs.");
        return;
    }
    if (log.tool == "vllm" && fact_called(log, "kv_tokens") != nullptr && log.kind == "error") {
        log.explain.emplace_back(
            "The KV cache holds fewer tokens than one request of max_model_len: a smaller max_model_len, an FP8 "
            "cache, a higher gpu_memory_utilization or more GPUs.");
        return;
    }
    if (log.tool == "llama.cpp" || log.tool == "ik_llama.cpp")
        log.explain.emplace_back(
            "A buffer of the model, the cache or the graph did not fit on the device: fewer layers there "
            "(n_gpu_layers, "
            "n_cpu_moe), a shorter context, a quantized cache (cache_type_k q8_0), a smaller n_ubatch.");
    else if (log.tool == "vllm")
        log.explain.emplace_back(
            "It was asked for outside the cache's budget (CUDA graphs, activations, other processes): a smaller "
            "gpu_memory_utilization, enforce_eager, or fewer max_num_batched_tokens.");
    else if (log.tool == "sglang")
        log.explain.emplace_back(
            "Weights and cache (mem_fraction_static) leave too little beside them: a smaller mem_fraction_static, "
            "chunked_prefill_size or cuda_graph_max_bs.");
    else
        log.explain.emplace_back(
            "What helps, in order of what it costs: gradient checkpointing, a fused or chunked loss (large requests in "
            "the loss are its logits), a smaller micro batch or sequence, LoRA or QLoRA, sharding over more GPUs.");
}

} // namespace

void explain_log(Log& log)
{
    if (log.kind != "error")
        return;
    explain_request(log);
    explain_holders(log);
    explain_term(log);
}

} // namespace weighbridge
