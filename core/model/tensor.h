#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

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

/// Tensors of one layer that engines load as one parameter, because one multiplication serves them all (vLLM:
/// QKVParallelLinear, MergedColumnParallelLinear and FusedMoE's w13, DeepSeek's fused_qkv_a_proj).
enum class Merged : std::uint8_t
{
    none,
    qkv,
    gate_up,
    latent_down,
};

/// What a tensor of that name is merged into: "self_attn.q_proj.weight" into qkv.
Merged merged_into(std::string_view name);

/// Which end of the network needs a tensor that stands outside its layers: a pipeline puts it on that stage.
enum class End : std::uint8_t
{
    input,      ///< embeddings, positions, towers
    output,     ///< final norm, head
    both,       ///< an embedding that is the head as well
    throughout, ///< blocks that layers anywhere share
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
    Extent rows;    ///< output features
    Extent columns; ///< input features; 1 without a symbol for vectors
    Extent copies;  ///< experts; 1 otherwise
    Merged merged = Merged::none;
    std::int64_t layers = 1;        ///< how many layers hold it; 1 outside the layers
    std::string_view layers_symbol; ///< "L" (of its kind); empty outside the layers
    double active_copies = 1;       ///< how many of the copies one token uses; 0 for tables it takes one row of
    Sharding sharding = Sharding::replicated;
    std::int64_t shard_limit =
        0;                ///< ranks beyond this many hold copies (the number of key/value heads); 0: no such limit
    End end = End::input; ///< of a tensor outside the layers
    bool quantizable =
        false; ///< a matrix that weight quantization usually takes: not embeddings, head, router, norms, biases

    static constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();
    std::size_t kind = no_index; ///< of Architecture::kinds; none outside the layers
    std::size_t row = no_index;  ///< in Model::tensors; none for a tensor that is not from there

    std::int64_t elements_per_layer() const { return rows.value * columns.value * copies.value; }
    std::int64_t elements() const { return elements_per_layer() * layers; }

    bool operator==(const Tensor&) const = default;
};

/// A matrix that quantization takes; rows are output features.
inline Tensor matrix_tensor(std::string_view name, Part part, Extent rows, Extent columns, Sharding sharding)
{
    Tensor tensor;
    tensor.name = name;
    tensor.part = part;
    tensor.merged = merged_into(name);
    tensor.rows = rows;
    tensor.columns = columns;
    tensor.sharding = sharding;
    tensor.quantizable = true;
    return tensor;
}

/// A bias, a norm's weights, a learned scalar or a table: left alone by quantization.
inline Tensor vector_tensor(std::string_view name, Part part, Extent rows, Sharding sharding)
{
    Tensor tensor = matrix_tensor(name, part, rows, {}, sharding);
    tensor.quantizable = false;
    return tensor;
}

} // namespace weighbridge
