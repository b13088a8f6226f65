#pragma once

#include "core/model/inventory.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weighbridge {

/// How a scheme stores a matrix, for engines whose kernels want it laid out anew. Bits.
struct StoredLayout
{
    double element = 0;    ///< of one alone; 0: nothing is known
    double group = 0;      ///< inputs that share a scale; 0: none do
    double block_rows = 1; ///< outputs that share it too
    double scale = 0;      ///< of a group
    double zero = 0;       ///< zero point of a group
    double row = 0;        ///< more per output

    bool operator==(const StoredLayout&) const = default;
};

/// Elements of one row of the weight inventory that are stored alike.
struct StoredShare
{
    std::string_view type; ///< for formulas: "Q4_K", "w" (what a scheme takes), "16" (what it leaves); a literal
    double elements = 0;   ///< in all layers and copies of the row
    double bits = 16;      ///< per element, scales and zero points included
    StoredLayout layout{};

    bool operator==(const StoredShare&) const = default;
};

/// Layers of a row, one after the other, that are stored alike.
struct StoredLayers
{
    std::int64_t layers = 0;
    std::vector<StoredShare> each; ///< of one of them
};

/// Adds one layer behind those of a row; neighbours that are stored alike are one entry.
void append_layer(std::vector<StoredLayers>& layers, std::vector<StoredShare> shares);

/// One row as it is stored.
struct StoredRow
{
    std::vector<StoredShare> shares;    ///< of all layers; they add up to the row's elements
    std::vector<StoredLayers> layers{}; ///< the same layer by layer; empty: all are alike
};

/// Layers of a row of an inventory: what one stage of a pipeline holds of it.
struct RowPart
{
    std::size_t row = 0;
    std::int64_t from = 0; ///< the first of the row's layers, from 0
    std::int64_t layers = 1;
};

/// How the weights of one model are stored, tensor by tensor: a column beside its inventory, with one entry per row.
/// Formats that decide by tensor (GGUF mixes, a checkpoint's own quantization, the sizes in a file) are such columns.
class WeightColumn
{
public:
    using Shares = std::vector<StoredShare>;

    /// `rows` has as many entries as `tensors`.
    WeightColumn(const std::vector<Tensor>& tensors, std::vector<StoredRow> rows);
    /// Where all layers of a row are alike.
    WeightColumn(const std::vector<Tensor>& tensors, std::vector<Shares> rows);

    /// The column of an inventory that has these parts of this one's rows, in that order. What is in no row is averaged
    /// as in the whole.
    WeightColumn cut(const std::vector<RowPart>& parts) const;

    /// Of every row, summed over its layers.
    const std::vector<Shares>& rows() const { return sums_; }
    /// The same layer by layer.
    const std::vector<std::vector<StoredLayers>>& layers() const { return layers_; }
    /// Bits per element of a tensor: of its row, averaged over its layers; of its part, averaged over the part's
    /// matrices (or vectors) where the tensor is none of this model's inventory.
    double bits(const Tensor& tensor) const;
    /// Of all tensors.
    double bytes() const { return bytes_; }

private:
    struct Average
    {
        double elements = 0;
        double bits = 0; ///< of all elements
    };
    WeightColumn() = default;
    static std::size_t place(const Tensor& tensor);
    Average append(StoredRow row, std::int64_t layers);

    std::vector<Shares> sums_;
    std::vector<std::vector<StoredLayers>> layers_;
    std::vector<double> row_bits_;
    std::array<Average, 32> part_bits_; ///< by part, matrices first
    double bytes_ = 0;
};

} // namespace weighbridge
