#include "core/engines/loaded_extra.h"

#include "core/memory/weights.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace weighbridge {

namespace {

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

Term loaded_term(const InferenceInputs& stage, std::span<const LoadedExtra> extras)
{
    Traced sum = named<Traced>("W_checkpoint", weight_bytes(stage));
    std::vector<Term> parts = weights_term(stage).children;
    for (const LoadedExtra& extra : extras) {
        const auto bytes = named<Traced>(extra.symbol, extra.bytes);
        sum = sum + bytes;
        if (extra.bytes <= 0)
            continue;
        parts.push_back(make_term(extra.id, extra.label, bytes, Basis::derived));
        parts.back().source = extra.source;
    }
    Term term = make_term("weights", "Weights", std::move(sum), Basis::derived);
    term.children = std::move(parts);
    settle(term);
    return term;
}

} // namespace weighbridge
