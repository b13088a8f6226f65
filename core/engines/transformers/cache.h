#pragma once

#include "core/engines/transformers/run.h"
#include "core/quantity/formula.h"

#include <cstdint>

namespace weighbridge {

/// Bytes of the cache of all sequences, once each holds `tokens` tokens (cache_utils.py). `symbol` is what formulas
/// call that number. Instantiated for double and Traced.
template<class Number>
Number transformers_cache_bytes(const TransformersRun& run, std::string_view symbol, std::int64_t tokens);

/// Bytes of one token in one layer of a row of the cache layout.
double transformers_token_bytes(const TransformersRun& run, const CacheRun& cache);

/// Bytes of one layer's keys for all sequences: DynamicLayer.update() concatenates into a new tensor, and the old one
/// goes only afterwards. Of the layer where that is most.
template<class Number>
Number transformers_growth_bytes(const TransformersRun& run, std::string_view symbol, std::int64_t tokens);

} // namespace weighbridge
