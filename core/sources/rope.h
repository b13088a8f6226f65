#pragma once

#include "core/model/architecture.h"

#include <nlohmann/json_fwd.hpp>

namespace weighbridge {

/// Reads what decides the size of RoPE tables: "linear" scaling (rope_scaling or rope_parameters), which stretches the
/// table of full-attention layers by its factor, and the rotated share of a head (partial_rotary_factor, rotary_pct,
/// rotary_dim). Other kinds of scaling keep max_position_embeddings. Values that make no sense are left out: they
/// decide nothing else.
void read_rope(Architecture& architecture, const nlohmann::json& config);

} // namespace weighbridge
