#include "core/engines/loaded_extra.h"

#include "core/memory/weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace weighbridge {

namespace {

bool is_of_layers(const Term& part)
{
    return part.id != "weights.embedding" && part.id != "weights.vision";
}

bool is_of_experts(const Term& part)
{
    return part.id == "weights.experts";
}

/// Takes what lies in the host's memory off the parts that it is of.
void take_off(std::vector<Term>& parts, double bytes, bool (*is_taken)(const Term&))
{
    double all = 0;
    for (const Term& part : parts)
        all += is_taken(part) ? static_cast<double>(part.bytes.count) : 0;
    const double share = all > 0 ? std::max(0.0, 1 - bytes / all) : 1;
    for (Term& part : parts) {
        if (bytes <= 0 || !is_taken(part))
            continue;
        Term rest =
            make_term(part.id, part.label,
                      named<Traced>("W_part", static_cast<double>(part.bytes.count)) * named<Traced>("f_device", share),
                      part.basis);
        rest.low.count = std::llround(static_cast<double>(part.low.count) * share);
        rest.high.count = std::llround(static_cast<double>(part.high.count) * share);
        rest.source = part.source;
        part = std::move(rest);
    }
}

/// Parts are whole bytes each; what their sum is off by, a byte or two, is the largest one's.
void settle(Term& term)
{
    std::int64_t sum = 0;
    for (const Term& part : term.children)
        sum += part.bytes.count;
    const auto largest = std::max_element(term.children.begin(), term.children.end(),
                                          [](const Term& a, const Term& b) { return a.bytes.count < b.bytes.count; });
    if (largest == term.children.end())
        return;
    const std::int64_t off = term.bytes.count - sum;
    for (Bytes* bytes : {&largest->bytes, &largest->low, &largest->high})
        bytes->count += off;
}

} // namespace

double copied_expert_bytes(const InferenceInputs& inputs, std::int64_t copies, std::int64_t ranks)
{
    if (copies == 0 || ranks < 1 || !inputs.sharding.whole_experts)
        return 0;
    double one = 0;
    for (const Tensor& tensor : inputs.model->tensors)
        if (tensor.part == Part::experts && tensor.copies.value > 0)
            one += tensor_bytes(inputs, tensor) *
                   static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel)) /
                   static_cast<double>(tensor.copies.value);
    return std::round(one * std::ceil(static_cast<double>(copies) / static_cast<double>(ranks)));
}

Term loaded_term(const InferenceInputs& stage, std::span<const LoadedExtra> extras, const OnHost& on_host)
{
    Traced sum = named<Traced>("W_checkpoint", weight_bytes(stage));
    std::vector<Term> parts = weights_term(stage).children;
    if (on_host.total() > 0) {
        take_off(parts, on_host.experts, is_of_experts);
        take_off(parts, on_host.layers, is_of_layers);
        sum = sum - named<Traced>("W_host", on_host.total());
    }
    for (const LoadedExtra& extra : extras) {
        if (extra.bytes <= 0)
            continue;
        const auto bytes = named<Traced>(extra.symbol, extra.bytes);
        sum = sum + bytes;
        parts.push_back(make_term(extra.id, extra.label, bytes, Basis::derived));
        parts.back().source = extra.source;
    }
    Term term = make_term("weights", "Weights", std::move(sum), Basis::derived);
    term.children = std::move(parts);
    settle(term);
    return term;
}

} // namespace weighbridge
