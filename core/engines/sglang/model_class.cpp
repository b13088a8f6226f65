#include "core/engines/sglang/model_class.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace weighbridge::sglang {

namespace {

using Families = std::vector<std::string_view>;

bool among(const Families& families, std::string_view family)
{
    return std::find(families.begin(), families.end(), family) != families.end();
}

/// configs/model_config.py, multimodal_model_archs without those that take text alone unless told otherwise.
bool is_multimodal(const Architecture& architecture)
{
    static const Families families = {"gemma3n",  "gemma4",      "kimi_k25",     "kimi_k3",       "kimi_vl",
                                      "mistral3", "mllama",      "qwen2_vl",     "qwen2_5_vl",    "qwen3_vl",
                                      "qwen3_5",  "qwen3_5_moe", "qwen3_vl_moe", "minimax_m3_vl", "step3p7"};
    return among(families, architecture.family) || (architecture.family == "mimo_v2" && architecture.vision);
}

bool has_kimi_delta(const Architecture& architecture)
{
    return any_mixer(architecture, [](const Mixer& mixer) {
        const auto* recurrent = std::get_if<Recurrent>(&mixer);
        return recurrent != nullptr && recurrent->kind == RecurrentKind::kimi_delta;
    });
}

/// Of networks that take images only a few are captured.
bool captures_prefill(const Architecture& architecture, bool multimodal)
{
    static const Families validated = {"kimi_k25", "minimax_m3_vl", "qwen3_5", "qwen3_5_moe"};
    if (architecture.family == "deepseek_v4" || has_kimi_delta(architecture))
        return false;
    return !multimodal || among(validated, architecture.family);
}

struct WindowPool
{
    std::string_view family;
    Release from;
};

bool has_window_pool(std::string_view family, Release release)
{
    static constexpr WindowPool pools[] = {
        {"llama4", {0, 4, 6}},       {"llama4_text", {0, 4, 6}}, {"mimo_v2_flash", {0, 5, 7}}, {"mimo_v2", {0, 5, 7}},
        {"gpt_oss", {0, 5, 8}},      {"step3p5", {0, 5, 9}},     {"deepseek_v4", {0, 5, 12}},  {"gemma4", {0, 5, 12}},
        {"gemma4_text", {0, 5, 12}}, {"laguna", {0, 5, 12}},     {"step3p7", {0, 5, 14}}};
    return std::any_of(std::begin(pools), std::end(pools),
                       [&](const WindowPool& pool) { return pool.family == family && release >= pool.from; });
}

/// models/*.py of 0.5.23 that ask for the ranks of attention (get_parallel().attn_tp_size).
bool splits_attention(std::string_view family)
{
    static const Families families = {"bailing_moe",    "bailing_moe_v2", "bailing_moe_linear",
                                      "bailing_hybrid", "deepseek_v2",    "deepseek_v3",
                                      "deepseek_v32",   "deepseek_v4",    "kimi_k2",
                                      "moonlight",      "exaone_moe",     "falcon_h1",
                                      "glm4",           "glm4_moe",       "glm4_moe_lite",
                                      "glm_moe_dsa",    "gpt_oss",        "kimi_k25",
                                      "kimi_k3",        "kimi_vl",        "kimi_linear",
                                      "laguna",         "llama4",         "llama4_text",
                                      "longcat_flash",  "mimo",           "mimo_v2",
                                      "mimo_v2_flash",  "minimax_m2",     "minimax_m3",
                                      "minimax_m3_vl",  "nemotron_h",     "phimoe",
                                      "qwen2",          "qwen2_moe",      "qwen2_vl",
                                      "qwen2_5_vl",     "qwen3",          "qwen3_5",
                                      "qwen3_5_moe",    "qwen3_5_text",   "qwen3_5_moe_text",
                                      "qwen3_moe",      "qwen3_next",     "qwen3_vl",
                                      "qwen3_vl_text",  "qwen3_vl_moe",   "qwen3_vl_moe_text",
                                      "step3p5",        "step3p7"};
    return among(families, family);
}

} // namespace

ModelClass model_class(const Architecture& architecture, Release release)
{
    static const Families gemmas = {"gemma3", "gemma3_text", "gemma3n", "gemma3n_text", "gemma4", "gemma4_text"};
    static const Families float_routers = {"glm4_moe", "longcat_flash", "hy_v3",     "laguna",
                                           "mimo_v2",  "mimo_v2_flash", "minimax_m2"};
    static const Families heads_everywhere = {"glm4_moe", "gpt_oss", "llama", "ministral", "ministral3", "mistral",
                                              "mixtral",  "phi3",    "phi4",  "qwen2_moe", "qwen3_moe"};
    static const Families buffered = {
        "bailing_hybrid",   "bailing_moe_linear", "falcon_h1", "granitemoehybrid", "kimi_linear",
        "kimi_k3",          "nemotron_h",         "qwen3_5",   "qwen3_5_moe",      "qwen3_5_text",
        "qwen3_5_moe_text", "qwen3_next"};
    static const Families other_draft_keys = {"qwen3_next",       "qwen3_5",    "qwen3_5_moe", "qwen3_5_text",
                                              "qwen3_5_moe_text", "minimax_m2", "nemotron_h"};
    static const Families whole_when_split = {
        "bailing_hybrid", "bailing_moe_linear", "deepseek_v4",      "exaone_moe", "qwen3_5",
        "qwen3_5_moe",    "qwen3_5_text",       "qwen3_5_moe_text", "step3p5"};
    static const Families without_a_class = {"arctic",    "bitnet",  "bloom",     "dots1", "falcon",
                                             "flex_olmo", "glm",     "gpt_neox",  "mpt",   "nemotron",
                                             "seed_oss",  "smollm3", "solar_open"};
    const std::string_view family = architecture.family;
    ModelClass made;
    made.multimodal = is_multimodal(architecture);
    made.prefill_graphs = captures_prefill(architecture, made.multimodal);
    made.window_pool = has_window_pool(family, release);
    made.splits_attention = splits_attention(family);
    made.whole_embedding = among(gemmas, family);
    made.whole_split_embedding = among(whole_when_split, family);
    made.whole_tower = among({"kimi_k25", "kimi_k3", "kimi_vl"}, family);
    made.loads_tower = !family.starts_with("llama4");
    made.own_key_values = family.starts_with("gemma4");
    made.head_on_every_stage = among(heads_everywhere, family);
    made.full_precision_router = among(float_routers, family);
    made.through_transformers = among(without_a_class, family);
    made.extra_state_buffer = among(buffered, family) && release >= Release{0, 5, 14};
    made.counts_draft_cache = !among(other_draft_keys, family);
    made.window_tables = among({"gemma3n", "gemma3n_text", "gemma4", "gemma4_text", "laguna", "mimo_v2",
                                "mimo_v2_flash", "olmo3", "step3p5", "step3p7"},
                               family);
    made.unstretched_table = family == "gemma3" || family == "gemma3_text";
    made.indexer_table = family == "deepseek_v32";
    made.padded_experts =
        among({"deepseek_v3", "deepseek_v32", "glm4_moe", "glm_moe_dsa", "kimi_k2", "moonlight", "qwen3_moe"}, family);
    made.makes_prediction_layer = family == "qwen3_next" || family.starts_with("qwen3_5");
    made.window_ratio = family == "deepseek_v4" ? 0.1 : 0.8;
    return made;
}

} // namespace weighbridge::sglang
