#include "core/memory/activations.h"

#include <algorithm>
#include <array>
#include <variant>

namespace weighbridge {

namespace {

/// Width of the feed-forward activations of one token: the dense intermediate size, or that of the experts one token
/// visits.
template<class Number>
Number width_of(const FeedForward& network)
{
    if (const auto* dense = std::get_if<DenseFeedForward>(&network))
        return named<Number>("h_ffn", static_cast<double>(dense->intermediate_size));
    const auto& moe = std::get<MixtureOfExperts>(network);
    return named<Number>("top_k", static_cast<double>(moe.experts_per_token)) *
           named<Number>("h_exp", static_cast<double>(moe.expert_intermediate_size));
}

/// The widest feed-forward of the network; networks run one after the other, in a layer with several as well. Null
/// where there is none (Mamba).
const FeedForward* widest_feed_forward(const Architecture& architecture)
{
    const FeedForward* widest = nullptr;
    for (const Layer& layer : architecture.kinds)
        for (const FeedForward& network : layer.feed_forwards)
            if (widest == nullptr || width_of<double>(*widest) < width_of<double>(network))
                widest = &network;
    return widest;
}

/// Outputs of the widest projection of a recurrent layer, for networks without feed-forwards.
std::int64_t widest_projection(const Architecture& architecture)
{
    std::int64_t widest = 0;
    for (const Layer& layer : architecture.kinds)
        for (const Mixer& mixer : layer.mixers)
            if (const auto* recurrent = std::get_if<Recurrent>(&mixer))
                for (const Tensor& tensor : recurrent->weights)
                    if (tensor.columns.value > 1)
                        widest = std::max(widest, tensor.rows.value);
    return widest;
}

template<class Number>
struct Symbols
{
    Number s, b, h, width;

