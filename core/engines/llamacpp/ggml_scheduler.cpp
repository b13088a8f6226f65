#include "core/engines/llamacpp/ggml_scheduler.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

/// Rows from which on CUDA takes an operation over (ggml-cuda.cu, offload_op).
constexpr std::int64_t least_rows = 32;

class Scheduler
{
public:
    Scheduler(GgmlGraph& graph, const GgmlMachine& machine) : graph_(graph), machine_(machine) {}

    GgmlSchedule run()
    {
        place_by_weights();
        spread(true, true);
        spread(false, true);
        spread(true, false);
        spread(false, false);
        place_the_rest();
        split();
        return std::move(schedule_);
    }

private:
    static constexpr std::int32_t nowhere = -1;

    bool fixed(GgmlRole role) const { return role == GgmlRole::weight || role == GgmlRole::cache; }

    /// Pass 1: stores lie where their cache does, operations run where their weights are.
    void place_by_weights()
    {
        for (GgmlId id = 0; id < graph_.size(); ++id) {
            GgmlTensor& tensor = graph_[id];
            if (tensor.role == GgmlRole::input)
                tensor.device = static_cast<std::int32_t>(machine_.cpu());
            else if (tensor.view_of != no_tensor && fixed(graph_[tensor.view_of].role))
                tensor.device = graph_[tensor.view_of].device;
            else if (tensor.role == GgmlRole::node && tensor.device == nowhere)
                tensor.device = device_of_weights(id);
        }
    }

    std::int32_t device_of_weights(GgmlId id) const
    {
        const GgmlTensor& tensor = graph_[id];
        if (tensor.op == GgmlOp::rope || tensor.op == GgmlOp::attention)
            return nowhere;
        for (const GgmlId source : graph_.sources_of(id)) {
            if (graph_[source].role != GgmlRole::weight)
                continue;
            const bool taken_over = machine_.op_offload && machine_.gpus > 0 &&
                                    graph_[source].device == machine_.cpu() && tensor.op != GgmlOp::rows &&
                                    tensor.op != GgmlOp::scan && tensor.rows >= least_rows;
            return taken_over ? std::int32_t{0} : graph_[source].device;
        }
        return nowhere;
    }

    /// Pass 2: nodes without a device follow their neighbours; the CPU only where nothing else is.
    void spread(bool down, bool gpus_only)
    {
        std::int32_t current = nowhere;
        const auto visit = [&](GgmlId id) {
            GgmlTensor& tensor = graph_[id];
            if (tensor.role == GgmlRole::view)
                return;
            if (tensor.device != nowhere)
                current = gpus_only && tensor.device == machine_.cpu() ? nowhere : tensor.device;
            else if (current != nowhere)
                tensor.device = current;
        };
        const std::vector<GgmlId>& order = graph_.order();
        if (down)
            std::for_each(order.begin(), order.end(), visit);
        else
            std::for_each(order.rbegin(), order.rend(), visit);
    }

    /// Pass 4: views lie with their tensor, what has no device with its first reader.
    void place_the_rest()
    {
        for (const GgmlId id : graph_.order()) {
            GgmlTensor& tensor = graph_[id];
            if (tensor.view_of != no_tensor && tensor.device == nowhere)
                tensor.device = graph_[tensor.view_of].device;
            for (const GgmlId source : graph_.sources_of(id))
                if (GgmlTensor& read = graph_[source]; read.device == nowhere)
                    read.device = read.view_of != no_tensor ? graph_[read.view_of].device : tensor.device;
        }
    }

    /// The CPU reads all memory of the host; a GPU only its own.
    bool reads(int device, GgmlId source) const { return graph_[source].device == device; }

