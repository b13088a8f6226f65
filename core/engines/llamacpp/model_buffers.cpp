#include "core/engines/llamacpp/model_buffers.h"

#include "core/engines/llamacpp/graph_rules.h"

#include <algorithm>
#include <array>

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
    double first = 0; ///< with the first layer
    double output = 0;
    double tied_copy = 0;
};

bool is_experts_bias(const Tensor& tensor)
{
    return tensor.part == Part::experts && tensor.columns.value == 1 && tensor.name.ends_with(".bias");
}

/// Tables of learned positions: fp32, beside the embedding on the CPU.
bool is_position_table(const Tensor& tensor)
{
    return tensor.name.ends_with("wpe.weight") || tensor.name.ends_with("embed_positions.weight");
}

/// What the embedding is projected by once for all layers (llama-arch.cpp: of layer 0; Gemma 3n and 4).
bool is_of_first_layer(const Tensor& tensor)
{
    return tensor.name.find("per_layer_model_projection") != std::string::npos ||
           tensor.name.find("per_layer_projection_norm") != std::string::npos;
}

EndBytes end_bytes(const LlamaCppRun& run)
{
    const GraphRules* family = graph_rules(run.model->architecture.family);
    const bool copied = run.model->architecture.tie_word_embeddings &&
                        (family == nullptr || (!family->head_on_cpu && !family->headless));
    EndBytes ends;
    for (const Tensor& tensor : run.model->tensors) {
        if (!tensor.layers_symbol.empty() || tensor.part == Part::vision)
            continue;
        if (is_position_table(tensor)) {
            ends.input += static_cast<double>(tensor.elements_per_layer()) * 4;
            continue;
        }
        const double bytes = gguf_tensor_bytes(run, tensor);
        const bool embedding = tensor.name == "model.embed_tokens.weight";
        const bool moved = embedding && family != nullptr && family->embedding_with_head;
        const bool table = (embedding && !moved) || tensor.active_copies == 0;
        (is_of_first_layer(tensor) ? ends.first : table ? ends.input : ends.output) += bytes;
        if (embedding && copied)
            ends.tied_copy += bytes;
    }
    return ends;
}

/// One prediction layer. Its tensors are in no column of the file's types, so matrices count at the file's mean.
double prediction_bytes(const LlamaCppRun& run)
{
    const Architecture& architecture = run.model->architecture;
    NumberFormat mean = run.weights;
    mean.column = nullptr;
    mean.takes_all_tensors = true;
    LlamaCppRun plain = run;
    plain.weights = mean;
    double bytes = 0;
    for (const PredictionLayers& layers : architecture.mtp)
        for (const Tensor& tensor : layer_inventory(architecture, layers.layer))
            bytes += static_cast<double>(layers.count) * gguf_tensor_bytes(plain, tensor);
    const std::int64_t count = architecture.mtp_layers();
    return count > 0 ? bytes / static_cast<double>(count) : 0;
}

/// What GGUF files call a tensor of a layer, without "blk.N.", and without ".weight" where it is one.
std::string_view gguf_name(const Tensor& tensor)
{
    struct Name
    {
        std::string_view end;
        std::string_view gguf;
    };
    // biases of routed experts follow their matrices wherever a pattern names these
    static constexpr std::array names = {
        Name{"experts.gate_proj.bias", "ffn_gate_exps.bias"},
        Name{"experts.up_proj.bias", "ffn_up_exps.bias"},
        Name{"experts.down_proj.bias", "ffn_down_exps.bias"},
        Name{"shared_experts.gate_proj.weight", "ffn_gate_shexp"},
        Name{"shared_experts.up_proj.weight", "ffn_up_shexp"},
        Name{"shared_experts.down_proj.weight", "ffn_down_shexp"},
        Name{"experts.gate_proj.weight", "ffn_gate_exps"},
        Name{"experts.up_proj.weight", "ffn_up_exps"},
        Name{"experts.down_proj.weight", "ffn_down_exps"},
        Name{"gate_proj.weight", "ffn_gate"},
        Name{"up_proj.weight", "ffn_up"},
        Name{"down_proj.weight", "ffn_down"},
        Name{"q_proj.weight", "attn_q"},
        Name{"k_proj.weight", "attn_k"},
        Name{"v_proj.weight", "attn_v"},
        Name{"o_proj.weight", "attn_output"},
    };
    const auto* const found =
        std::find_if(names.begin(), names.end(), [&](const Name& name) { return tensor.name.ends_with(name.end); });
    return found == names.end() ? std::string_view(tensor.name) : found->gguf;
}

