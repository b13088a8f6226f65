#include "core/engines/vllm/offload.h"

#include "core/memory/weights.h"

#include <algorithm>
#include <vector>

namespace weighbridge::vllm {

namespace {

/// A parameter of one layer, as its tensors are merged.
struct Parameter
{
    Merged merged = Merged::none;
    Part part = Part::attention;
    double bytes = 0;
};

/// The parameters of a layer of each kind, in the order in which its class makes them: norms come last.
std::vector<std::vector<Parameter>> parameters_by_kind(const InferenceInputs& inputs)
{
    std::vector<std::vector<Parameter>> kinds(inputs.model->architecture.kinds.size());
    for (const bool norms : {false, true})
        for (const Tensor& tensor : inputs.model->tensors) {
            if (tensor.kind == Tensor::no_index || tensor.layers == 0 || (tensor.part == Part::norms) != norms)
                continue;
            std::vector<Parameter>& layer = kinds[tensor.kind];
            const double bytes = tensor_bytes(inputs, tensor) / static_cast<double>(tensor.layers);
            const auto home = std::find_if(layer.begin(), layer.end(), [&](const Parameter& other) {
                return tensor.merged != Merged::none && other.merged == tensor.merged && other.part == tensor.part;
            });
            if (home == layer.end())
                layer.push_back({tensor.merged, tensor.part, bytes});
            else
                home->bytes += bytes;
        }
    return kinds;
}

double sum_of(const std::vector<Parameter>& layer)
{
    double sum = 0;
    for (const Parameter& parameter : layer)
        sum += parameter.bytes;
    return sum;
}

/// The last one may pass the limit.
double moved_up_to(double limit, double moved, const std::vector<Parameter>& layer)
{
    double sum = 0;
    for (const Parameter& parameter : layer)
        sum += moved + sum < limit ? parameter.bytes : 0;
    return sum;
}

} // namespace

Offloaded offloaded(const InferenceInputs& inputs, const Settings& settings)
{
    Offloaded result;
    if (settings.offloaded_bytes <= 0 && settings.offload_group <= 0)
        return result;
    const std::vector<std::vector<Parameter>> kinds = parameters_by_kind(inputs);
    double largest = 0;
    std::int64_t index = 0;
    for (const LayerRun& run : inputs.model->architecture.runs)
        for (std::int64_t layer = 0; layer < run.count; ++layer, ++index) {
            const double bytes = sum_of(kinds[run.kind]);
            result.layers += bytes;
            if (settings.offload_group <= 0) {
                result.moved += moved_up_to(settings.offloaded_bytes, result.moved, kinds[run.kind]);
            } else if (index % settings.offload_group >= settings.offload_group - settings.offload_in_group) {
                result.moved += bytes;
                largest = std::max(largest, bytes);
            }
        }
    result.buffers = largest * static_cast<double>(settings.offload_prefetch);
    return result;
}

} // namespace weighbridge::vllm