    /// Pass 5: what a node needs from elsewhere is copied at the start of its split.
    void split()
    {
        schedule_.devices = machine_.devices();
        copies_.assign(static_cast<std::size_t>(graph_.size()), {});
        const std::vector<GgmlId> order = graph_.order();
        int device = nowhere;
        bool has_copies = false;
        std::vector<GgmlStep> copies;
        std::vector<GgmlStep> nodes;
        const auto close = [&] {
            schedule_.steps.insert(schedule_.steps.end(), copies.begin(), copies.end());
            schedule_.steps.insert(schedule_.steps.end(), nodes.begin(), nodes.end());
            copies.clear();
            nodes.clear();
            has_copies = false;
        };
        for (const GgmlId id : order) {
            const GgmlRole role = graph_[id].role;
            if (role != GgmlRole::view) {
                if (graph_[id].device != device || (has_copies && needs_a_weight(id, device))) {
                    close();
                    device = graph_[id].device;
                }
                for (std::size_t i = 0; i < graph_.sources_of(id).size(); ++i) {
                    const GgmlId source = graph_.sources_of(id)[i];
                    note_input(source);
                    if (reads(device, source))
                        continue;
                    graph_.sources_of(id)[i] = copy_of(source, device, copies);
                    has_copies = has_copies || !copies.empty();
                }
            }
            nodes.push_back({GgmlStep::Kind::compute, id});
        }
        close();
        for (GgmlId id = 0; id < graph_.size(); ++id)
            if (graph_[id].role == GgmlRole::input || graph_[id].role == GgmlRole::constant)
                schedule_.first.push_back(id);
        std::stable_partition(schedule_.first.begin(), schedule_.first.end(),
                              [&](GgmlId id) { return graph_[id].role == GgmlRole::constant; });
        schedule_.first.insert(schedule_.first.end(), lasting_.begin(), lasting_.end());
    }

    bool needs_a_weight(GgmlId id, int device) const
    {
        const auto sources = graph_.sources_of(id);
        return std::any_of(sources.begin(), sources.end(), [&](GgmlId source) {
            return graph_[source].role == GgmlRole::weight && graph_[source].device != device;
        });
    }

    /// With several copies of inputs the host holds as many of each that the graph reads.
    void note_input(GgmlId source)
    {
        if (machine_.copies == 1 || graph_[source].role != GgmlRole::input || graph_[source].output)
            return;
        graph_[source].output = true;
        add_copies(source, graph_[source].device, machine_.copies - 1);
    }

    void add_copies(GgmlId source, int device, int count)
    {
        for (int i = 0; i < count; ++i)
            lasting_.push_back(add_copy(source, device, true));
    }

    GgmlId add_copy(GgmlId source, int device, bool lasting)
    {
        GgmlTensor copy;
        copy.name = graph_[source].name;
        copy.bytes = graph_[source].spanned > 0 ? graph_[source].spanned : graph_[source].bytes;
        copy.role = GgmlRole::copy;
        copy.device = static_cast<std::int32_t>(device);
        copy.output = lasting;
        return graph_.add(copy, {});
    }

    GgmlId copy_of(GgmlId source, int device, std::vector<GgmlStep>& copies)
    {
        auto& known = copies_[static_cast<std::size_t>(source)];
        for (const auto& [place, id] : known)
            if (place == device)
                return id;
        const bool lasting = machine_.copies > 1;
        const GgmlId copy = add_copy(source, device, lasting);
        if (lasting) {
            lasting_.push_back(copy);
            add_copies(source, device, machine_.copies - 1);
        }
        known.emplace_back(device, copy);
        copies.push_back({GgmlStep::Kind::keep, source});
        copies.push_back({GgmlStep::Kind::copy, copy});
        return copy;
    }

    GgmlGraph& graph_;
    const GgmlMachine& machine_;
    GgmlSchedule schedule_;
    std::vector<std::vector<std::pair<int, GgmlId>>> copies_; ///< by tensor: device and copy there
    std::vector<GgmlId> lasting_;
};

} // namespace

GgmlSchedule ggml_schedule(GgmlGraph& graph, const GgmlMachine& machine)
{
    return Scheduler(graph, machine).run();
}

} // namespace weighbridge
