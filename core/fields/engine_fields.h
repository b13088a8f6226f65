#pragma once

#include "core/fields/fields.h"

namespace weighbridge {

/// The rows of the engines' own options. Keys are flat, "inference.max_num_seqs", and named as the engine names them.
void add_engine_fields(std::vector<ScenarioField>& fields);

/// Bounds of counts that several rows share.
inline constexpr double ranks_at_most = 4096;
inline constexpr double sequences_at_most = 1 << 20;
inline constexpr double tokens_at_most = 1 << 30;
inline constexpr double bytes_at_most = 17592186044416.0; // 2^44, 16 TiB

} // namespace weighbridge
