#include "core/engines/vllm/loaded_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

namespace weighbridge::vllm {

namespace {

enum class Method
{
    other,
    gptq,
    awq,
    fp8_blocks,
};

/// A matrix as one rank has it.
struct Share
{
    double rows = 1;
    double columns = 1;
    double width = 1; ///< of an expert on this rank, whichever side it is on
    bool expert = false;
};

Share share_of(const InferenceInputs& load, const Tensor& tensor)
{
    Share share{.rows = static_cast<double>(tensor.rows.value),
                .columns = static_cast<double>(tensor.columns.value),
                .expert = tensor.part == Part::experts};
    double& divided = divides_columns(tensor) ? share.columns : share.rows;
    divided /= static_cast<double>(load.sharding.matrix_divisor(tensor, load.tensor_parallel));
    share.width = divided;
    return share;
}

/// Of the kernels: Machete on Hopper, Marlin on the others.
bool has_machete(const Settings& settings)
{
    return settings.compute_capability == 90;
}

double per_scale(const StoredLayout& layout, const Share& share, Method method)
{
    double group = layout.group;
    constexpr double least = 32;
    if (share.expert && (method == Method::gptq || method == Method::awq))
        while (group > least && std::fmod(share.width, group) != 0)
            group /= 2; // moe_wna16.py
    return group;
}

double zero_bits(const StoredLayout& layout, const Share& share, Method method, const Settings& settings)
{
    const bool machete = has_machete(settings) && !share.expert;
    if (method == Method::gptq) { // symmetric: no kernel reads them
        const bool kept = share.expert ? per_scale(layout, share, method) == layout.group : machete;
        return kept ? layout.zero : 0;
    }
    if (method == Method::awq && machete && layout.zero > 0)
        return 16;
    return layout.zero;
}

/// Bits per element of a matrix on one rank.
double held_bits(const StoredLayout& layout, const Share& share, Method method, const Settings& settings)
{
    const double elements = share.rows * share.columns;
    double scales = 0;
    if (layout.group > 0) {
        const double groups = std::ceil(share.columns / per_scale(layout, share, method));
        double rows = std::ceil(share.rows / layout.block_rows);
        double bits = layout.scale + zero_bits(layout, share, method, settings);
        double words = groups;
        if (method == Method::fp8_blocks && settings.compute_capability < 90) {
            rows = share.rows; // Marlin: 16 bits for every row
            bits = 16;
        } else if (method == Method::fp8_blocks && settings.compute_capability / 10 == 10 && !share.expert) {
            rows = share.rows; // DeepGEMM: exponents, four in a word
            words = std::ceil(groups / 4);
        }
        scales = rows * words * bits;
    }
    return layout.element + (scales + layout.row * share.rows) / elements;
}

Method method_of(const InferenceInputs& load)
{
    const bool published = load.weights.id == checkpoint_format && load.model->published;
    const std::string_view name = published ? std::string_view(load.model->published->method) : load.weights.id;
    if (name.starts_with("gptq"))
        return Method::gptq;
    if (name.starts_with("awq"))
        return Method::awq;
    return name == "fp8" || name == "fp8_block128" ? Method::fp8_blocks : Method::other;
}

/// "gptq_4bit_g128", "w4a16_g128": what the ids of formats say.
StoredLayout layout_of(const NumberFormat& format)
{
    const std::string_view id = format.id;
    if (id == "fp8_per_channel" || id == "int8")
        return {.element = 8, .row = 32};
    if (id == "fp8_block128")
        return {.element = 8, .group = 128, .block_rows = 128, .scale = 32};
    const std::size_t at = id.rfind("_g");
    if (at == std::string_view::npos || !(id.starts_with("gptq_") || id.starts_with("awq_") || id.starts_with("w4a16")))
        return {};
    int group = 0;
    if (std::from_chars(id.data() + at + 2, id.data() + id.size(), group).ec != std::errc{} || group <= 0)
        return {};
    const double element = id.starts_with("gptq_8") ? 8 : 4;
    return {.element = element,
            .group = static_cast<double>(group),
            .scale = 16,
            .zero = id.starts_with("w4a16") ? 0 : element};
}

StoredShare held(StoredShare share, const InferenceInputs& load, const Tensor& tensor, Method method,
                 const Settings& settings)
{
    if (share.layout.element > 0 && !tensor.columns.symbol.empty())
        share.bits = held_bits(share.layout, share_of(load, tensor), method, settings);
    return share;
}

/// bitsandbytes takes every linear layer as it loads it, those of towers too (model_loader/bitsandbytes_loader.py).
bool takes_towers(const NumberFormat& format)
{
    return format.id.starts_with("bnb_");
}

/// The rows of a format that is alike for all tensors that it takes.
StoredRow row_of(const InferenceInputs& load, const Tensor& tensor)
{
    const bool tower = tensor.part == Part::vision && takes_towers(load.weights);
    const bool taken = tower || takes(load.weights, tensor);
    return {{{taken ? "w" : "16", static_cast<double>(tensor.elements()),
              tower ? load.weights.bits : 8 * bytes_per_element(load.weights, tensor),
              taken ? layout_of(load.weights) : StoredLayout{}}}};
}

} // namespace

NumberFormat loaded_format(const InferenceInputs& load, const Settings& settings)
{
    NumberFormat format = load.weights;
    const bool from_file =
        load.model->published && load.model->published->stored && format.column == load.model->published->stored->rows;
    const bool by_name = !format.column && (layout_of(format).element > 0 || takes_towers(format));
    if (settings.compute_capability == 0 || load.parameters || (format.column ? from_file : !by_name))
        return format;
    const Method method = method_of(load);
    const std::vector<Tensor>& tensors = load.model->tensors;
    std::vector<StoredRow> rows;
    rows.reserve(tensors.size());
    for (const Tensor& tensor : tensors) {
        StoredRow row = by_name
                            ? row_of(load, tensor)
                            : StoredRow{format.column->rows().at(tensor.row), format.column->layers().at(tensor.row)};
        for (StoredShare& share : row.shares)
            share = held(share, load, tensor, method, settings);
        for (StoredLayers& layers : row.layers)
            for (StoredShare& share : layers.each)
                share = held(share, load, tensor, method, settings);
        rows.push_back(std::move(row));
    }
    format.column = std::make_shared<const WeightColumn>(tensors, std::move(rows));
    return format;
}

} // namespace weighbridge::vllm
