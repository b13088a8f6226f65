#include "core/training/network_code.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

// transformers models/*/modeling_*.py
constexpr std::array<NetworkCode, 13> code_rows = {{
    {.family = "gemma2", .caps_scores = true, .caps_logits = true},
    {.family = "gemma3n", .caps_logits = true},
    {.family = "gemma3n_text", .caps_logits = true},
    {.family = "gemma4", .caps_logits = true},
    {.family = "gemma4_text", .caps_logits = true},
    {.family = "recurrent_gemma", .caps_logits = true},
    {.family = "phi3", .fused_qkv = true, .fused_gate_up = true},
    {.family = "glm", .fused_gate_up = true},
    {.family = "glm4", .fused_gate_up = true},
    {.family = "gpt_neox", .fused_qkv = true},
    {.family = "falcon", .fused_qkv = true},
    {.family = "bloom", .fused_qkv = true},
    {.family = "mpt", .fused_qkv = true},
}};

} // namespace

const NetworkCode& network_code(std::string_view family)
{
    static constexpr NetworkCode plain;
    const auto* row = std::find_if(code_rows.begin(), code_rows.end(),
                                   [&](const NetworkCode& known) { return known.family == family; });
    return row == code_rows.end() ? plain : *row;
}

} // namespace weighbridge
