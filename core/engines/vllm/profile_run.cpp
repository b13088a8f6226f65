#include "core/engines/vllm/profile_run.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace weighbridge::vllm {

namespace {

/// Bytes per logit while sampling. Sorting held 38 for any model of any size that was logged (0.11 to 0.16). Since 0.17
/// a copy in fp32, probabilities and the exponential noise of as many fp32 numbers are alive beside the logits.
constexpr double sorted_bytes_per_logit = 38;
constexpr double sampled_bytes_per_logit = 12;

/// Rows of the pivot search's buffer (topk_topp_triton.py: min(multiprocessors, rows)); the H100 has 132
/// multiprocessors, other current devices 84 to 188.
constexpr double multiprocessors = 132;

/// What the profile run leaves beside all that, 54 MiB on an H100, of which cuBLAS' workspace is 32: 8.1 MiB before
/// Hopper (aten/src/ATen/cuda/CublasHandlePool.cpp).
double small_buffers(const Settings& settings)
{
    constexpr double all = 54 * bytes_per_mib;
    constexpr double of_hopper = 32 * bytes_per_mib;
    constexpr double of_others = (2 * 4096 + 16 * 8) * 1024;
    const bool older = settings.compute_capability > 0 && settings.compute_capability < 90;
    return all - of_hopper + (older ? of_others : of_hopper);
}

/// Width of a layer's feed-forward on this rank, from its rows of the inventory.
struct Width
{
    std::string_view layers_symbol;
    double up = 0;
    double inner = 0;
    double expert_up = 0;
    double expert_inner = 0;
    double top_k = 0;
};

bool is_matrix(const Tensor& tensor)
{
    return !tensor.columns.symbol.empty();
}

std::vector<Width> widths_of(const InferenceInputs& inputs)
{
    std::vector<Width> widths;
    for (const Tensor& tensor : inputs.model->tensors) {
        if (tensor.layers_symbol.empty() || !is_matrix(tensor))
            continue;
        if (widths.empty() || widths.back().layers_symbol != tensor.layers_symbol)
            widths.push_back({.layers_symbol = tensor.layers_symbol});
        Width& width = widths.back();
        const auto ranks = static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel));
        const bool whole = inputs.sharding.whole_experts;
        const auto rows = static_cast<double>(tensor.rows.value);
        const auto columns = static_cast<double>(tensor.columns.value);
        if (tensor.part == Part::feed_forward || tensor.part == Part::shared_experts) {
            (tensor.sharding == Sharding::row ? width.inner : width.up) +=
                (tensor.sharding == Sharding::row ? columns : rows) / ranks;
        } else if (tensor.part == Part::experts) {
            const bool down = tensor.rows.symbol == "h";
            (down ? width.expert_inner : width.expert_up) += (down ? columns : rows) / (whole ? 1 : ranks);
            width.top_k = tensor.active_copies;
        }
    }
    return widths;
}

double vocabulary_of(const Model& model)
{
    const std::int64_t padded = (model.architecture.vocab_size + 63) / 64 * 64;
    return static_cast<double>(padded);
}

/// Residual, normed input and output beside the fused projection and the activation's output.
template<class Number>
Number layer_peak(const ProfileShapes& shapes, const Number& tokens, const Number& hidden)
{
    const Number width = named<Number>("B_a", shapes.bytes);
    Number per_token = (named<Number>("h_up", shapes.up_width) + named<Number>("h_ffn", shapes.inner_width) +
                        constant<Number>(3) * hidden) *
                       width;
    if (shapes.quantized_copy > 0)
        per_token =
            per_token + named<Number>("h_ffn", shapes.inner_width) * named<Number>("B_q", shapes.quantized_copy);
    return tokens * per_token;
}

template<class Number>
Number sampler_peak(const ProfileShapes& shapes, Era era, const Number& tokens, const Number& hidden)
{
    const Number rows = named<Number>("b_max", shapes.rows);
    const Number vocabulary = named<Number>("v", shapes.vocabulary);
    const Number width = named<Number>("B_a", shapes.bytes);
    const Number states = tokens * hidden * width;
    if (era == Era::up_to_0_16)
        return rows * vocabulary * constant<Number>(sorted_bytes_per_logit) + states;
    return rows * vocabulary * (width + constant<Number>(sampled_bytes_per_logit)) +
           named<Number>("n_sm", std::min(multiprocessors, shapes.rows)) * vocabulary * constant<Number>(4) + states;
}

} // namespace

ProfileShapes profile_shapes(const InferenceInputs& inputs, const Settings& settings, bool first, bool last)
{
    ProfileShapes shapes;
    shapes.tokens = static_cast<double>(settings.max_num_batched_tokens);
    shapes.rows = static_cast<double>(std::min(settings.max_num_batched_tokens, settings.max_num_seqs));
    shapes.hidden = static_cast<double>(inputs.model->architecture.hidden_size);
    shapes.vocabulary = last ? vocabulary_of(*inputs.model) : 0;
    shapes.bytes = settings.model_bytes;
    shapes.quantized_copy = inputs.weights.compute == ComputeType::int8 ? 1 : 0;
    shapes.sends_on = !last;
    shapes.towers = first && settings.profiles_towers && !inputs.model->architecture.towers.empty();
    shapes.small_buffers = small_buffers(settings);
    for (const Width& width : widths_of(inputs)) {
        if (width.up + width.inner > shapes.up_width + shapes.inner_width) {
            shapes.up_width = width.up;
            shapes.inner_width = width.inner;
        }
        const bool triton = !inputs.weights.experts_only; // MXFP4 kernels bring buffers of their own
        if (width.top_k > 0 && triton)
            shapes.expert_width =
                std::max(shapes.expert_width, width.top_k * (std::max(width.expert_up, shapes.hidden) +
                                                             std::max(width.expert_inner, shapes.hidden)));
    }
    return shapes;
}

template<class Number>
Number activation_peak(const ProfileShapes& shapes, Era era)
{
    const Number tokens = named<Number>("t_max", shapes.tokens);
    const Number hidden = named<Number>("h", shapes.hidden);
    const Number width = named<Number>("B_a", shapes.bytes);
    Number peak = layer_peak<Number>(shapes, tokens, hidden);
    if (shapes.vocabulary > 0)
        peak = larger_of(peak, sampler_peak<Number>(shapes, era, tokens, hidden));
    if (shapes.expert_width > 0)
        peak = peak + tokens * named<Number>("w_exp", shapes.expert_width) * width;
    if (shapes.sends_on)
        peak = peak + constant<Number>(2) * tokens * hidden * width;
    if (shapes.towers)
        peak = peak + tokens * hidden * width;
    return peak + named<Number>("C_buf", shapes.small_buffers);
}

template double activation_peak<double>(const ProfileShapes&, Era);
template Traced activation_peak<Traced>(const ProfileShapes&, Era);

} // namespace weighbridge::vllm
