#include "core/engines/llamacpp/model_buffers.h"

#include <algorithm>

namespace weighbridge {

namespace {

/// What each kind of layer weighs.
struct KindBytes
{
    double without_experts = 0;
    double routed_experts = 0;
};

/// Rows of the model's own inventory, because formats that decide tensor by tensor know them by their place in it; it
/// lists the layers kind by kind.
std::vector<KindBytes> kind_bytes(const LlamaCppRun& run)
{
    const Architecture& architecture = run.model->architecture;
    const std::vector<Tensor>& tensors = run.model->tensors;
    auto row = std::find_if(tensors.begin(), tensors.end(), [](const Tensor& t) { return !t.layers_symbol.empty(); });
    std::vector<KindBytes> kinds;
    for (const Layer& layer : architecture.kinds) {
        KindBytes& bytes = kinds.emplace_back();
        const std::size_t rows = layer_inventory(architecture, layer).size();
        for (std::size_t i = 0; i < rows && row != tensors.end(); ++i, ++row)
            (row->part == Part::experts ? bytes.routed_experts : bytes.without_experts) += gguf_tensor_bytes(run, *row);
    }
    return kinds;
}

/// Embedding and tables that tokens take rows of; final norm, head and whatever else is outside the layers; the second
/// copy of a tied embedding.
struct EndBytes
{
    double input = 0;
    double output = 0;
    double tied_copy = 0;
};

EndBytes end_bytes(const LlamaCppRun& run)
{
    EndBytes ends;
    for (const Tensor& tensor : run.model->tensors) {
        if (!tensor.layers_symbol.empty() || tensor.part == Part::vision)
            continue;
        const double bytes = gguf_tensor_bytes(run, tensor);
        const bool embedding = tensor.name == "model.embed_tokens.weight";
        const bool table = embedding || tensor.active_copies == 0;
        (table ? ends.input : ends.output) += bytes;
        if (embedding && run.model->architecture.tie_word_embeddings)
            ends.tied_copy += bytes;
    }
    return ends;
}

} // namespace

double gguf_tensor_bytes(const LlamaCppRun& run, const Tensor& tensor)
{
    const auto elements = static_cast<double>(tensor.elements_per_layer());
    if (tensor.columns.value == 1 || tensor.part == Part::router)
        return elements * 4;
    return elements * bytes_per_element(run.weights, tensor);
}

std::int64_t llama_cpp_weight_bytes(const LlamaCppRun& run, Part part, std::int64_t elements)
{
    if (part == Part::router)
        return elements * 4;
    for (const Tensor& tensor : run.model->tensors)
        if (tensor.part == part && tensor.elements_per_layer() == elements)
            return static_cast<std::int64_t>(static_cast<double>(elements) * bytes_per_element(run.weights, tensor));
    return static_cast<std::int64_t>(static_cast<double>(elements) * run.weights.bits / 8);
}

std::string llama_cpp_tensor_name(std::int64_t layer, std::string_view name)
{
    return (layer < 0 ? std::string() : "blk." + std::to_string(layer) + ".") + std::string(name) + ".weight";
}

LlamaCppModelBuffers llama_cpp_model_buffers(const LlamaCppRun& run, const LlamaCppPlacement& placement)
{
    const std::vector<KindBytes> kinds = kind_bytes(run);
    const EndBytes ends = end_bytes(run);
    LlamaCppModelBuffers buffers;
    buffers.cpu = ends.input;
    const auto add = [&](const DeviceLayers& device, double& bytes) {
        for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
            const double cpu_experts = static_cast<double>(device.with_cpu_experts[kind]) * kinds[kind].routed_experts;
            bytes +=
                static_cast<double>(device.of_kind[kind]) * (kinds[kind].without_experts + kinds[kind].routed_experts) -
                cpu_experts;
            buffers.cpu += cpu_experts;
        }
        bytes += device.output ? ends.output : 0;
    };
    add(placement.cpu, buffers.cpu);
    for (const DeviceLayers& device : placement.gpus) {
        add(device, buffers.gpus.emplace_back());
        buffers.gpus.back() += device.output ? ends.tied_copy : 0;
    }
    return buffers;
}

} // namespace weighbridge
