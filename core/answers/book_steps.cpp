#include "core/answers/book_steps.h"

#include <algorithm>
#include <array>
#include <limits>

namespace weighbridge {

namespace {

constexpr double no_bound = std::numeric_limits<double>::infinity();

constexpr std::array<BookTier, 7> tiers = {{
    {24, "RTX 4090 or RTX 5090", {"rtx_4090", "rtx_5090"}},
    {80, "A100 or H100", {"a100_sxm_80", "h100_sxm_80"}},
    {141, "H200", {"h200_sxm_141"}},
    {180, "B200", {"b200_sxm"}},
    {288, "B300", {"b300_sxm"}},
    {512, "Mac Studio M3 Ultra, or two to four data center GPUs", {"m3_ultra"}},
    {no_bound, "several GPUs", {}},
}};

constexpr std::array<BookQuantization, 3> quantizations = {{
    {"fp8", "The best default on data center GPUs: half of BF16, without measurable loss.",
     "Half of BF16 without measurable loss; usually the best choice for models of this size.", ""},
    {"nvfp4", "For Blackwell GPUs (B200, B300): the fastest, and usually at most 1 % less accurate on large models.",
     "", ""},
    {"gptq_4bit_g128", "About a quarter of BF16, on every generation of GPUs.",
     "About a quarter of BF16, but models of this size can lose noticeably; FP8 or INT8 is usually better.",
     "About a quarter of BF16, on every generation of GPUs; acceptable for most models of this size."},
}};

} // namespace

BookOverhead book_overhead(bool trains)
{
    return trains ? BookOverhead{0.20, 0.30} : BookOverhead{0.15, 0.15};
}

std::span<const BookTier> book_tiers()
{
    return tiers;
}

const BookTier& book_tier(double bytes)
{
    constexpr double bytes_per_gb = 1e9;
    const auto* found = std::find_if(tiers.begin(), tiers.end(),
                                     [&](const BookTier& tier) { return bytes / bytes_per_gb < tier.below_gb; });
    return found != tiers.end() ? *found : tiers.back();
}

std::span<const BookQuantization> book_quantizations()
{
    return quantizations;
}

std::string_view book_advice(std::string_view format, std::int64_t parameters)
{
    const auto* found = std::find_if(quantizations.begin(), quantizations.end(),
                                     [&](const BookQuantization& row) { return row.format == format; });
    if (found == quantizations.end())
        return {};
    if (parameters <= small_model && !found->for_small.empty())
        return found->for_small;
    if (parameters >= large_model && !found->for_large.empty())
        return found->for_large;
    return found->advice;
}

} // namespace weighbridge
