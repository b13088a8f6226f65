#include "core/sources/families/recurrent.h"

#include "core/model/tensor_rows.h"

namespace weighbridge {

namespace {

/// A matrix as rows of `output_dim` and columns of `input_dim`; quantization takes it.
void projection(TensorRows& rows, std::string_view name, Extent output_dim, Extent input_dim, Sharding sharding)
{
    rows.matrix(name, Part::attention, output_dim, input_dim, sharding);
}

/// Depthwise: each channel sees `kernel` tokens.
void convolution(TensorRows& rows, const std::string& name, std::int64_t channels, std::int64_t kernel, bool bias)
{
    rows.vector(name + ".weight", Part::attention, {channels * kernel, "n_conv·w"}, Sharding::column);
    if (bias)
        rows.vector(name + ".bias", Part::attention, {channels, "n_conv"}, Sharding::column);
}

void scalars(TensorRows& rows, std::string_view name, Extent count)
{
    rows.vector(name, Part::attention, count, Sharding::column);
}

} // namespace

Recurrent mamba2(const Mamba2Sizes& sizes, std::int64_t hidden_size, const std::string& module)
{
    const std::int64_t inner = sizes.heads * sizes.head_dim;
    const std::int64_t channels = inner + 2 * sizes.groups * sizes.state;
    Recurrent mixer{.kind = RecurrentKind::mamba2,
                    .heads = sizes.heads,
                    .key_heads = sizes.groups,
                    .key_dim = sizes.state,
                    .value_dim = sizes.head_dim,
                    .conv_channels = channels,
                    .conv_kernel = sizes.kernel,
                    .state_elements = inner * sizes.state};
    TensorRows rows(mixer.weights, module);
    const Extent hidden{hidden_size, "h"};
    const Extent d_inner{inner, "d_in"};
    const Extent heads{sizes.heads, "n"};
    const Extent projected{inner + channels + sizes.heads, "2·d_in + 2·g·n_state + n"};
    projection(rows, "in_proj.weight", projected, hidden, Sharding::column);
    convolution(rows, "conv1d", channels, sizes.kernel, sizes.conv_bias);
    scalars(rows, "dt_bias", heads);
    scalars(rows, "A_log", heads);
    scalars(rows, "D", heads);
    if (sizes.gated_norm)
        rows.vector("norm.weight", Part::norms, d_inner, Sharding::column);
    projection(rows, "out_proj.weight", hidden, d_inner, Sharding::row);
    if (sizes.projection_bias) {
        rows.vector("in_proj.bias", Part::attention, projected, Sharding::column);
        rows.vector("out_proj.bias", Part::attention, hidden, Sharding::replicated);
    }
    return mixer;
}

Recurrent mamba1(const Mamba1Sizes& sizes, std::int64_t hidden_size, const std::string& module)
{
    Recurrent mixer{.kind = RecurrentKind::mamba1,
                    .heads = sizes.inner,
                    .key_heads = 1,
                    .key_dim = sizes.state,
                    .value_dim = 1,
                    .conv_channels = sizes.inner,
                    .conv_kernel = sizes.kernel,
                    .state_elements = sizes.inner * sizes.state};
    TensorRows rows(mixer.weights, module);
    const Extent hidden{hidden_size, "h"};
    const Extent inner{sizes.inner, "d_in"};
    const Extent rank{sizes.time_step_rank, "r_dt"};
    const Extent state{sizes.state, "n_state"};
    const Extent both{2 * sizes.inner, "2·d_in"};
    projection(rows, "in_proj.weight", both, hidden, Sharding::column);
    convolution(rows, "conv1d", sizes.inner, sizes.kernel, sizes.conv_bias);
    projection(rows, "x_proj.weight", {sizes.time_step_rank + 2 * sizes.state, "r_dt + 2·n_state"}, inner,
               Sharding::row);
    projection(rows, "dt_proj.weight", inner, rank, Sharding::column);
    scalars(rows, "dt_proj.bias", inner);
    scalars(rows, "A_log", {sizes.inner * sizes.state, "d_in·n_state"});
    scalars(rows, "D", inner);
    if (sizes.inner_norms) {
        rows.vector("dt_layernorm.weight", Part::norms, rank, Sharding::replicated);
        rows.vector("b_layernorm.weight", Part::norms, state, Sharding::replicated);
        rows.vector("c_layernorm.weight", Part::norms, state, Sharding::replicated);
    }
    projection(rows, "out_proj.weight", hidden, inner, Sharding::row);
    if (sizes.projection_bias) {
        rows.vector("in_proj.bias", Part::attention, both, Sharding::column);
        rows.vector("out_proj.bias", Part::attention, hidden, Sharding::replicated);
    }
    return mixer;
}

Recurrent gated_delta_net(const DeltaSizes& sizes, std::int64_t hidden_size)
{
    const std::int64_t keys = sizes.key_heads * sizes.key_dim;
    const std::int64_t values = sizes.value_heads * sizes.value_dim;
    Recurrent mixer{.kind = RecurrentKind::gated_delta_net,
                    .heads = sizes.value_heads,
                    .key_heads = sizes.key_heads,
                    .key_dim = sizes.key_dim,
                    .value_dim = sizes.value_dim,
                    .conv_channels = 2 * keys + values,
                    .conv_kernel = sizes.kernel,
                    .state_elements = values * sizes.key_dim};
    TensorRows rows(mixer.weights, "linear_attn");
    const Extent hidden{hidden_size, "h"};
    const Extent heads{sizes.value_heads, "n_v"};
    const Extent outputs{values, "n_v·d_v"};
    projection(rows, "in_proj_qkvz.weight", {2 * keys + 2 * values, "2·n_k·d_k + 2·n_v·d_v"}, hidden, Sharding::column);
    projection(rows, "in_proj_ba.weight", {2 * sizes.value_heads, "2·n_v"}, hidden, Sharding::column);
    convolution(rows, "conv1d", mixer.conv_channels, sizes.kernel, false);
    scalars(rows, "dt_bias", heads);
    scalars(rows, "A_log", heads);
    rows.vector("norm.weight", Part::norms, {sizes.value_dim, "d_v"}, Sharding::replicated);
    projection(rows, "out_proj.weight", hidden, outputs, Sharding::row);
    return mixer;
}

Recurrent kimi_delta(const KimiDeltaSizes& sizes, std::int64_t hidden_size)
{
    const std::int64_t width = sizes.heads * sizes.head_dim;
    Recurrent mixer{.kind = RecurrentKind::kimi_delta,
                    .heads = sizes.heads,
                    .key_heads = sizes.heads,
                    .key_dim = sizes.head_dim,
                    .value_dim = sizes.head_dim,
                    .conv_channels = 3 * width,
                    .conv_kernel = sizes.kernel,
                    .state_elements = width * sizes.head_dim};
    TensorRows rows(mixer.weights, "self_attn");
    const Extent hidden{hidden_size, "h"};
    const Extent head{sizes.head_dim, "d"};
    const Extent all{width, "n·d"};
    const auto gate = [&](const std::string& name, bool full) {
        if (full) {
            projection(rows, name + "_proj.weight", all, hidden, Sharding::column);
        } else {
            projection(rows, name + "_a_proj.weight", head, hidden, Sharding::latent);
            projection(rows, name + "_b_proj.weight", all, head, Sharding::column);
        }
    };
    for (const char* name : {"q", "k", "v"}) {
        projection(rows, std::string(name) + "_proj.weight", all, hidden, Sharding::column);
        convolution(rows, std::string(name) + "_conv1d", width, sizes.kernel, false);
    }
    gate("f", sizes.full_forget_gate);
    projection(rows, "b_proj.weight", {sizes.heads, "n"}, hidden, Sharding::column);
    gate("g", sizes.full_output_gate);
    scalars(rows, "A_log", {sizes.heads, "n"});
    scalars(rows, "dt_bias", all);
    rows.vector("o_norm.weight", Part::norms, head, Sharding::replicated);
    projection(rows, "o_proj.weight", hidden, all, Sharding::row);
    return mixer;
}

Recurrent lightning_attention(std::int64_t heads, std::int64_t head_dim, std::int64_t hidden_size)
{
    const std::int64_t width = heads * head_dim;
    Recurrent mixer{.kind = RecurrentKind::lightning,
                    .heads = heads,
                    .key_heads = heads,
                    .key_dim = head_dim,
                    .value_dim = head_dim,
                    .state_elements = width * head_dim};
    TensorRows rows(mixer.weights, "self_attn");
    const Extent hidden{hidden_size, "h"};
    const Extent all{width, "n·d"};
    projection(rows, "qkv_proj.weight", {3 * width, "3·n·d"}, hidden, Sharding::column);
    projection(rows, "output_gate.weight", all, hidden, Sharding::column);
    rows.vector("norm.weight", Part::norms, all, Sharding::column);
    projection(rows, "out_proj.weight", hidden, all, Sharding::row);
    return mixer;
}

Recurrent short_convolution(std::int64_t kernel, bool bias, std::int64_t hidden_size)
{
    Recurrent mixer{.kind = RecurrentKind::short_convolution, .conv_channels = hidden_size, .conv_kernel = kernel};
    TensorRows rows(mixer.weights, "conv");
    const Extent hidden{hidden_size, "h"};
    const Extent threefold{3 * hidden_size, "3·h"};
    projection(rows, "in_proj.weight", threefold, hidden, Sharding::column);
    convolution(rows, "conv", hidden_size, kernel, bias);
    projection(rows, "out_proj.weight", hidden, hidden, Sharding::row);
    if (bias) {
        rows.vector("in_proj.bias", Part::attention, threefold, Sharding::column);
        rows.vector("out_proj.bias", Part::attention, hidden, Sharding::replicated);
    }
    return mixer;
}

double read_state_bytes(ConfigReader& config, std::string_view key)
{
    const auto name = config.text(key);
    if (!name)
        return 0;
    if (*name == "float32" || *name == "torch.float32")
        return 4;
    if (*name == "bfloat16" || *name == "float16" || *name == "auto")
        return *name == "auto" ? 0 : 2;
    config.refuse(key, "it must be float32, bfloat16, float16 or auto");
    return 0;
}

} // namespace weighbridge
