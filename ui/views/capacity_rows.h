#pragma once

#include "core/answers/recommend.h"
#include "core/answers/serving.h"
#include "core/quantity/display.h"
#include "ui/widgets/table_model.h"

#include <QString>

namespace weighbridge {

/// Requests of each length; the scenario's own is the strong one.
Table lengthRows(const ServingCapacity& serving, std::int64_t own, ByteUnit unit);
/// The longest context of each concurrency.
Table concurrencyRows(const ServingCapacity& serving, std::int64_t own);
/// What fits, the smallest first.
Table recommendationRows(const Recommendations& recommendations, ByteUnit unit);

/// "The smallest of 72 configurations is 2× H100 SXM 80 GB (TP 2): 71.30 GiB on each GPU, 90 % of it."
QString recommendationSentence(const Recommendations& recommendations, ByteUnit unit);

} // namespace weighbridge
