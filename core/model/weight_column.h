#pragma once

#include "core/model/inventory.h"

#include <array>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Elements of one row of the weight inventory that are stored alike.
struct StoredShare
{
    std::string_view type; ///< for formulas: "Q4_K", "w" (what a scheme takes), "16" (what it leaves); a literal
    double elements = 0;   ///< in all layers and copies of the row
    double bits = 16;      ///< per element, scales and zero points included

    bool operator==(const StoredShare&) const = default;
};

/// How the weights of one model are stored, tensor by tensor: a column beside its inventory, with one entry per row.
/// Formats that decide by tensor (GGUF mixes, a checkpoint's own quantization, the sizes in a file) are such columns.
class WeightColumn
{
public:
    using Shares = std::vector<StoredShare>;

    /// `rows` has as many entries as `tensors`; shares of a row add up to its elements.
    WeightColumn(const std::vector<Tensor>& tensors, std::vector<Shares> rows);

    const std::vector<Shares>& rows() const { return rows_; }
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
    static std::size_t place(const Tensor& tensor);

    std::vector<Shares> rows_;
    std::vector<double> row_bits_;
    std::array<Average, 32> part_bits_; ///< by part, matrices first
    double bytes_ = 0;
};

} // namespace weighbridge