/// Whether a split layer leaves the tensor to the host (common/fit.cpp, get_overflow_pattern).
bool goes_to_host(KeptPart kept, std::string_view name)
{
    const bool experts = name.find("_exps") != std::string_view::npos;
    const bool routed =
        experts && (name.starts_with("ffn_up") || name.starts_with("ffn_gate") || name.starts_with("ffn_down"));
    switch (kept) {
    case KeptPart::dense:
        return routed;
    case KeptPart::attention:
        return name.starts_with("ffn_gate") || name.starts_with("ffn_up") || name.starts_with("ffn_down");
    case KeptPart::up:
        return name.starts_with("ffn_gate") || name.starts_with("ffn_down");
    case KeptPart::gate:
        return name.starts_with("ffn_down");
    }
    return false;
}

/// Tensors whose names match lie in the host's memory, wherever their layer does.
void move_overridden(const LlamaCppRun& run, const LlamaCppPlacement& placement, LlamaCppModelBuffers& buffers)
{
    const Architecture& architecture = run.model->architecture;
    std::size_t layer = 0;
    for (const LayerRun& layers : architecture.runs)
        for (std::int64_t i = 0; i < layers.count; ++i, ++layer) {
            const auto device = static_cast<std::size_t>(placement.device_of_layer[layer]);
            if (device >= buffers.gpus.size())
                continue;
            const bool on_cpu = static_cast<std::int64_t>(layer) < run.n_cpu_moe;
            for (const Tensor& tensor : run.model->tensors) {
                if (tensor.kind != layers.kind || (on_cpu && tensor.part == Part::experts))
                    continue;
                if (!llama_cpp_overridden(run, static_cast<std::int64_t>(layer), gguf_name(tensor)))
                    continue;
                const double bytes = gguf_tensor_bytes(run, tensor);
                buffers.gpus[device] -= bytes;
                buffers.cpu += bytes;
            }
        }
}

} // namespace

LlamaCppLayerBytes llama_cpp_layer_bytes(const LlamaCppRun& run)
{
    const std::vector<KindBytes> kinds = kind_bytes(run);
    const EndBytes ends = end_bytes(run);
    LlamaCppLayerBytes bytes;
    for (const KindBytes& kind : kinds)
        bytes.of_kind.push_back(kind.without_experts + kind.routed_experts);
    bytes.input = ends.input;
    bytes.output = ends.first + ends.output + ends.tied_copy;
    bytes.in_file = ends.input + ends.first + ends.output;
    for (const LayerRun& layers : run.model->architecture.runs)
        bytes.in_file += static_cast<double>(layers.count) * bytes.of_kind[layers.kind];
    return bytes;
}

/// One tensor of two dimensions, which a file in 16 bits keeps in these; quantizing leaves it in fp32.
std::int64_t experts_bias_bytes(const NumberFormat& weights)
{
    constexpr std::array<std::string_view, 4> in_16_bits = {"gguf:F16", "gguf:BF16", "fp16", "bf16"};
    const bool half = std::find(in_16_bits.begin(), in_16_bits.end(), weights.id) != in_16_bits.end();
    return half ? 2 : 4;
}

double gguf_tensor_bytes(const LlamaCppRun& run, const Tensor& tensor)
{
    const auto elements = static_cast<double>(tensor.elements_per_layer());
    if (is_experts_bias(tensor))
        return elements * experts_bias_bytes(run.weights);
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

double llama_cpp_projector_bytes(const Model& model)
{
    double bytes = 0;
    for (const Tensor& tensor : model.tensors)
        if (tensor.part == Part::vision)
            bytes += static_cast<double>(tensor.elements()) * 2;
    return bytes;
}

bool llama_cpp_overridden(const LlamaCppRun& run, std::int64_t layer, std::string_view name)
{
    if (const auto kept = run.kept_part(layer); kept && goes_to_host(*kept, name))
        return true;
    if (!run.overrides)
        return false;
    const std::string full = (layer < 0 ? std::string() : "blk." + std::to_string(layer) + ".") + std::string(name) +
                             (name.ends_with(".bias") ? "" : ".weight");
    return std::any_of(run.overrides->begin(), run.overrides->end(),
                       [&](const Pattern& pattern) { return pattern.found_in(full); });
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
        if (device.predicting > 0)
            bytes += static_cast<double>(device.predicting) * prediction_bytes(run);
    };
    add(placement.cpu, buffers.cpu);
    if (!run.build.ik) // the fork uses one tensor twice (a log of gemma-3-27b without GPUs)
        buffers.cpu += placement.cpu.output ? ends.tied_copy : 0;
    for (const DeviceLayers& device : placement.gpus) {
        add(device, buffers.gpus.emplace_back());
        buffers.gpus.back() += device.output ? ends.tied_copy : 0;
    }
    const auto first = static_cast<std::size_t>(placement.device_of_layer.front());
    (first < buffers.gpus.size() ? buffers.gpus[first] : buffers.cpu) += ends.first;
    if (run.moves_tensors())
        move_overridden(run, placement, buffers);
    return buffers;
}

} // namespace weighbridge
