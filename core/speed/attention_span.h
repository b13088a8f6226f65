#pragma once

#include "core/speed/cost.h"

namespace weighbridge {

/// Tokens of the cache that a layer of that span reads in decode, or keeps of a prompt: all of them, or a window's.
template<class Number>
Number tokens_in_span(const Inputs<Number>& in, AttentionSpan span, std::int64_t window)
{
    if (span == AttentionSpan::full)
        return in.s;
    return smaller_of(in.s, named<Number>("W", static_cast<double>(window)));
}

/// n (n + 1) / 2: how many (query, key) pairs a causal square of n tokens has.
template<class Number>
Number causal_square(const Number& n)
{
    return n * (n + constant<Number>(1)) / constant<Number>(2);
}

/// (query, key) pairs of one prompt under a causal mask, exactly.
/// A sliding window W keeps the first W queries' triangle and W keys for each later one; chunks are triangles of their
/// own.
template<class Number>
Number causal_pairs(const Inputs<Number>& in, AttentionSpan span, std::int64_t window)
{
    const std::int64_t context = in.workload.context;
    if (span == AttentionSpan::full || context <= window)
        return causal_square(in.s);
    const Number w = named<Number>("W", static_cast<double>(window));
    if (span == AttentionSpan::sliding)
        return causal_square(w) + (in.s - w) * w;
    const std::int64_t whole_chunks = context / window;
    const Number chunks = named<Number>("n_chunks", static_cast<double>(whole_chunks));
    const Number rest = named<Number>("s_rest", static_cast<double>(context % window));
    return chunks * w * (w + constant<Number>(1)) / constant<Number>(2) + causal_square(rest);
}

} // namespace weighbridge
