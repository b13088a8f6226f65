#include "core/sources/families/family.h"

#include <algorithm>
#include <array>

namespace weighbridge {

std::span<const Family* const> families()
{
    static constexpr std::array table = {
        &deepseek_v2_family, &deepseek_v3_family, &gemma2_family, &gemma3_family, &gemma3_text_family,
        &form_family,        &gpt_oss_family,     &llama_family,  &llama4_family, &llama4_text_family,
        &mistral_family,     &mixtral_family,     &phi3_family,   &qwen2_family,  &qwen2_moe_family,
        &qwen3_family,       &qwen3_moe_family,
    };
    return table;
}

const Family* find_family(std::string_view model_type)
{
    const auto rows = families();
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const Family* family) { return family->model_type == model_type; });
    return row == rows.end() ? nullptr : *row;
}

} // namespace weighbridge
