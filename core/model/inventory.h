#pragma once

#include "core/model/architecture.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A tensor's place in the network; what a person would group it under.
enum class Part
{
    embedding,
    attention,
    feed_forward,
    experts,
    shared_experts,
    router,
    norms,
    vision,
};

/// How real engines lay a tensor over the ranks of a tensor-parallel group. An engine maps each to a divisor; the
/// generic one follows the web form, others differ (formulas/inference.md 2.3 of the project's references).
enum class Sharding
{
    column,     ///< output rows divided
    row,        ///< input columns divided
    kv_heads,   ///< key and value heads divided; replicated once there are more ranks than heads
    vocabulary, ///< vocabulary rows divided
    expert,     ///< the inner width of each expert divided (or whole experts, with expert parallelism)
    router,     ///< kept whole by engines, divided by the web form
    latent,     ///< MLA down-projections: kept whole by engines, divided by the web form
    replicated, ///< norms, output biases, vision towers
};

/// A whole number and the symbol it has in formulas.
struct Extent
{
    std::int64_t value = 1;
    std::string_view symbol; ///< "h", "a·d"; refers to a string literal

    bool operator==(const Extent&) const = default;
};

/// One row of the weight inventory: all tensors of one name and shape in all layers of one kind.
struct Tensor
{
    std::string name; ///< as the checkpoint spells it within its layer: "self_attn.q_proj"
    Part part = Part::attention;
    Extent rows;                    ///< output features
    Extent columns;                 ///< input features; 1 without a symbol for vectors
    Extent copies;                  ///< experts; 1 otherwise
    std::int64_t layers = 1;        ///< how many layers hold it; 1 outside the layers
    std::string_view layers_symbol; ///< "L" (of its kind); empty outside the layers
    double active_copies = 1;       ///< how many of the copies one token uses
    Sharding sharding = Sharding::replicated;
    std::int64_t shard_limit =
        0; ///< ranks beyond this many hold copies (the number of key/value heads); 0: no such limit
    bool quantizable =
        false; ///< a matrix that weight quantization usually takes: not embeddings, head, router, norms, biases

    static constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();
    std::size_t kind = no_index; ///< of Architecture::kinds; none outside the layers
    std::size_t row = no_index;  ///< in Model::tensors; none for a tensor that is not from there

    std::int64_t elements_per_layer() const { return rows.value * columns.value * copies.value; }
    std::int64_t elements() const { return elements_per_layer() * layers; }
};

struct ParameterCounts
{
    std::int64_t total =
        0; ///< network and vision towers, each tensor once; no multi-token prediction, copies, buffers or scales
    std::int64_t active = 0; ///< what one text token uses, embeddings included
    std::int64_t multi_token_prediction = 0;
    std::int64_t vision = 0;
};

/// All tensors of a network, the table that parameter counts, weight bytes, LoRA sizes and FLOPs are sums over.
/// The order is: embedding, then the layers kind by kind, final norm, head, vision.
std::vector<Tensor> weight_inventory(const Architecture& architecture);

/// The tensors of one layer of a kind (with `layers` = 1).
std::vector<Tensor> layer_inventory(const Architecture& architecture, const Layer& layer);

/// Sums over the inventory. Every total is exact; the importer refuses shapes whose counts could overflow.
ParameterCounts count_parameters(const Architecture& architecture, const std::vector<Tensor>& inventory);

} // namespace weighbridge
