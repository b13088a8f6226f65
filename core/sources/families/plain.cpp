#include "core/sources/families/dense.h"

// Families of equal layers, as the modeling files of transformers (or of the model's own repository) build them.

namespace weighbridge {

namespace {

constexpr DenseTraits arcee{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .mlp_bias = when("mlp_bias"), .gated = false};
/// The two learned scalars that each layer's xIELU has are not counted: 64 numbers of eight billion.
constexpr DenseTraits apertus{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .qk_norm = QkNorm::per_head, .gated = false};

void read_apertus(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    config.ignore({"qk_norm"}); // always there
    read_dense_decoder(config, network, apertus);
}

constexpr DenseTraits bare{};
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
constexpr DenseTraits granite{.qkv_bias = attention_bias, .output_bias = attention_bias, .mlp_bias = when("mlp_bias")};
constexpr DenseTraits hunyuan{.qkv_bias = attention_bias, .output_bias = attention_bias, .qk_norm = QkNorm::per_head};
constexpr DenseTraits internlm{.qkv_bias = when("bias"), .output_bias = when("bias")};
constexpr DenseTraits internlm3{.qkv_bias = when("qkv_bias"), .output_bias = when("bias"), .mlp_bias = when("bias")};
constexpr DenseTraits ministral{.window = WindowRule::all};
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

const Family apertus_family{"apertus", "", "apertus", read_apertus};
const Family arcee_family{"arcee", "", "arcee", read_dense_family<arcee>};
const Family baichuan_family{"baichuan", "", "baichuan", read_dense_family<bare>};
const Family codellama_family{"codellama", "", "llama", read_dense_family<granite>};
const Family cohere_family{"cohere", "", "cohere", read_dense_family<cohere>};
const Family cohere2_family{"cohere2", "", "cohere2", read_dense_family<cohere2>};
const Family ernie4_5_family{"ernie4_5", "", "ernie4_5", read_dense_family<ernie4_5>};
const Family exaone_family{"exaone", "", "exaone", read_dense_family<bare>};
const Family exaone_text_family{"exaone_text", "", "exaone", read_dense_family<bare>};
const Family exaone4_family{"exaone4", "", "exaone4", read_dense_family<exaone4>};
const Family gemma_family{"gemma", "", "gemma", read_dense_family<gemma>};
const Family glm_family{"glm", "", "glm", read_dense_family<glm>};
const Family glm4_family{"glm4", "", "glm4", read_dense_family<glm4>};
const Family granite_family{"granite", "", "granite", read_dense_family<granite>};
const Family hunyuan_v1_dense_family{"hunyuan_v1_dense", "", "hunyuan_v1_dense", read_dense_family<hunyuan>};
const Family internlm_family{"internlm", "", "internlm", read_dense_family<internlm>};
const Family internlm2_family{"internlm2", "", "internlm2", read_dense_family<internlm>};
const Family internlm3_family{"internlm3", "", "internlm3", read_dense_family<internlm3>};
const Family minicpm_family{"minicpm", "", "minicpm", read_dense_family<bare>};
const Family ministral_family{"ministral", "", "ministral", read_dense_family<ministral>};
const Family ministral3_family{"ministral3", "", "ministral3", read_dense_family<ministral>};
const Family nemotron_family{"nemotron", "", "nemotron", read_dense_family<nemotron>};
const Family olmo_family{"olmo", "", "olmo", read_dense_family<olmo>};
const Family olmo2_family{"olmo2", "", "olmo2", read_dense_family<olmo2>};
const Family olmo3_family{"olmo3", "", "olmo3", read_dense_family<olmo3>};
const Family phi4_family{"phi4", "", "phi3", read_dense_family<ministral>};
const Family seed_oss_family{"seed_oss", "", "seed_oss", read_dense_family<seed_oss>};
const Family smollm3_family{"smollm3", "", "smollm3", read_dense_family<granite>};
const Family starcoder2_family{"starcoder2", "", "starcoder2", read_dense_family<starcoder2>};
const Family vaultgemma_family{"vaultgemma", "", "vaultgemma", read_dense_family<vaultgemma>};
const Family yi_family{"yi", "", "llama", read_dense_family<granite>};

} // namespace weighbridge
