#include "core/engines/mlx/networks.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

namespace weighbridge {

namespace {

/// Of mlx-lm 0.32.2: mlx_lm/models and MODEL_REMAPPING. Their make_cache() has caches of its own kinds.
constexpr std::array<std::string_view, 62> makers = {{"afm7",
                                                      "afmoe",
                                                      "baichuan_m1",
                                                      "bailing_hybrid",
                                                      "bailing_moe_linear",
                                                      "bailing_moe_v3",
                                                      "cohere2",
                                                      "deepseek_v32",
                                                      "deepseek_v41",
                                                      "deepseek_v41_text",
                                                      "exaone4",
                                                      "exaone_moe",
                                                      "falcon_h1",
                                                      "falcon_mamba",
                                                      "gear",
                                                      "gemma3",
                                                      "gemma3_text",
                                                      "gemma3n",
                                                      "gemma4",
                                                      "gemma4_text",
                                                      "gemma4_unified",
                                                      "glm_moe_dsa",
                                                      "gpt_oss",
                                                      "granitemoehybrid",
                                                      "iquestcoder",
                                                      "iquestloopcoder",
                                                      "jamba",
                                                      "kimi_k3",
                                                      "kimi_linear",
                                                      "laguna",
                                                      "lfm2",
                                                      "lfm2-vl",
                                                      "lfm2_moe",
                                                      "llama",
                                                      "llama4",
                                                      "longcat_flash",
                                                      "longcat_flash_ngram",
                                                      "mamba",
                                                      "mamba2",
                                                      "mellum",
                                                      "mimo_v2_flash",
                                                      "minimax_m3_vl",
                                                      "ministral3",
                                                      "mistral",
                                                      "muse_glimmer",
                                                      "muse_spark",
                                                      "nanbeige",
                                                      "nemotron-nas",
                                                      "nemotron_h",
                                                      "olmo3",
                                                      "olmo_hybrid",
                                                      "plamo2",
                                                      "plamo3",
                                                      "prism_hadamard_qwen35",
                                                      "qwen3_5",
                                                      "qwen3_5_moe",
                                                      "qwen3_next",
                                                      "recurrent_gemma",
                                                      "rwkv7",
                                                      "spark2_5",
                                                      "step3p5",
                                                      "xverse"}};

/// Networks whose caches mlx-lm makes: a KVCache for every layer, or rotating ones of --max-kv-size.
constexpr std::array<std::string_view, 76> takers = {{"Klear",
                                                      "apertus",
                                                      "bailing_moe",
                                                      "bitnet",
                                                      "cohere",
                                                      "dbrx",
                                                      "deepseek",
                                                      "deepseek_v2",
                                                      "deepseek_v3",
                                                      "dots1",
                                                      "ernie4_5",
                                                      "ernie4_5_moe",
                                                      "exaone",
                                                      "gemma",
                                                      "gemma2",
                                                      "glm",
                                                      "glm4",
                                                      "glm4_moe",
                                                      "glm4_moe_lite",
                                                      "gpt2",
                                                      "gpt_bigcode",
                                                      "gpt_neox",
                                                      "gptj",
                                                      "granite",
                                                      "granitemoe",
                                                      "helium",
                                                      "hunyuan",
                                                      "hunyuan_v1_dense",
                                                      "internlm2",
                                                      "internlm3",
                                                      "joyai_llm_flash",
                                                      "kimi_k2",
                                                      "kimi_k25",
                                                      "kimi_vl",
                                                      "lille-130m",
                                                      "llama4_text",
                                                      "llava",
                                                      "mimo",
                                                      "minicpm",
                                                      "minicpm3",
                                                      "minimax",
                                                      "minimax_m2",
                                                      "mistral3",
                                                      "mistral4",
                                                      "mixtral",
                                                      "nanochat",
                                                      "nemotron",
                                                      "olmo",
                                                      "olmo2",
                                                      "olmoe",
                                                      "openelm",
                                                      "phi",
                                                      "phi-msft",
                                                      "phi3",
                                                      "phi3small",
                                                      "phimoe",
                                                      "phixtral",
                                                      "pixtral",
                                                      "plamo",
                                                      "qwen",
                                                      "qwen2",
                                                      "qwen2_5_vl",
                                                      "qwen2_moe",
                                                      "qwen2_vl",
                                                      "qwen3",
                                                      "qwen3_moe",
                                                      "qwen3_vl",
                                                      "qwen3_vl_moe",
                                                      "seed_oss",
                                                      "smollm3",
                                                      "solar_open",
                                                      "stablelm",
                                                      "starcoder2",
                                                      "talkie",
                                                      "telechat3",
                                                      "youtu_llm"}};

/// Whose windowed layers have rotating caches; llama's by its layer_types.
constexpr std::array<std::string_view, 27> rotating = {
    "afmoe",       "baichuan_m1",     "cohere2",       "exaone4",     "exaone_moe",     "gear",       "gemma3",
    "gemma3_text", "gemma3n",         "gemma4",        "gemma4_text", "gemma4_unified", "gpt_oss",    "laguna",
    "llama",       "mellum",          "mimo_v2_flash", "ministral3",  "muse_glimmer",   "muse_spark", "olmo3",
    "plamo3",      "recurrent_gemma", "spark2_5",      "step3p5",     "iquestcoder",    "xverse"};

/// Whose latent attention spreads keys and values out before it caches them.
constexpr std::array<std::string_view, 3> spread_out = {"deepseek_v2", "minicpm3", "youtu_llm"};

constexpr std::array<std::string_view, 3> sparse = {"deepseek_v32", "glm_moe_dsa", "minimax_m3_vl"};
/// One CacheList a layer, which has no to_quantized().
constexpr std::array<std::string_view, 3> lists = {"falcon_h1", "longcat_flash", "longcat_flash_ngram"};

bool has(std::span<const std::string_view> names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Heads and widths of a network's latent attention, spread out.
const LatentAttention* latent_of(const Architecture& architecture)
{
    for (const Layer& layer : architecture.kinds)
        if (const auto* latent = first_of<LatentAttention>(layer.mixers))
            return latent;
    return nullptr;
}

/// Every layer of latent attention has the indexer that some of them have.
void give_indexers(Architecture& architecture)
{
    for (Layer& layer : architecture.kinds)
        for (Mixer& mixer : layer.mixers)
            if (auto* latent = std::get_if<LatentAttention>(&mixer); latent != nullptr && latent->indexer.heads > 0)
                latent->indexer.owned = true;
}

/// fp32 states of gated delta networks and Mamba-2 (models/gated_delta.py, ssm.py); others are as wide as the network
/// computes. Convolutions keep their last inputs in 16 bits.
double bytes_of_state(const CacheRun& run)
{
    const bool wide = run.id == "gated_delta_net" || run.id == "mamba2" || run.id == "kimi_delta";
    return static_cast<double>(run.conv_elements()) * 2 + static_cast<double>(run.state_elements) * (wide ? 4 : 2);
}

} // namespace

MlxFamily mlx_family(const Architecture& architecture, bool latent_caches)
{
    const std::string_view name = architecture.family;
    MlxFamily family;
    family.makes_caches = has(makers, name);
    family.known = family.makes_caches || has(takers, name) || name == "generic";
    family.rotates = has(rotating, name);
    family.latent = latent_caches && !has(spread_out, name);
    family.sparse = has(sparse, name);
    return family;
}

bool mlx_may_tie_head(const Architecture& architecture)
{
    return architecture.family == "gemma3" || architecture.family == "gemma3_text";
}

ModelPointer mlx_network(const Model& model, bool converted)
{
    Architecture built = model.architecture;
    if (converted && mlx_may_tie_head(built))
        built.tie_word_embeddings = false; // models/gemma3_text.py
    if (mlx_family(built).sparse)
        give_indexers(built); // models/deepseek_v32.py
    if (built == model.architecture)
        return nullptr;
    return make_model(model.name, std::move(built));
}

MlxCache mlx_cache(const Architecture& architecture, const MlxFamily& family, const CacheRun& run,
                   std::int64_t max_kv_size)
{
    MlxCache cache;
    cache.layers = run.layers;
    cache.run = &run;
    if (run.kind == CacheKind::state) {
        cache.kind = MlxCacheKind::arrays;
        cache.state_bytes = bytes_of_state(run);
        return cache;
    }
    cache.numbers = run.entry_elements();
    cache.narrowest = std::min(run.key_dim, run.value_dim);
    cache.quantizable = !family.sparse && !has(lists, architecture.family);
    const LatentAttention* latent = run.kind == CacheKind::compressed ? latent_of(architecture) : nullptr;
    if (latent != nullptr && !family.latent) {
        const std::int64_t keys = latent->qk_nope_head_dim + latent->qk_rope_head_dim;
        cache.numbers = latent->heads * (keys + latent->v_head_dim);
        cache.narrowest = std::min(keys, latent->v_head_dim);
    }
    if (family.sparse && run.index_dim > 0)
        cache.numbers += 2 * run.index_dim; // its values are zeros of the keys' shape
    if (!family.makes_caches && max_kv_size > 0) {
        cache.kind = MlxCacheKind::rotating;
        cache.window = max_kv_size;
    } else if (run.kind == CacheKind::windowed && run.id == "chunked") {
        cache.kind = family.makes_caches ? MlxCacheKind::chunked : MlxCacheKind::growing;
        cache.window = run.window;
        cache.quantizable = false;
    } else if (run.kind == CacheKind::windowed && family.rotates) {
        cache.kind = MlxCacheKind::rotating;
        cache.window = run.window;
    }
    return cache;
}

} // namespace weighbridge
