#include "core/engines/exllamav3/networks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace weighbridge {

namespace {

/// First days of releases at which rules change (the tags of turboderp-org/exllamav3).
struct ExlPublished
{
    std::string_view day;
    ExlRelease release;
};

constexpr std::array exl_published = {ExlPublished{"2025-04-06", {0, 0, 1}},  ExlPublished{"2025-05-31", {0, 0, 3}},
                                      ExlPublished{"2025-12-10", {0, 0, 18}}, ExlPublished{"2026-04-19", {0, 0, 30}},
                                      ExlPublished{"2026-07-14", {1, 0, 0}},  ExlPublished{"2026-07-25", {1, 2, 0}},
                                      ExlPublished{"2026-07-31", {1, 3, 0}},  ExlPublished{"2026-08-08", {1, 4, 1}}};

/// "2026-04" reaches to the end of that month: what follows a day's digits is more than any digit.
ExlRelease exl_release_of_day(std::string_view date)
{
    const std::string end = std::string(date) + '~';
    ExlRelease newest = exl_published.front().release;
    for (const ExlPublished& one : exl_published)
        if (one.day < end)
            newest = one.release;
    return newest;
}

struct ExlFamily
{
    std::string_view family;
    ExlNetwork network;
};

constexpr ExlNetwork plain_network{.known = true}, ring_network{.known = true, .rings = true},
    wide_network{.known = true, .wide = true}, predicting_network{.known = true, .predicts = true};

/// exllamav3 1.4.1, architecture/architectures.py: classes by the names of their configs, here by model_type; rings
/// where they make SlidingAttention, width as interm_dtype says.
constexpr std::array<ExlFamily, 58> exl_families = {{{"afmoe", plain_network},
                                                     {"apertus", wide_network},
                                                     {"arcee", plain_network},
                                                     {"codellama", wide_network},
                                                     {"cohere", wide_network},
                                                     {"cohere2", wide_network},
                                                     {"deepseek_v3", plain_network},
                                                     {"deepseek_v4", predicting_network},
                                                     {"dots1", plain_network},
                                                     {"ernie4_5", plain_network},
                                                     {"ernie4_5_moe", wide_network},
                                                     {"exaone4", plain_network},
                                                     {"gemma2", plain_network},
                                                     {"gemma3", plain_network},
                                                     {"gemma3_text", plain_network},
                                                     {"gemma4", ring_network},
                                                     {"gemma4_text", ring_network},
                                                     {"generic", plain_network},
                                                     {"glm4", plain_network},
                                                     {"glm4_moe", plain_network},
                                                     {"glm4v", plain_network},
                                                     {"glm4v_moe", plain_network},
                                                     {"gpt_oss", ring_network},
                                                     {"hy_v3", predicting_network},
                                                     {"hyperclovax", plain_network},
                                                     {"kimi_k2", plain_network},
                                                     {"laguna", {.known = true, .rings = true, .wide = true}},
                                                     {"lfm2_moe", plain_network},
                                                     {"llama", wide_network},
                                                     {"mimo", plain_network},
                                                     {"minimax_m2", plain_network},
                                                     {"ministral3", plain_network},
                                                     {"mistral", plain_network},
                                                     {"mistral3", plain_network},
                                                     {"mistral4", plain_network},
                                                     {"mixtral", plain_network},
                                                     {"moonlight", plain_network},
                                                     {"nanochat", wide_network},
                                                     {"nemotron-nas", plain_network},
                                                     {"nemotron_h", plain_network},
                                                     {"olmo3", plain_network},
                                                     {"olmo_hybrid", plain_network},
                                                     {"phi3", plain_network},
                                                     {"phi4", plain_network},
                                                     {"qwen2", plain_network},
                                                     {"qwen2_5_vl", plain_network},
                                                     {"qwen3", plain_network},
                                                     {"qwen3_5", predicting_network},
                                                     {"qwen3_5_moe", predicting_network},
                                                     {"qwen3_moe", plain_network},
                                                     {"qwen3_next", plain_network},
                                                     {"qwen3_vl", plain_network},
                                                     {"qwen3_vl_moe", plain_network},
                                                     {"seed_oss", plain_network},
                                                     {"smollm3", plain_network},
                                                     {"solar_open", plain_network},
                                                     {"step3p5", ring_network},
                                                     {"step3p7", ring_network}}};

} // namespace

ExlRelease read_exl_release(std::string_view version)
{
    while (!version.empty() && (version.front() < '0' || version.front() > '9'))
        version.remove_prefix(1);
    const std::size_t digits = std::min(version.find_first_not_of("0123456789"), version.size());
    constexpr std::size_t year = 4;
    if (digits == year)
        return exl_release_of_day(version);
    std::array<int, 3> numbers = {0, -1, -1}; // -1: not said
    const char* at = version.data();
    const char* const end = at + version.size();
    std::size_t count = 0;
    for (int& number : numbers) {
        const auto [next, status] = std::from_chars(at, end, number);
        if (status != std::errc{})
            break;
        ++count;
        at = next;
        if (at == end || *at != '.')
            break;
        ++at;
    }
    constexpr int last = 9999;
    if (count < 2)
        return newest_exl_release;
    return {numbers[0], numbers[1], numbers[2] < 0 ? last : numbers[2]};
}

ExlNetwork exl_network(const Architecture& architecture)
{
    std::string_view name = architecture.family;
    if (name.ends_with("_text") && name != "gemma3_text" && name != "gemma4_text")
        name.remove_suffix(std::string_view("_text").size());
    const auto found = std::find_if(exl_families.begin(), exl_families.end(),
                                    [&](const ExlFamily& family) { return family.family == name; });
    return found != exl_families.end() ? found->network : ExlNetwork{};
}

} // namespace weighbridge
