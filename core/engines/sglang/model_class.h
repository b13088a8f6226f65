#pragma once

#include "core/engines/sglang/release.h"
#include "core/model/architecture.h"

namespace weighbridge::sglang {

/// What SGLang's class for a network does, as far as memory depends on it and the network's shape doesn't tell.
struct ModelClass
{
    bool multimodal = false;      ///< takes images unless told otherwise (configs/model_config.py)
    bool prefill_graphs = true;   ///< captured where nothing else forbids it (arg_groups/cuda_graph_hook.py)
    bool window_pool = false;     ///< windowed layers have a pool of their own in this release (is_hybrid_swa_model)
    bool splits_attention = true; ///< data-parallel attention shares out its layers; else only the caches know of it
    bool whole_embedding = false; ///< on every rank: Gemma's word and per-layer embeddings
    bool whole_split_embedding = false; ///< on every rank with data-parallel attention, however many share a request
    bool whole_tower = false;           ///< on every rank
    bool loads_tower = true;
    bool own_key_values = false; ///< layers that read another's cache, or their values off the keys, have projections
    bool head_on_every_stage = false; ///< of a pipeline, used or not
    bool full_precision_router = false;
    bool through_transformers = false; ///< no class of its own: transformers' modules, without tables of RoPE
    bool window_tables = false;        ///< layers with a window have a table of positions of their own
    bool unstretched_table = false;    ///< full layers compute positions anew: the one table is that of the windows
    bool indexer_table = false;        ///< the indexer of sparse attention has a table of its own
    bool padded_experts = false;       ///< in 16 bits on Blackwell, where the class takes FlashInfer's kernels
    bool extra_state_buffer = false;   ///< recurrent states of prefixes have buffers of their own (from 0.5.14 on)
    bool counts_draft_cache = true; ///< its prediction layers are named num_nextn_predict_layers, which the pool reads
    bool makes_prediction_layer = false; ///< though the config names none (Qwen3-Next)
    double window_ratio = 0.8;           ///< tokens of the windows' pool per token of the full one
};

ModelClass model_class(const Architecture& architecture, Release release);

} // namespace weighbridge::sglang
