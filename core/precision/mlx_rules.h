#pragma once

#include "core/model/architecture.h"
#include "core/model/tensor.h"
#include "core/model/weight_column.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// How MLX quantizes a matrix: groups of numbers of its last dimension share a scale (mlx/ops.cpp, quantize).
struct MlxStorage
{
    double bits = 4;
    std::int64_t group = 64;
    bool affine = true; ///< a scale and a bias of 16 bits for each group; else one scale of 8

    /// Bits of a number, scales included.
    double width() const { return bits + (affine ? 32.0 : 8.0) / static_cast<double>(group); }
    bool operator==(const MlxStorage&) const = default;
};

/// The modes of mx.quantize by name ("affine", "mxfp4", "nvfp4", "mxfp8"), with their usual bits and group; nothing
/// where there is no such mode.
std::optional<MlxStorage> mlx_mode(std::string_view name);

/// A quantization of mlx_lm.convert: one storage for all matrices, or a recipe that gives some of them more bits.
struct MlxMix
{
    std::string name;                ///< "4bit", "4bit_g32", "mxfp4", "mixed_4_6"
    std::string label;               ///< "MLX 4-bit, group 64"
    MlxStorage usual;                ///< of all matrices but those
    std::optional<double> more_bits; ///< of a recipe: bits of the head, and of the rows of values and of down_proj

    /// Of a whole network, about.
    double bits() const;
};

/// Reads "4bit", "4bit_g64" (2, 3, 4, 5, 6 or 8 bits; groups of 32, 64 or 128), "mxfp4", "nvfp4", "mxfp8", "mixed_2_6",
/// "mixed_3_4", "mixed_3_6", "mixed_4_6".
std::optional<MlxMix> find_mlx_mix(std::string_view name);
/// Those that lists show.
std::span<const std::string_view> mlx_mix_names();

struct MlxNetwork;

/// What mlx-lm's network of a family says of its modules, whatever the quantization.
class MlxRules
{
public:
    explicit MlxRules(const Architecture& architecture);

    /// Whether a tensor belongs to a module that is quantized: linear layers, embeddings, stacks of experts.
    bool takes(const Tensor& tensor) const;
    /// What the network asks for in place of what everything else gets: 8 bits in groups of 64 (quant_predicate).
    bool keeps_eight_bits(const Tensor& tensor) const;
    /// Bits of what is left alone: 16, or 32 where the network keeps it so (cast_predicate).
    double whole_bits(const Tensor& tensor) const;
    /// mlx_lm.convert fuses queries, keys and values of this family into one module.
    bool fuses_qkv() const;
    /// kv_b_proj is two stacks of matrices by head here (models/mla.py).
    bool splits_kv_b(const Tensor& tensor) const;

    const Architecture& architecture() const { return architecture_; }

private:
    const Architecture& architecture_;
    const MlxNetwork* network_ = nullptr;
};

/// The dimension whose numbers are grouped.
std::int64_t mlx_last_dimension(const Tensor& tensor);

/// How a module of a layer (counted from 0; -1 outside the layers) is stored; nothing: whole.
using MlxStoredAs = std::function<std::optional<MlxStorage>(const Tensor& tensor, std::int64_t layer)>;

/// How each row of an inventory is stored. A matrix whose last dimension a group does not divide stays whole.
WeightColumn mlx_column(const MlxStoredAs& stored_as, const Architecture& architecture,
                        const std::vector<Tensor>& tensors);
/// The same as mlx_lm.convert stores it.
WeightColumn mlx_column(const MlxMix& mix, const Architecture& architecture, const std::vector<Tensor>& tensors);

} // namespace weighbridge