    explicit Symbols(const InferenceInputs& inputs)
        : s(named<Number>("s", static_cast<double>(inputs.sequence_length))),
          b(named<Number>("b", static_cast<double>(inputs.concurrent_sequences))),
          h(named<Number>("h", static_cast<double>(inputs.model->architecture.hidden_size))),
          width(named<Number>("B_a", inputs.activations.bits / 8))
    {
    }
};

/// Inputs of attention and FFN, and the FFN's gate and up projections, of one layer for all tokens at once.
template<class Number>
Number peak_layer(const InferenceInputs& inputs)
{
    const Symbols<Number> x(inputs);
    const Number two = constant<Number>(2);
    const FeedForward* widest = widest_feed_forward(inputs.model->architecture);
    const Number inner =
        widest == nullptr ? named<Number>("n_proj", static_cast<double>(widest_projection(inputs.model->architecture)))
                          : two * width_of<Number>(*widest);
    return x.s * x.b * (two * x.h + inner) * x.width;
}

template<class Number>
Number vanilla(const InferenceInputs& inputs)
{
    const Symbols<Number> x(inputs);
    const Number a = named<Number>("a", static_cast<double>(notebook_heads(inputs.model->architecture).queries));
    return (constant<Number>(32) * x.s * x.b * x.h + constant<Number>(4) * a * x.s * x.s * x.b) * x.width;
}

template<class Number>
Number gqa(const InferenceInputs& inputs)
{
    const Symbols<Number> x(inputs);
    const NotebookHeads heads = notebook_heads(inputs.model->architecture);
    const Number a = named<Number>("a", static_cast<double>(heads.queries));
    const Number k = named<Number>("k", static_cast<double>(heads.keys));
    return (constant<Number>(28) * x.s * x.b * x.h + constant<Number>(2) * k / a * x.s * x.b * x.h +
            constant<Number>(4) * k * x.s * x.s * x.b) *
           x.width;
}

template<class Number>
Number flash(const InferenceInputs& inputs)
{
    const Symbols<Number> x(inputs);
    const Number tile = named<Number>("t", 128);
    return (constant<Number>(32) * x.s * x.b * x.h + constant<Number>(4) * tile * x.s * x.b) * x.width;
}

template<class Number>
Number activations(const InferenceInputs& inputs, double weights)
{
    const auto divided = [&](Number whole) {
        if (inputs.tensor_parallel == 1)
            return whole;
        return whole / named<Number>("tp", static_cast<double>(inputs.tensor_parallel));
    };
    switch (inputs.activation_method) {
    case ActivationMethod::peak_layer:
        return divided(peak_layer<Number>(inputs));
    case ActivationMethod::vanilla:
        return divided(vanilla<Number>(inputs));
    case ActivationMethod::gqa:
        return divided(gqa<Number>(inputs));
    case ActivationMethod::flash:
        return divided(flash<Number>(inputs));
    case ActivationMethod::fraction:
        break;
    }
    return named<Number>("f_act", inputs.activation_fraction) * named<Number>("W", weights);
}

struct MethodName
{
    ActivationMethod method;
    std::string_view id;
    std::string_view source;
};

constexpr std::array<MethodName, 5> methods = {{
    {ActivationMethod::peak_layer, "peak_layer",
     "web form: peak of one layer for all tokens at once (Fujii et al., arXiv:2411.06465, and its published "
     "estimator)"},
    {ActivationMethod::vanilla, "vanilla", "notebook: 32·s·b·h + 4·a·s²·b, attention scores kept"},
    {ActivationMethod::gqa, "gqa", "notebook: grouped-query attention, scores kept"},
    {ActivationMethod::flash, "flash", "notebook: FlashAttention with a tile of 128"},
    {ActivationMethod::fraction, "fraction", "book appendix: a share of the weights (15 %, practice 10 to 20 %)"},
}};

const MethodName& row_of(ActivationMethod method)
{
    return *std::find_if(methods.begin(), methods.end(), [&](const MethodName& row) { return row.method == method; });
}

/// How far off a method can be. One layer: half of it when buffers are reused in place, one and a half times when
/// nothing is fused (3·h + 3·h_ffn are then live at once, as measured in eager vLLM prefills: vllm#10517). The
/// notebook's formulas count every buffer of a layer as live, so they are an upper bound. The appendix names 10 to 20 %
/// for its 15 %.
struct Range
{
    double low = 1;
    double high = 1;
};

Range range_of(ActivationMethod method)
{
    switch (method) {
    case ActivationMethod::peak_layer:
        return {0.5, 1.5};
    case ActivationMethod::fraction:
        return {2.0 / 3.0, 4.0 / 3.0};
    case ActivationMethod::vanilla:
    case ActivationMethod::gqa:
    case ActivationMethod::flash:
        break;
    }
    return {0.25, 1.0};
}

} // namespace

NotebookHeads notebook_heads(const Architecture& architecture)
{
    for (const Layer& layer : architecture.kinds)
        for (const Mixer& mixer : layer.mixers)
            if (const auto shared = attention_heads(mixer))
                return {shared->heads, shared->kv_heads > 0 ? shared->kv_heads : shared->heads};
    return {};
}

bool is_of_notebook(ActivationMethod method)
{
    return method == ActivationMethod::vanilla || method == ActivationMethod::gqa || method == ActivationMethod::flash;
}

std::optional<ActivationMethod> find_activation_method(std::string_view name)
{
    for (const MethodName& row : methods)
        if (row.id == name)
            return row.method;
    return std::nullopt;
}

double activation_bytes(const InferenceInputs& inputs, double weights)
{
    return activations<double>(inputs, weights);
}

Term activations_term(const InferenceInputs& inputs, const Term& weights)
{
    const bool assumed = inputs.activation_method == ActivationMethod::fraction;
    Term term =
        make_term("activations", "Activations", activations<Traced>(inputs, static_cast<double>(weights.bytes.count)),
                  assumed ? Basis::assumed : Basis::derived);
    const Range range = range_of(inputs.activation_method);
    const auto bytes = static_cast<double>(term.bytes.count);
    term.low.count = std::llround(bytes * range.low);
    term.high.count = std::llround(bytes * range.high);
    term.source = row_of(inputs.activation_method).source;
    return term;
}

} // namespace weighbridge
