#include "core/engines/llamacpp/ggml_allocator.h"

#include <algorithm>

namespace weighbridge {

namespace {

constexpr std::int64_t gpu_alignment = 128; ///< ggml-cuda.cu, get_alignment
constexpr std::int64_t cpu_alignment = 32;  ///< ggml.h, TENSOR_ALIGNMENT

/// ggml-alloc.c, ggml_gallocr_alloc_graph_impl: lays a graph's tensors out, one after the other.
class Allocation
{
public:
    Allocation(const GgmlGraph& graph, const GgmlSchedule& schedule)
        : graph_(graph), schedule_(schedule), places_(static_cast<std::size_t>(graph.size()))
    {
        for (int device = 0; device < schedule.devices; ++device)
            buffers_.emplace_back(device + 1 < schedule.devices ? gpu_alignment : cpu_alignment);
    }

    /// Stops where a device's buffer has reached `limit`.
    void run(int watched = -1, std::int64_t limit = 0)
    {
        count();
        for (const GgmlId id : schedule_.first)
            allocate(id);
        for (const GgmlStep& step : schedule_.steps) {
            if (watched >= 0 && buffers_[static_cast<std::size_t>(watched)].highest() >= limit)
                return;
            if (step.kind == GgmlStep::Kind::keep) {
                release(step.tensor);
                continue;
            }
            if (step.kind == GgmlStep::Kind::compute)
                for (const GgmlId source : graph_.sources_of(step.tensor))
                    allocate(source);
            allocate(step.tensor);
            if (watched >= 0 && buffers_[static_cast<std::size_t>(watched)].highest() >= limit)
                return;
            if (step.kind == GgmlStep::Kind::compute)
                for (const GgmlId source : graph_.sources_of(step.tensor))
                    release(source);
        }
    }

    const std::vector<GgmlBlocks>& buffers() const { return buffers_; }

    std::vector<GgmlBlock> blocks(int device) const
    {
        std::vector<GgmlBlock> list;
        for (GgmlId id = 0; id < graph_.size(); ++id) {
            const Place& place = places_[static_cast<std::size_t>(id)];
            if (place.allocated && graph_[id].device == device && place.bytes > 0)
                list.push_back({place.offset, place.bytes, id});
        }
        std::sort(list.begin(), list.end(), [](const GgmlBlock& a, const GgmlBlock& b) { return a.offset < b.offset; });
        return list;
    }

private:
    struct Place
    {
        std::int64_t offset = 0;
        std::int64_t bytes = 0;
        std::int32_t readers = 0;
        std::int32_t views = 0;
        bool allocated = false;
    };

    Place& at(GgmlId id) { return places_[static_cast<std::size_t>(id)]; }

    void count()
    {
        for (const GgmlStep& step : schedule_.steps) {
            if (step.kind == GgmlStep::Kind::keep)
                ++at(step.tensor).readers;
            if (step.kind != GgmlStep::Kind::compute)
                continue;
            if (const GgmlId owner = graph_[step.tensor].view_of; owner != no_tensor)
                ++at(owner).views;
            for (const GgmlId source : graph_.sources_of(step.tensor))
                ++at(source).readers;
        }
    }

    bool own(const GgmlTensor& tensor) const
    {
        return tensor.view_of == no_tensor && tensor.role != GgmlRole::weight && tensor.role != GgmlRole::cache;
    }

    static bool takes_over(const GgmlTensor& tensor)
    {
        return tensor.role == GgmlRole::node && (tensor.op == GgmlOp::in_place || tensor.op == GgmlOp::rope);
    }

