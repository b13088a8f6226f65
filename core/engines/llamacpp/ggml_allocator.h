#pragma once

#include "core/engines/llamacpp/ggml_graph.h"
#include "core/quantity/rounding.h"

#include <cstdint>
#include <vector>

namespace weighbridge {

/// The free blocks of one buffer (ggml-alloc.c, ggml_dyn_tallocr): the best-fitting one is taken, of equals the one
/// farthest back; the last, open one only where no other fits. Freed blocks that touch are joined.
class GgmlBlocks
{
public:
    explicit GgmlBlocks(std::int64_t alignment) : alignment_(alignment) {}

    std::int64_t padded(std::int64_t bytes) const { return rounded_up(bytes, alignment_); }
    /// The offset of a block of so many bytes, rounded up to the alignment.
    std::int64_t take(std::int64_t bytes);
    void give(std::int64_t offset, std::int64_t bytes);
    /// The highest end of any block so far: what the buffer has to hold.
    std::int64_t highest() const { return highest_; }

private:
    struct Block
    {
        std::int64_t offset = 0;
        std::int64_t bytes = 0;
    };

    std::int64_t alignment_;
    std::int64_t highest_ = 0;
    std::vector<Block> free_{{0, std::int64_t{1} << 60}}; ///< by offset; the last one is open
};

/// A step of the graph that the scheduler made.
struct GgmlStep
{
    enum class Kind : std::uint8_t
    {
        compute, ///< a node or view
        copy,    ///< a tensor's copy on another device, allocated where its split begins
        keep,    ///< a tensor that must live until it was copied
    };

    Kind kind = Kind::compute;
    GgmlId tensor = no_tensor;
};

/// What ggml reserves a buffer for.
struct GgmlSchedule
{
    std::vector<GgmlId> first; ///< inputs, constants and copies that stand at the start
    std::vector<GgmlStep> steps;
    int devices = 1; ///< the last one is the CPU
};

/// A tensor in a buffer, or a hole between tensors where there is none.
struct GgmlBlock
{
    std::int64_t offset = 0;
    std::int64_t bytes = 0;
    GgmlId tensor = no_tensor;
};

/// Bytes of every device's buffer, in the devices' order.
std::vector<std::int64_t> ggml_buffers(const GgmlGraph& graph, const GgmlSchedule& schedule);

/// What stands in a device's buffer of so many bytes, as ggml_buffers() has them, when it is filled to its end for the
/// first time, holes included: the blocks' sum is the buffer.
std::vector<GgmlBlock> ggml_fullest(const GgmlGraph& graph, const GgmlSchedule& schedule, int device,
                                    std::int64_t buffer);

} // namespace weighbridge
