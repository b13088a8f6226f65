#include "core/engines/ollama/estimate.h"

#include <algorithm>

namespace weighbridge {

namespace {

std::vector<OllamaGpu> by_free_memory(std::vector<OllamaGpu> gpus)
{
    std::stable_sort(gpus.begin(), gpus.end(), [](const OllamaGpu& a, const OllamaGpu& b) { return a.free > b.free; });
    return gpus;
}

/// One run over the layers, for some of the GPUs.
class Estimating
{
public:
    Estimating(const OllamaSettings& settings, const OllamaSums& sums, double overhead, std::vector<OllamaGpu> gpus)
        : settings_(settings), sums_(sums), overhead_(overhead), gpus_(std::move(gpus)), allocations_(gpus_.size(), 0),
          layers_(gpus_.size(), 0)
    {
        full_ = sums.graph_full;
        partial_ = sums.graph_partial;
        if (!gpus_.empty() && gpus_.front().metal)
            partial_ = full_;
        else if (gpus_.size() > 1)
            full_ = partial_;
        graph_ = std::max(full_, partial_);
    }

    OllamaEstimate estimate()
    {
        const bool own = settings_.runner == OllamaRunner::own_engine;
        // Of the compiled-in llama.cpp it is a file of its own on the first GPU; else it goes with the output.
        const double first = own ? 0 : settings_.projector;
        const double last = sums_.output + (own ? settings_.projector + sums_.vision_graph : 0);
        take_gpus(first);
        const std::size_t blocks = sums_.weights.size();
        for (std::size_t layer = blocks; layer-- > 0;)
            place_layer(layer, sums_.weights[layer] + sums_.cache[layer]);
        bool all = placed_ >= static_cast<std::int64_t>(blocks);
        place_output(last);
        if (placed_ < static_cast<std::int64_t>(blocks) + 1) {
            all = false;
            overflow_ += last;
        }
        return result(all ? full_ : partial_);
    }

    bool holds(const OllamaEstimate& estimate) const
    {
        const auto all = static_cast<std::int64_t>(sums_.weights.size()) + 1;
        return estimate.placed > 0 && estimate.placed >= (settings_.num_gpu < 0 ? all : settings_.num_gpu);
    }

private:
    double layer_buffer() const { return sums_.weights.empty() ? 0 : sums_.weights.front() + sums_.cache.front(); }

    /// Those with room for the graph, the minimum, one layer as a buffer and one more.
    void take_gpus(double first)
    {
        for (std::size_t gpu = 0; gpu < gpus_.size(); ++gpu) {
            const double on_first = with_space_.empty() ? first : 0;
            if (gpus_[gpu].free < overhead_ + on_first + graph_ + gpus_[gpu].minimum + 2 * layer_buffer())
                continue;
            allocations_[gpu] += gpus_[gpu].minimum + layer_buffer() + on_first;
            with_space_.push_back(gpu);
        }
        if (with_space_.empty())
            overflow_ += first;
    }

    bool has_room(std::size_t gpu, double bytes) const
    {
        return gpus_[gpu].free > overhead_ + allocations_[gpu] + graph_ + bytes;
    }

    void add(std::size_t gpu, double bytes)
    {
        allocations_[gpu] += bytes;
        ++layers_[gpu];
        ++placed_;
    }

    void place_layer(std::size_t layer, double bytes)
    {
        if (settings_.num_gpu >= 0 && placed_ >= settings_.num_gpu) {
            overflow_ += bytes;
            return;
        }
        for (std::size_t left = with_space_.size(); left > 0; --left) {
            const std::size_t turn = layer % left;
            if (has_room(with_space_[turn], bytes)) {
                add(with_space_[turn], bytes);
                break;
            }
            with_space_.erase(with_space_.begin() + static_cast<std::ptrdiff_t>(turn));
        }
        if (with_space_.empty())
            overflow_ += bytes;
    }

    void place_output(double bytes)
    {
        if (settings_.num_gpu >= 0 && placed_ >= settings_.num_gpu)
            return;
        for (std::size_t left = with_space_.size(); left > 0; --left) {
            const std::size_t gpu = with_space_[static_cast<std::size_t>(placed_) % left];
            if (has_room(gpu, bytes)) {
                add(gpu, bytes);
                break;
            }
        }
    }

    OllamaEstimate result(double graph)
    {
        OllamaEstimate estimate;
        for (std::size_t gpu = 0; gpu < gpus_.size(); ++gpu) {
            if (layers_[gpu] > 0)
                allocations_[gpu] += graph;
            estimate.devices.push_back(gpus_[gpu].number);
            estimate.on_gpus += allocations_[gpu];
        }
        estimate.layers = std::move(layers_);
        estimate.allocations = std::move(allocations_);
        estimate.placed = placed_;
        estimate.total = estimate.on_gpus + overflow_;
        if (placed_ == 0)
            estimate.on_gpus = 0;
        estimate.graph_full = full_;
        estimate.graph_partial = partial_;
        estimate.sums = sums_;
        return estimate;
    }

    const OllamaSettings& settings_;
    const OllamaSums& sums_;
    double overhead_;
    std::vector<OllamaGpu> gpus_;
    std::vector<double> allocations_;
    std::vector<std::int64_t> layers_;
    std::vector<std::size_t> with_space_;
    double full_ = 0;
    double partial_ = 0;
    double graph_ = 0;
    double overflow_ = 0;
    std::int64_t placed_ = 0;
};

} // namespace

OllamaEstimate ollama_estimate(const InferenceInputs& load, const OllamaSettings& settings, const LlamaCppRun& run)
{
    const OllamaOptions& options = load.choice->ollama;
    const auto overhead = static_cast<double>(options.gpu_overhead);
    std::vector<OllamaGpu> gpus = by_free_memory(settings.gpus);
    if (settings.num_gpu == 0) // the processor stands for a GPU that nothing is put on
        for (OllamaGpu& gpu : gpus)
            gpu.minimum = 0;
    std::vector<std::int64_t> tries = {settings.slots};
    if (settings.may_be_one_slot && settings.slots > 1)
        tries.push_back(1);
    const auto whole = [&](const std::vector<OllamaGpu>& of, std::int64_t slots) -> std::optional<OllamaEstimate> {
        const OllamaSums sums = ollama_sums(settings, run, slots);
        Estimating estimating(settings, sums, overhead, of);
        OllamaEstimate estimate = estimating.estimate();
        estimate.slots = slots;
        if (estimating.holds(estimate))
            return estimate;
        return std::nullopt;
    };
    if (settings.num_gpu != 0) {
        if (!options.sched_spread)
            for (const std::int64_t slots : tries)
                for (const OllamaGpu& gpu : gpus)
                    if (auto estimate = whole({gpu}, slots))
                        return *estimate;
        for (const std::int64_t slots : tries)
            if (auto estimate = whole(gpus, slots))
                return *estimate;
    }
    const std::int64_t slots = tries.back();
    const OllamaSums sums = ollama_sums(settings, run, slots);
    OllamaEstimate estimate =
        Estimating(settings, sums, overhead,
                   settings.num_gpu == 0 && !gpus.empty() ? std::vector{gpus.front()} : settings.gpus)
            .estimate();
    estimate.slots = slots;
    return estimate;
}

} // namespace weighbridge
