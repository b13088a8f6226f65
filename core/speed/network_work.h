#pragma once

#include "core/model/model.h"
#include "core/precision/format.h"

#include <vector>

namespace weighbridge {

/// What a mixer does with the tokens before, of one layer. Sizes are those of the whole layer.
struct MixerWork
{
    enum class Kind
    {
        grouped,    ///< keys and values by head
        latent,     ///< one latent for all heads
        compressed, ///< a window, and entries of several tokens behind it
        recurrent,  ///< a state
    };

    Kind kind = Kind::grouped;
    double heads = 0;
    double kv_heads = 0;
    double head_dim = 0; ///< of queries and keys; of a state its keys
    double value_dim = 0;
    double window = 0; ///< tokens; 0: all
    double latent = 0; ///< width of the latent
    double rope = 0;   ///< its part with positions
    double nope = 0;   ///< of a key, without positions
    double ratio = 0;  ///< tokens of an entry behind the window; 0: none
    double top_k = 0;  ///< that the indexer picks; 0: all
    double index_heads = 0;
    double index_dim = 0;
    double state = 0; ///< elements of the state of a sequence
};

/// One kind of layer: its weights by use, and what it does.
struct LayerWork
{
    double layers = 0;    ///< of the network
    double attention = 0; ///< parameters of the mixers, of one layer
    double attention_bytes = 0;
    double always = 0; ///< dense network, router, shared experts
    double always_bytes = 0;
    double routed = 0; ///< all routed experts
    double routed_bytes = 0;
    double experts = 0; ///< that the router chooses among
    double chosen = 0;  ///< of a token
    double expert_width = 0;
    bool plain = false; ///< attention by heads and a dense network, nothing else
    double kernels = 0; ///< that a fused path launches, without those for narrow activations
    std::vector<MixerWork> mixers;

    bool has_experts() const { return experts > 0 && routed > 0; }
};

/// A network as work for one step.
struct NetworkWork
{
    double hidden = 0;
    double vocabulary = 0;
    double head = 0; ///< parameters of the output head
    double head_bytes = 0;
    std::vector<LayerWork> layers; ///< by kind; blocks that several layers share are one more, of one layer

    double layer_count() const;
};

/// From the weight inventory, as `weights` stores it; `attention` says otherwise for attention, where it isn't null.
NetworkWork network_work(const Model& model, const NumberFormat& weights, const NumberFormat* attention = nullptr);

} // namespace weighbridge
