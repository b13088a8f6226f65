#pragma once

#include "core/engines/sglang/model_class.h"
#include "core/engines/sglang/release.h"
#include "core/memory/load.h"

#include <optional>
#include <vector>

namespace weighbridge::sglang {

/// What drafts tokens beside the network.
enum class DraftKind
{
    none,
    ngram,            ///< looks tokens up: no weights, no cache
    prediction_layer, ///< the network's own multi-token-prediction layers
    assumed_layer,    ///< a model that nobody named, taken as one layer of the network's widths
    eagle,            ///< a named one that reads the network's states
    network,          ///< a named one of its own (STANDALONE)
};

struct DraftSettings
{
    DraftKind kind = DraftKind::none;
    double cache_share = 1; ///< bytes of an entry over the network's
    bool third = false;     ///< EAGLE3, which has a head of its own
    std::int64_t steps = 0;
    std::int64_t tokens = 0; ///< that one step verifies

    bool any() const { return kind != DraftKind::none; }
    bool has_weights() const { return kind != DraftKind::none && kind != DraftKind::ngram; }
    bool is_named() const { return kind == DraftKind::eagle || kind == DraftKind::network; }
};

/// A scenario's options with SGLang's defaults for what was left out. Bytes where not said otherwise.
struct Settings
{
    Release release;
    ModelClass model;
    double total_memory = 0; ///< as the device reports it
    double in_use = 0;       ///< of it, by others
    double context_bytes = 0;
    double mem_fraction_static = 0;
    std::int64_t context_length = 1;
    std::int64_t chunked_prefill_size = 8192; ///< tokens, of one rank of data-parallel attention
    std::int64_t cuda_graph_max_bs = 256;
    std::int64_t attention_ranks = 1; ///< that share a request's heads: fewer with data-parallel attention
    std::int64_t attention_replicas = 1;
    std::int64_t data_parallel = 1;
    std::int64_t page_size = 1; ///< tokens
    bool radix_cache = true;
    bool overlap = true;                              ///< of the scheduler with the device
    std::optional<std::int64_t> max_running_requests; ///< of one rank of data-parallel attention
    std::optional<std::int64_t> max_total_tokens;
    double window_ratio = 0.8;               ///< tokens of the windows' pool per token of the full one
    double state_ratio = 0.9;                ///< memory of states per memory of tokens: the states get q / (1 + q)
    std::optional<std::int64_t> state_slots; ///< of one rank of data-parallel attention
    std::int64_t slots_per_request = 1; ///< of recurrent states: those of its prefixes in the radix cache are kept too
    double state_bytes = 0;             ///< per element; 0: as the network says
    DraftSettings draft;
    std::int64_t adapters = 0; ///< slots of adapters; 0 without enable_lora
    std::int64_t adapter_rank = 0;
    double offloaded_bytes = 0;                    ///< of the layers' weights, at most, that lie in the host's memory
    std::optional<std::int64_t> experts_on_device; ///< of each layer; the others lie in the host's memory
    std::int64_t copied_experts = 0;
    std::vector<std::int64_t> batch_sizes; ///< with a CUDA graph, where they are given
    bool trtllm_kernels = false;           ///< of MLA, whose FP8 entries have no scales
    double image_reserve = 0;              ///< kept for images' features
    double model_bytes = 2;                ///< per element of what is computed
    bool hopper = false;                   ///< compute capability 9
    bool blackwell = false;                ///< 10 and up, but for the consumer cards of 12

    /// What others have not taken.
    double memory_left() const { return total_memory - in_use; }
};

Settings settings_of(const InferenceInputs& inputs);

/// The load with the cache's type that SGLang takes where nobody chose one: FP8 for DeepSeek-V4 and, from compute
/// capability 10 on, for sparse MLA (arg_groups/overrides.py, _dsa_kv_cache_dtype_default).
InferenceInputs with_cache_type(InferenceInputs load);

} // namespace weighbridge::sglang
