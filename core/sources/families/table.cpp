#include "core/sources/families/family.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

using Rows = std::span<const Family> (*)();

std::span<const Family> form_rows()
{
    return {&form_family, 1};
}

constexpr std::array<Rows, 25> files = {
    form_rows,           bailing_hybrid_families, bert_families,           classic_families,
    deepseek_families,   deepseek_v4_families,    delta_families,          dense_variants_families,
    derived_families,    encoders_families,       expert_windows_families, experts_families,
    gemma_families,      gemma_layers_families,   gpt_oss_families,        linear_families,
    llama_families,      llama4_families,         local_families,          mamba_families,
    nemotron_h_families, nemotron_nas_families,   plain_families,          qwen_families,
    zamba_families,
};

} // namespace

std::vector<const Family*> families()
{
    std::vector<const Family*> rows;
    for (const Rows file : files)
        for (const Family& family : file())
            rows.push_back(&family);
    std::sort(rows.begin(), rows.end(), [](const Family* a, const Family* b) { return a->model_type < b->model_type; });
    return rows;
}

const Family* find_family(std::string_view model_type)
{
    for (const Rows file : files)
        for (const Family& family : file())
            if (family.model_type == model_type)
                return &family;
    return nullptr;
}

} // namespace weighbridge
