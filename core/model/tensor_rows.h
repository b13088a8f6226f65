#pragma once

#include "core/model/tensor.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// Appends the tensors of one module of a layer to an inventory; names are within the module.
class TensorRows
{
public:
    TensorRows(std::vector<Tensor>& rows, std::string module) : rows_(rows), module_(std::move(module)) {}

    Tensor& matrix(std::string_view name, Part part, Extent rows, Extent columns, Sharding sharding)
    {
        return rows_.emplace_back(matrix_tensor(path(name), part, rows, columns, sharding));
    }

    Tensor& vector(std::string_view name, Part part, Extent rows, Sharding sharding)
    {
        return rows_.emplace_back(vector_tensor(path(name), part, rows, sharding));
    }

private:
    std::string path(std::string_view name) const
    {
        return module_.empty() ? std::string(name) : module_ + '.' + std::string(name);
    }

    std::vector<Tensor>& rows_;
    std::string module_;
};

} // namespace weighbridge
