#include "core/memory/overhead.h"

#include <algorithm>

namespace weighbridge {

namespace {

template<class Number>
Number overhead(const InferenceInputs& inputs, double weights)
{
    if (inputs.overhead_fraction)
        return named<Number>("f_ovh", *inputs.overhead_fraction) * named<Number>("W", weights);
    return named<Number>("C_runtime", inputs.overhead_bytes);
}

} // namespace

double overhead_bytes(const InferenceInputs& inputs, double weights)
{
    return overhead<double>(inputs, weights);
}

/// CUDA context and framework. Measured on one GPU: 0.16 to 1.79 GiB (vllm#12126, vllm#10511), typically 0.35 on
/// consumer cards, 0.5 on A100 and H100, 0.75 on Blackwell.
Term overhead_term(const InferenceInputs& inputs, const Term& weights)
{
    constexpr std::int64_t measured_low = 171798692;   // 0.16 GiB
    constexpr std::int64_t measured_high = 1922010818; // 1.79 GiB
    Term term = make_term("overhead", "Overhead", overhead<Traced>(inputs, static_cast<double>(weights.bytes.count)),
                          Basis::assumed);
    if (inputs.overhead_fraction) {
        term.low.count = term.bytes.count * 2 / 3;
        term.high.count = term.bytes.count * 4 / 3;
        term.source = "a share of the weights (book appendix: 10 to 20 % for 15 %)";
    } else {
        term.low.count = std::min(term.bytes.count, measured_low);
        term.high.count = std::max(term.bytes.count, measured_high);
        term.source =
            "CUDA context and framework, assumed; measured 0.16 to 1.79 GiB on one GPU (vllm#12126, vllm#10511)";
    }
    return term;
}

} // namespace weighbridge
