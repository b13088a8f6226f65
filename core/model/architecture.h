#pragma once

#include "core/model/layer.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weighbridge {

/// `count` equal layers that follow one another; `kind` indexes Architecture::kinds.
struct LayerRun
{
    std::size_t kind = 0;
    std::int64_t count = 0;

    bool operator==(const LayerRun&) const = default;
};

/// Equal multi-token-prediction layers that a checkpoint holds beside the network. What joins the hidden state to the
/// next token's embedding is among the layer's extras and norms.
struct PredictionLayers
{
    Layer layer;
    std::int64_t count = 0;

    bool operator==(const PredictionLayers&) const = default;
};

/// A vision or audio tower, or the projector that joins one to the language model: parameters that a text token does
/// not use.
struct Tower
{
    std::string name; ///< as the checkpoint spells it: "vision_tower", "multi_modal_projector"
    std::int64_t parameters = 0;

    bool operator==(const Tower&) const = default;
};

/// A vision tower's size as its config names it; 0 where there is no such key.
struct VisionShape
{
    std::int64_t layers = 0; ///< num_hidden_layers
    std::int64_t hidden_size = 0;

    bool operator==(const VisionShape&) const = default;
};

/// The norm between the last layer and the head.
struct FinalNorm
{
    bool weight = true;
    bool bias = false;

    bool operator==(const FinalNorm&) const = default;
};

/// What a network is: everything that decides its tensors, caches and operations, and nothing about how it is run.
struct Architecture
{
    std::string family; ///< Hugging Face model_type, or "generic" for the form's own decoder
    std::int64_t hidden_size = 0;
    std::int64_t embedding_size = 0; ///< width of the embedding (and head) where it is not the hidden size (OPT-350m)
    std::int64_t vocab_size = 0;
    bool tie_word_embeddings = false;
    std::int64_t max_position_embeddings = 0; ///< 0 where unknown
    std::int64_t idle_window = 0; ///< that a config names for all layers and that is too long to hide a token
    double rope_stretch = 1;      ///< "linear" RoPE scaling: the tables of full-attention layers are so much longer
    double rotary_fraction = 1;   ///< share of a head that RoPE rotates
    std::int64_t draft_vocab_size = 0; ///< of a draft with a head of its own over so many tokens (EAGLE-3); else 0
    std::string torch_dtype;           ///< as stored: "bfloat16"; empty where unknown
    std::vector<Layer> kinds;          ///< the distinct layers, in order of first appearance
    std::vector<LayerRun> runs;        ///< all layers in order, run-length encoded; neighbours differ
    FinalNorm final_norm;
    /// Beyond embedding, final norm and head: learned positions, embedding norms, tables of per-layer embeddings,
    /// biases of the head, blocks that several layers share. One row each, `layers` = 1.
    std::vector<Tensor> outer;
    std::vector<PredictionLayers> mtp;
    std::vector<Tower> towers;
    std::optional<VisionShape> vision; ///< nothing: the file has no vision_config

    /// Appends one layer, merging it with the run before and with an equal kind.
    void append(const Layer& layer);

    std::int64_t layers() const;
    /// How many layers are of a kind.
    std::int64_t layers_of(std::size_t kind) const;
    /// Multi-token-prediction layers, of all kinds.
    std::int64_t mtp_layers() const;
    /// embedding_size, or hidden_size where that is 0.
    std::int64_t embedding_width() const { return embedding_size > 0 ? embedding_size : hidden_size; }

    bool operator==(const Architecture&) const = default;
};

template<class Matches>
bool any_mixer(const Architecture& architecture, const Matches& matches)
{
    return std::any_of(architecture.kinds.begin(), architecture.kinds.end(), [&](const Layer& layer) {
        return std::any_of(layer.mixers.begin(), layer.mixers.end(), matches);
    });
}

/// Whether some layer has a mixer of that type.
template<class Type>
bool has_mixer(const Architecture& architecture)
{
    return any_mixer(architecture, [](const Mixer& mixer) { return std::holds_alternative<Type>(mixer); });
}

/// Whether some layer has MLA with an indexer that chooses the tokens to attend to.
bool has_sparse_latent_attention(const Architecture& architecture);

/// How queries share keys, for the first kind of layer with attention: "GQA 8:1", "MHA", "MQA", "MLA". Hybrids name
/// their first recurrent kind as well: "GQA 8:1 + Mamba-2"; networks without attention only that.
std::string attention_summary(const Architecture& architecture);

} // namespace weighbridge
