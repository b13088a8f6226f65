#pragma once

#include <string_view>

namespace weighbridge {

/// What transformers' code of a family does that neither its tensors nor its widths tell.
struct NetworkCode
{
    std::string_view family;
    bool caps_scores = false;   ///< tanh over the attention scores, outside fused kernels
    bool caps_logits = false;   ///< tanh over the logits
    bool fused_qkv = false;     ///< one module for q, k and v: one adapter
    bool fused_gate_up = false; ///< one module for gate and up
};

/// Nothing special of families that are not in the table.
const NetworkCode& network_code(std::string_view family);

} // namespace weighbridge
