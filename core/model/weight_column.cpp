#include "core/model/weight_column.h"

namespace weighbridge {

std::size_t WeightColumn::place(const Tensor& tensor)
{
    return 2 * static_cast<std::size_t>(tensor.part) + (tensor.quantizable ? 0 : 1);
}

WeightColumn::WeightColumn(const std::vector<Tensor>& tensors, std::vector<Shares> rows) : rows_(std::move(rows))
{
    row_bits_.reserve(rows_.size());
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        Average sum;
        for (const StoredShare& share : rows_[row]) {
            sum.elements += share.elements;
            sum.bits += share.elements * share.bits;
        }
        row_bits_.push_back(sum.elements > 0 ? sum.bits / sum.elements : 16);
        bytes_ += sum.bits / 8;
        Average& part = part_bits_.at(place(tensors[row]));
        part.elements += sum.elements;
        part.bits += sum.bits;
    }
}

double WeightColumn::bits(const Tensor& tensor) const
{
    if (tensor.row < row_bits_.size())
        return row_bits_[tensor.row];
    const Average& part = part_bits_.at(place(tensor));
    return part.elements > 0 ? part.bits / part.elements : 16;
}

} // namespace weighbridge
