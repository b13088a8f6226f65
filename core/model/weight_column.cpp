#include "core/model/weight_column.h"

#include <algorithm>
#include <utility>

namespace weighbridge {

namespace {

/// Every layer alike, as one entry.
std::vector<StoredLayers> equal_layers(const std::vector<StoredShare>& shares, std::int64_t layers)
{
    std::vector<StoredLayers> all = {{layers, shares}};
    for (StoredShare& share : all.front().each)
        share.elements /= static_cast<double>(layers);
    return all;
}

/// Shares of equal type and width are one.
void add_layers(std::vector<StoredShare>& shares, const StoredLayers& more)
{
    for (const StoredShare& share : more.each) {
        const double elements = share.elements * static_cast<double>(more.layers);
        const auto same = std::find_if(shares.begin(), shares.end(), [&](const StoredShare& other) {
            return other.type == share.type && other.bits == share.bits;
        });
        if (same == shares.end())
            shares.push_back({share.type, elements, share.bits, share.layout});
        else
            same->elements += elements;
    }
}

StoredRow cut_row(const std::vector<StoredLayers>& whole, std::int64_t from, std::int64_t count)
{
    StoredRow part;
    for (const StoredLayers& run : whole) {
        const std::int64_t before = std::min(from, run.layers);
        const std::int64_t taken = std::min(run.layers - before, count);
        from -= before;
        count -= taken;
        if (taken == 0)
            continue;
        part.layers.push_back({taken, run.each});
        add_layers(part.shares, part.layers.back());
    }
    return part;
}

} // namespace

void append_layer(std::vector<StoredLayers>& layers, std::vector<StoredShare> shares)
{
    if (!layers.empty() && layers.back().each == shares)
        ++layers.back().layers;
    else
        layers.push_back({1, std::move(shares)});
}

std::size_t WeightColumn::place(const Tensor& tensor)
{
    return 2 * static_cast<std::size_t>(tensor.part) + (tensor.quantizable ? 0 : 1);
}

WeightColumn::Average WeightColumn::append(StoredRow row, std::int64_t layers)
{
    Average sum;
    for (const StoredShare& share : row.shares) {
        sum.elements += share.elements;
        sum.bits += share.elements * share.bits;
    }
    row_bits_.push_back(sum.elements > 0 ? sum.bits / sum.elements : 16);
    bytes_ += sum.bits / 8;
    layers_.push_back(row.layers.empty() ? equal_layers(row.shares, layers) : std::move(row.layers));
    sums_.push_back(std::move(row.shares));
    return sum;
}

WeightColumn::WeightColumn(const std::vector<Tensor>& tensors, std::vector<StoredRow> rows)
{
    row_bits_.reserve(rows.size());
    layers_.reserve(rows.size());
    sums_.reserve(rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const Average sum = append(std::move(rows[row]), tensors[row].layers);
        Average& part = part_bits_.at(place(tensors[row]));
        part.elements += sum.elements;
        part.bits += sum.bits;
    }
}

namespace {

std::vector<StoredRow> of_equal_layers(std::vector<WeightColumn::Shares> rows)
{
    std::vector<StoredRow> stored;
    stored.reserve(rows.size());
    for (WeightColumn::Shares& shares : rows)
        stored.push_back({std::move(shares)});
    return stored;
}

} // namespace

WeightColumn::WeightColumn(const std::vector<Tensor>& tensors, std::vector<Shares> rows)
    : WeightColumn(tensors, of_equal_layers(std::move(rows)))
{
}

WeightColumn WeightColumn::cut(const std::vector<RowPart>& parts) const
{
    WeightColumn column;
    column.part_bits_ = part_bits_;
    for (const RowPart& part : parts)
        column.append(cut_row(layers_.at(part.row), part.from, part.layers), part.layers);
    return column;
}

double WeightColumn::bits(const Tensor& tensor) const
{
    if (tensor.row < row_bits_.size())
        return row_bits_[tensor.row];
    const Average& part = part_bits_.at(place(tensor));
    return part.elements > 0 ? part.bits / part.elements : 16;
}

} // namespace weighbridge