    void allocate(GgmlId id)
    {
        const GgmlTensor& tensor = graph_[id];
        Place& place = at(id);
        if (place.allocated || !own(tensor))
            return;
        place.allocated = true;
        if (takes_over(tensor))
            for (const GgmlId source : graph_.sources_of(id))
                if (Place& old = at(source); old.allocated && old.readers == 1 && old.views == 0 &&
                                             !graph_[source].output && graph_[source].bytes == tensor.bytes) {
                    old.allocated = false;
                    place.offset = old.offset;
                    place.bytes = old.bytes;
                    return;
                }
        GgmlBlocks& buffer = buffers_[static_cast<std::size_t>(tensor.device)];
        const bool on_gpu = tensor.device + 1 < schedule_.devices;
        place.bytes = buffer.padded(tensor.bytes + (on_gpu ? tensor.bytes_on_gpu : 0));
        place.offset = buffer.take(place.bytes);
    }

    void release(GgmlId id)
    {
        Place& place = at(id);
        if (--place.readers > 0 || place.views > 0)
            return;
        const GgmlId owner = graph_[id].view_of;
        if (owner == no_tensor)
            free(id);
        else if (Place& root = at(owner); --root.views == 0 && root.readers == 0)
            free(owner);
    }

    void free(GgmlId id)
    {
        Place& place = at(id);
        if (!place.allocated || graph_[id].output)
            return;
        place.allocated = false;
        buffers_[static_cast<std::size_t>(graph_[id].device)].give(place.offset, place.bytes);
    }

    const GgmlGraph& graph_;
    const GgmlSchedule& schedule_;
    std::vector<Place> places_;
    std::vector<GgmlBlocks> buffers_;
};

} // namespace

std::int64_t GgmlBlocks::take(std::int64_t bytes)
{
    bytes = padded(bytes);
    std::size_t best = free_.size() - 1;
    std::int64_t best_bytes = std::int64_t{1} << 62;
    for (std::size_t i = 0; i + 1 < free_.size(); ++i)
        if (free_[i].bytes >= bytes && free_[i].bytes <= best_bytes) {
            best = i;
            best_bytes = free_[i].bytes;
        }
    Block& block = free_[best];
    const std::int64_t offset = block.offset;
    block.offset += bytes;
    block.bytes -= bytes;
    if (block.bytes == 0)
        free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(best));
    highest_ = std::max(highest_, offset + bytes);
    return offset;
}

void GgmlBlocks::give(std::int64_t offset, std::int64_t bytes)
{
    bytes = padded(bytes);
    if (bytes == 0)
        return;
    const auto next =
        std::find_if(free_.begin(), free_.end(), [&](const Block& block) { return block.offset > offset; });
    const bool joins_next = next != free_.end() && offset + bytes == next->offset;
    const bool joins_before = next != free_.begin() && std::prev(next)->offset + std::prev(next)->bytes == offset;
    if (joins_before) {
        const auto before = std::prev(next);
        before->bytes += bytes + (joins_next ? next->bytes : 0);
        if (joins_next)
            free_.erase(next);
    } else if (joins_next) {
        next->offset = offset;
        next->bytes += bytes;
    } else {
        free_.insert(next, Block{offset, bytes});
    }
}

std::vector<std::int64_t> ggml_buffers(const GgmlGraph& graph, const GgmlSchedule& schedule)
{
    Allocation allocation(graph, schedule);
    allocation.run();
    std::vector<std::int64_t> bytes;
    for (const GgmlBlocks& buffer : allocation.buffers())
        bytes.push_back(buffer.highest());
    return bytes;
}

std::vector<GgmlBlock> ggml_fullest(const GgmlGraph& graph, const GgmlSchedule& schedule, int device,
                                    std::int64_t buffer)
{
    Allocation allocation(graph, schedule);
    allocation.run(device, buffer);
    std::vector<GgmlBlock> list;
    std::int64_t end = 0;
    for (const GgmlBlock& block : allocation.blocks(device)) {
        if (block.offset > end)
            list.push_back({end, block.offset - end, no_tensor});
        list.push_back(block);
        end = block.offset + block.bytes;
    }
    if (end < buffer)
        list.push_back({end, buffer - end, no_tensor});
    return list;
}

} // namespace weighbridge
