#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A tensor of a GgmlGraph: its place in the list.
using GgmlId = std::int32_t;
inline constexpr GgmlId no_tensor = -1;

/// Where a tensor comes from, as ggml's scheduler tells them apart.
enum class GgmlRole : std::uint8_t
{
    node,     ///< an operation makes it
    view,     ///< a part or another shape of `view_of`; has no memory of its own
    input,    ///< set by llama.cpp before every graph; lies in the host's memory
    constant, ///< neither made nor set in the graph: lies where it is first used
    weight,
    cache,
    copy, ///< of a tensor that lies elsewhere; added by the scheduler
};

/// What scheduler and allocator ask about an operation.
enum class GgmlOp : std::uint8_t
{
    fresh,     ///< always takes memory of its own
    in_place,  ///< may take over an argument's (ADD, MUL, UNARY, SCALE, RMS_NORM, SOFT_MAX ...)
    rope,      ///< the same; its frequencies decide no device
    attention, ///< FLASH_ATTN_EXT; its sinks decide no device
    rows,      ///< GET_ROWS, which no GPU takes over from the CPU
    scan,      ///< SSM_SCAN: one row in all, too few for a GPU to take it over
    store,     ///< writes into a cache and lies there (SET_ROWS, CPY)
};

struct GgmlTensor
{
    std::string_view name; ///< a literal
    std::int64_t bytes = 0;
    std::int64_t spanned =
        0; ///< of a view of wider rows: from its first byte to its last, which a copy takes; 0: bytes
    std::int64_t bytes_on_gpu = 0; ///< what a GPU keeps behind it (fp16 copies of a quantized cache)
    std::int64_t rows = 0;         ///< tokens that it has a row for; 0 where it has none of that sort
    GgmlId view_of = no_tensor;    ///< never itself a view
    std::int32_t first_source = 0;
    std::int32_t sources = 0;
    std::int32_t layer = -1;
    std::int32_t device = -1; ///< where it lies; -1 until the scheduler knows
    GgmlRole role = GgmlRole::node;
    GgmlOp op = GgmlOp::fresh;
    bool output = false; ///< never freed
};

/// A graph as llama.cpp hands it to ggml: tensors, and nodes in the order in which they are computed. Nothing is
/// computed that was not expanded.
class GgmlGraph
{
public:
    GgmlId add(GgmlTensor tensor, std::initializer_list<GgmlId> sources) { return add(tensor, std::span(sources)); }
    /// Puts a tensor and all that it is made from into the order, sources before their readers and in their own order
    /// (ggml.c, ggml_build_forward_expand). What was expanded before stays where it is.
    void expand(GgmlId id);
    GgmlId add(GgmlTensor tensor, std::span<const GgmlId> sources);

    GgmlTensor& operator[](GgmlId id) { return tensors_[static_cast<std::size_t>(id)]; }
    const GgmlTensor& operator[](GgmlId id) const { return tensors_[static_cast<std::size_t>(id)]; }
    std::span<GgmlId> sources_of(GgmlId id);
    std::span<const GgmlId> sources_of(GgmlId id) const;
    /// The tensor whose memory it is.
    GgmlId owner(GgmlId id) const { return (*this)[id].view_of == no_tensor ? id : (*this)[id].view_of; }
    GgmlId size() const { return static_cast<GgmlId>(tensors_.size()); }
    /// Nodes and views in order.
    const std::vector<GgmlId>& order() const { return order_; }

private:
    std::vector<GgmlTensor> tensors_;
    std::vector<GgmlId> sources_;
    std::vector<GgmlId> order_;
    std::vector<bool> expanded_;
};

} // namespace weighbridge
