#include "core/sources/families/dense.h"

#include <array>

// Families of equal layers, as the modeling files of transformers (or of the model's own repository) build them.

namespace weighbridge {

namespace {

constexpr DenseTraits arcee{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .mlp_bias = when("mlp_bias"), .gated = false};
/// The two learned scalars that each layer's xIELU has are not counted: the published totals lack them.
constexpr DenseTraits apertus{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .qk_norm = QkNorm::per_head, .gated = false};

void read_apertus(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    config.ignore({"qk_norm"}); // always there
    read_dense_decoder(config, network, apertus);
}

constexpr DenseTraits bare{};
constexpr DenseTraits ministral{.window = WindowRule::all};
constexpr DenseTraits cwm{.mlp_bias = when("mlp_bias"), .window = WindowRule::all};
constexpr DenseTraits helium{.qkv_bias = attention_bias, .mlp_bias = when("mlp_bias")};
/// Norms without weights (modeling_nanochat.py).
constexpr DenseTraits nanochat{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .gated = false, .norms = 0, .final_norm = false};
constexpr DenseTraits cohere{.qkv_bias = attention_bias,
                             .output_bias = attention_bias,
                             .qk_norm = QkNorm::full_width,
                             .has_qk_norm = when("use_qk_norm"),
                             .norms = 1};
constexpr DenseTraits cohere2{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .norms = 1, .window = WindowRule::every_last};
constexpr DenseTraits ernie4_5{
    .qkv_bias = when("use_bias"), .output_bias = when("use_bias"), .mlp_bias = when("use_bias")};
constexpr DenseTraits exaone4{.qk_norm = QkNorm::per_head, .window = WindowRule::every_last};
constexpr DenseTraits gemma{.qkv_bias = attention_bias, .output_bias = attention_bias};
/// attention_bias is on q, k and v only (modeling_glm.py, modeling_glm4.py).
constexpr DenseTraits glm{.qkv_bias = attention_bias};
constexpr DenseTraits glm4{.qkv_bias = attention_bias, .norms = 4};
constexpr DenseTraits glm4_biased{.qkv_bias = always, .norms = 4};
constexpr DenseTraits glm4_bare{.norms = 4};
constexpr DenseTraits granite{.qkv_bias = attention_bias, .output_bias = attention_bias, .mlp_bias = when("mlp_bias")};
constexpr DenseTraits granite_swa{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .mlp_bias = when("mlp_bias"), .window = WindowRule::all};

/// Granite with a sink per head (modeling_granite_swa.py).
void read_granite_swa(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_dense_decoder(config, network, granite_swa);
    for (Layer& layer : network.kinds)
        for (Mixer& mixer : layer.mixers)
            if (auto* attention = std::get_if<Attention>(&mixer))
                attention->sinks = true;
}

constexpr DenseTraits post_normed{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .mlp_bias = when("mlp_bias"), .norms = 4};

/// Granite, with norms behind attention and network where use_post_norm says so (modeling_hyperclovax.py).
void read_hyperclovax(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_dense_decoder(config, network, config.flag("use_post_norm", true) ? post_normed : granite);
}

/// Two heads that are subtracted, weighed by four learned vectors (modeling_diffllama.py).
void read_diffllama(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_dense_decoder(config, network, granite);
    const std::int64_t head_dim = read_attention(config).head_dim;
    for (Layer& layer : network.kinds)
        layer.extras.push_back(
            vector_tensor("self_attn.lambda", Part::attention, {4 * head_dim, "4·d"}, Sharding::replicated));
}

/// Mistral, with a norm whose weights follow from the time by way of 32 numbers (modeling_voxtral_realtime.py).
void read_voxtral_realtime(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    constexpr std::int64_t narrow = 32;
    read_dense_decoder(config, network, ministral);
    for (Layer& layer : network.kinds)
        layer.extras.push_back(matrix_tensor("ada_rms_norm.weight", Part::norms, {2 * network.hidden_size, "2·h"},
                                             {narrow, "32"}, Sharding::replicated));
}

/// As Llama, without a gate (modeling_cosmos3_edge.py).
constexpr DenseTraits cosmos3_edge{.qkv_bias = attention_bias, .mlp_bias = when("mlp_bias"), .gated = false};
constexpr DenseTraits hunyuan{.qkv_bias = attention_bias, .output_bias = attention_bias, .qk_norm = QkNorm::per_head};
constexpr DenseTraits internlm{.qkv_bias = when("bias"), .output_bias = when("bias")};
constexpr DenseTraits internlm3{.qkv_bias = when("qkv_bias"), .output_bias = when("bias"), .mlp_bias = when("bias")};
constexpr DenseTraits nemotron{.qkv_bias = attention_bias,
                               .output_bias = attention_bias,
                               .mlp_bias = when("mlp_bias"),
                               .gated = false,
                               .norm_bias = true};
/// LayerNorm without weights (modeling_olmo.py).
constexpr DenseTraits olmo{.qkv_bias = attention_bias, .output_bias = attention_bias, .norms = 0, .final_norm = false};
constexpr DenseTraits olmo2{.qkv_bias = attention_bias, .output_bias = attention_bias, .qk_norm = QkNorm::full_width};
constexpr DenseTraits olmo3{.qkv_bias = attention_bias,
                            .output_bias = attention_bias,
                            .qk_norm = QkNorm::full_width,
                            .window = WindowRule::every_last};
constexpr DenseTraits seed_oss{
    .qkv_bias = attention_bias, .output_bias = when("attention_out_bias"), .mlp_bias = when("mlp_bias")};
constexpr DenseTraits starcoder2{.qkv_bias = when("use_bias"),
                                 .output_bias = when("use_bias"),
                                 .mlp_bias = when("use_bias"),
                                 .gated = false,
                                 .norm_bias = true,
                                 .window = WindowRule::all};
constexpr DenseTraits vaultgemma{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .window = WindowRule::every_last, .pattern = 2};

} // namespace

std::span<const Family> plain_families()
{
    static constexpr std::array rows = {
        Family{"apertus", "", "apertus", read_apertus},
        Family{"arcee", "", "arcee", read_dense_family<arcee>},
        Family{"baichuan", "", "baichuan", read_dense_family<bare>},
        Family{"codellama", "", "llama", read_dense_family<granite>},
        Family{"cohere", "", "cohere", read_dense_family<cohere>},
        Family{"cohere2", "", "cohere2", read_dense_family<cohere2>},
        Family{"ernie4_5", "", "ernie4_5", read_dense_family<ernie4_5>},
        Family{"exaone", "", "exaone", read_dense_family<granite>},
        Family{"exaone_text", "", "exaone", read_dense_family<granite>},
        Family{"exaone4", "", "exaone4", read_dense_family<exaone4>},
        Family{"gemma", "", "gemma", read_dense_family<gemma>},
        Family{"glm", "", "glm", read_dense_family<glm>},
        Family{"glm4", "", "glm4", read_dense_family<glm4>},
        Family{"granite", "", "granite", read_dense_family<granite>},
        Family{"hunyuan_v1_dense", "", "hunyuan_v1_dense", read_dense_family<hunyuan>},
        Family{"internlm", "", "internlm", read_dense_family<internlm>},
        Family{"internlm2", "", "internlm2", read_dense_family<internlm>},
        Family{"internlm3", "", "internlm3", read_dense_family<internlm3>},
        Family{"minicpm", "", "minicpm", read_dense_family<bare>},
        Family{"ministral", "", "ministral", read_dense_family<ministral>},
        Family{"ministral3", "", "ministral3", read_dense_family<ministral>},
        Family{"nemotron", "", "nemotron", read_dense_family<nemotron>},
        Family{"olmo", "", "olmo", read_dense_family<olmo>},
        Family{"olmo2", "", "olmo2", read_dense_family<olmo2>},
        Family{"olmo3", "", "olmo3", read_dense_family<olmo3>},
        Family{"phi4", "", "phi3", read_dense_family<ministral>},
        Family{"seed_oss", "", "seed_oss", read_dense_family<seed_oss>},
        Family{"smollm3", "", "smollm3", read_dense_family<granite>},
        Family{"starcoder2", "", "starcoder2", read_dense_family<starcoder2>},
        Family{"vaultgemma", "", "vaultgemma", read_dense_family<vaultgemma>},
        Family{"apertus1p5_text", "", "apertus1p5_text", read_apertus},
        Family{"cosmos3_edge_text", "", "cosmos3_edge_text", read_dense_family<cosmos3_edge>},
        Family{"cwm", "", "cwm", read_dense_family<cwm>},
        Family{"diffllama", "", "diffllama", read_diffllama},
        Family{"glm4v_text", "", "glm4v_text", read_dense_family<glm4_biased>},
        Family{"glm_ocr_text", "", "glm_ocr_text", read_dense_family<glm4_bare>},
        Family{"granite_docling_text", "", "granite_docling_text", read_dense_family<granite>},
        Family{"granite_swa", "", "granite_swa", read_granite_swa},
        Family{"helium", "", "helium", read_dense_family<helium>},
        Family{"hyperclovax", "", "hyperclovax", read_hyperclovax},
        Family{"iquestcoder", "", "llama", read_dense_family<granite>},
        Family{"nanochat", "", "nanochat", read_dense_family<nanochat>},
        Family{"paddleocr_vl_text", "", "paddleocr_vl_text", read_dense_family<ernie4_5>},
        Family{"voxtral_realtime_text", "", "voxtral_realtime_text", read_voxtral_realtime},
        Family{"yi", "", "llama", read_dense_family<granite>},
    };
    return rows;
}

} // namespace weighbridge
