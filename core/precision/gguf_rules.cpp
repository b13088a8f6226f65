#include "core/precision/gguf_rules.h"

#include "core/quantity/text.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

const Attention* attention_of(const Layer& layer)
{
    return first_of<Attention>(layer.mixers);
}

const LatentAttention* latent_of(const Layer& layer)
{
    return first_of<LatentAttention>(layer.mixers);
}

/// Families whose GGUF files hold queries, keys and values as one tensor, although they may be three in a checkpoint.
bool fuses_qkv(const Architecture& architecture)
{
    static constexpr std::array<std::string_view, 10> fused = {"phi3", "gpt2",        "gpt_neox", "bloom", "falcon",
                                                               "mpt",  "gpt_bigcode", "dbrx",     "qwen",  "chatglm"};
    return std::find(fused.begin(), fused.end(), architecture.family) != fused.end();
}

GgufRole role_of_attention(const Architecture& architecture, std::string_view name, const Tensor& tensor)
{
    if (has_part(name, {"in_proj_qkv", "qkv_proj", "query_key_value", "c_attn", "Wqkv"}))
        return GgufRole::attn_qkv;
    const bool query = has_part(name, {".q_proj", "self_attn.query", "attention.wq"});
    const bool key = has_part(name, {".k_proj", "attention.wk"}), value = has_part(name, {".v_proj", "attention.wv"});
    if (has_part(name, {"indexer", "compressor"}))
        return GgufRole::other;
    if ((query || key || value) && fuses_qkv(architecture))
        return GgufRole::attn_qkv;
    if (query)
        return GgufRole::attn_q;
    if (key)
        return GgufRole::attn_k;
    if (value)
        return GgufRole::attn_v;
    const bool recurrent = has_part(name, {"linear_attn", "mamba", "mixer.", "conv."});
    return tensor.rows.symbol == "h" && !recurrent ? GgufRole::attn_output : GgufRole::other;
}

GgufRole role_of(const Architecture& architecture, const Tensor& tensor)
{
    const std::string_view name = tensor.name;
    const bool matrix = !tensor.columns.symbol.empty();
    if (tensor.part == Part::vision)
        return GgufRole::kept_16;
    if (!matrix || tensor.part == Part::router || tensor.part == Part::norms ||
        has_part(name, {"conv1d", "conv.conv", "norm.weight", "A_log", ".bias"}))
        return GgufRole::kept_f32;
    if (has_part(name, {"altup", "laurel", "per_layer_model_projection"}))
        return GgufRole::kept_16;
    if (has_part(name, {"lm_head", "embed_out"}))
        return GgufRole::output;
    if (has_part(name, {"position_embeddings", "embed_positions", "wpe"}))
        return GgufRole::kept_f32;
    if (tensor.part == Part::embedding)
        return GgufRole::embedding;
    if (tensor.part == Part::attention)
        return role_of_attention(architecture, name, tensor);
    if (has_part(name, {"gate_proj", "experts.w1", "linear_v"}))
        return GgufRole::ffn_gate;
    return tensor.rows.symbol == "h" ? GgufRole::ffn_down : GgufRole::ffn_up;
}

/// More bits for the first and the last eighth of the tensors, and for every third between.
bool more_bits(std::int64_t i, std::int64_t n)
{
    return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2;
}

std::string_view fallback(std::string_view type)
{
    if (type.starts_with("IQ"))
        return "IQ4_NL";
    if (type == "Q4_K")
        return "Q5_0";
    if (type == "Q5_K")
        return "Q5_1";
    if (type == "Q6_K")
        return "Q8_0";
    return "Q4_0";
}

} // namespace

std::vector<GgufPiece> gguf_pieces(const Architecture& architecture, const Tensor& tensor)
{
    const bool experts = tensor.copies.value > 1 || tensor.part == Part::experts;
    if (tensor.name.find("kv_b_proj") != std::string::npos && tensor.kind < architecture.kinds.size())
        if (const auto* latent = latent_of(architecture.kinds[tensor.kind])) {
            // One matrix per head each; that of the keys is written transposed.
            const auto nope = static_cast<double>(latent->qk_nope_head_dim);
            const auto value = static_cast<double>(latent->v_head_dim);
            return {{GgufRole::other, nope / (nope + value), latent->qk_nope_head_dim, true},
                    {GgufRole::other, value / (nope + value), latent->kv_lora_rank, true}};
        }
    return {{role_of(architecture, tensor), 1, tensor.columns.value, experts}};
}

GgufRules::GgufRules(const GgufMixName& mix, bool imatrix, const Architecture& architecture,
                     const std::vector<Tensor>& tensors)
    : mix_(mix.mix), base_(mix.base), maker_(mix.maker), imatrix_(imatrix), tied_(architecture.tie_word_embeddings),
      falcon_(architecture.family == "falcon"), layers_(architecture.layers())
{
    for (const Tensor& tensor : tensors)
        if (tensor.part == Part::experts)
            experts_ = std::max(experts_, tensor.copies.value);
    for (const LayerRun& run : architecture.runs)
        if (const auto* attention = attention_of(architecture.kinds[run.kind])) {
            queries_per_key_ = attention->heads / std::max<std::int64_t>(attention->kv_heads, 1);
            break;
        }
    seventy_b_ = layers_ == 80 && experts_ == 0 && queries_per_key_ > 1;
}

bool GgufRules::is(std::initializer_list<GgufMix> mixes) const
{
    return std::find(mixes.begin(), mixes.end(), mix_) != mixes.end();
}

const StoredType& GgufRules::type(const GgufPiece& piece, std::int64_t layer)
{
    static const StoredType& f16 = *ggml_type("F16");
    if (piece.role == GgufRole::kept_f32)
        return *ggml_type("F32");
    if (is({GgufMix::f32, GgufMix::f16, GgufMix::bf16}))
        return *ggml_type(base_);
    if (piece.role == GgufRole::kept_16)
        return f16;
    const StoredType* type = ggml_type(chosen(piece, layer));
    if (piece.row_length % type->block != 0)
        type = ggml_type(fallback(type->name));
    return piece.row_length % type->block != 0 ? f16 : *type;
}

std::string_view GgufRules::chosen(const GgufPiece& piece, std::int64_t layer)
{
    if (mix_ == GgufMix::only)
        return base_;
    if (maker_ && experts_ > 0)
        return piece.experts ? base_ : "Q8_0";
    if (piece.role == GgufRole::output || (tied_ && piece.role == GgufRole::embedding))
        return of_output(piece);
    if (mix_ == GgufMix::mxfp4_moe)
        return piece.experts ? "MXFP4" : "Q8_0";
    if (piece.role == GgufRole::embedding)
        return of_embedding();
    if (is({GgufMix::iq1_s, GgufMix::iq1_m, GgufMix::iq2_xxs, GgufMix::iq2_xs, GgufMix::iq2_s, GgufMix::iq2_m}))
        return in_low_bits(piece.role);
    const bool middle = layer >= layers_ / 8 && layer < 7 * layers_ / 8;
    switch (piece.role) {
    case GgufRole::attn_v:
    case GgufRole::attn_qkv:
        return of_values();
    case GgufRole::attn_k:
        if (experts_ == 8)
            return "Q8_0";
        [[fallthrough]];
    case GgufRole::attn_q:
        return mix_ == GgufMix::iq3_xs ? "IQ3_XXS" : mix_ == GgufMix::iq3_xxs ? "IQ2_S" : base_;
    case GgufRole::attn_output:
        return of_attn_output();
    case GgufRole::ffn_down:
        return of_ffn_down(layer);
    case GgufRole::ffn_gate:
    case GgufRole::ffn_up:
        return mix_ == GgufMix::iq3_xs && middle ? "IQ3_XXS" : base_;
    default:
        return base_;
    }
}

std::string_view GgufRules::of_output(const GgufPiece& piece) const
{
    if (mix_ == GgufMix::mxfp4_moe || falcon_ || piece.row_length % ggml_type(base_)->block != 0)
        return "Q8_0";
    if (is({GgufMix::iq1_s, GgufMix::iq1_m, GgufMix::iq2_xxs, GgufMix::iq2_xs, GgufMix::iq2_s, GgufMix::iq2_m,
            GgufMix::iq3_xxs}))
        return "Q5_K";
    return base_ == "Q8_0" ? "Q8_0" : "Q6_K";
}

std::string_view GgufRules::of_embedding() const
{
    if (is({GgufMix::iq1_s, GgufMix::iq1_m, GgufMix::iq2_xxs, GgufMix::iq2_xs}))
        return "Q2_K";
    if (is({GgufMix::iq2_s, GgufMix::iq2_m, GgufMix::iq3_xxs}))
        return "IQ3_S";
    return is({GgufMix::tq1_0, GgufMix::tq2_0, GgufMix::q2_0}) ? "Q4_K" : base_;
}

std::string_view GgufRules::in_low_bits(GgufRole role)
{
    const bool wider = is({GgufMix::iq2_s, GgufMix::iq2_m});
    const std::string_view raised = wider ? "IQ3_S" : "Q2_K";
    switch (role) {
    case GgufRole::attn_v:
    case GgufRole::attn_qkv:
        return queries_per_key_ >= 4 || experts_ >= 4 ? "Q4_K" : raised;
    case GgufRole::attn_k:
        return experts_ == 8 ? "Q4_K" : base_;
    case GgufRole::ffn_down:
        return downs_seen_++ < layers_ / 8 ? raised : base_;
    case GgufRole::attn_output:
        if (experts_ == 8)
            return "Q5_K";
        return is({GgufMix::iq1_s, GgufMix::iq1_m}) ? "IQ2_XXS" : wider ? "IQ3_S" : base_;
    default:
        return base_;
    }
}

std::string_view GgufRules::of_values()
{
    const std::int64_t i = values_seen_++;
    const bool grouped = queries_per_key_ >= 4;
    std::string_view type = base_;
    if (mix_ == GgufMix::q2_k)
        type = grouped ? "Q4_K" : "Q3_K";
    else if (is({GgufMix::q2_k_s, GgufMix::iq3_xs, GgufMix::iq3_s}))
        type = grouped ? "Q4_K" : base_;
    else if (mix_ == GgufMix::iq3_xxs)
        type = grouped ? "Q4_K" : imatrix_ ? "IQ3_XXS" : "IQ3_S";
    else if (mix_ == GgufMix::iq3_m)
        type = "Q4_K";
    else if (mix_ == GgufMix::q3_k_m)
        type = i < 2 ? "Q5_K" : "Q4_K";
    else if (mix_ == GgufMix::q3_k_l || (mix_ == GgufMix::q4_k_s && i < 4))
        type = "Q5_K";
    else if (is({GgufMix::iq4_nl, GgufMix::iq4_xs}))
        type = grouped ? "Q5_K" : base_;
    else if (is({GgufMix::q4_k_m, GgufMix::q5_k_m}) && more_bits(i, values))
        type = "Q6_K";
    if (seventy_b_ && (type == "Q3_K" || type == "Q4_K"))
        type = "Q5_K";
    return experts_ == 8 ? "Q8_0" : type;
}

std::string_view GgufRules::of_ffn_down(std::int64_t layer)
{
    // Tensors are counted, but for models with experts, where a layer has several.
    const std::int64_t i = experts_ > 1 ? layer : downs_seen_++, n = layers_;
    const bool first_eighth = i < n / 8, more = more_bits(i, n);
    switch (mix_) {
    case GgufMix::q2_k:
        return "Q3_K";
    case GgufMix::q2_k_s:
        return first_eighth ? "Q4_K" : base_;
    case GgufMix::iq3_xxs:
        return imatrix_ ? base_ : first_eighth ? "Q4_K" : "Q3_K";
    case GgufMix::q3_k_m:
        return i < n / 16 ? "Q5_K" : !falcon_ || more ? "Q4_K" : "Q3_K";
    case GgufMix::iq3_m:
        return first_eighth || (experts_ == 8 && more) ? "Q4_K" : base_;
    case GgufMix::q3_k_l:
        return falcon_ ? "Q4_K" : "Q5_K";
    case GgufMix::q4_k_m:
        if (falcon_)
            return i < n / 16 ? "Q6_K" : more ? "Q5_K" : "Q4_K";
        return more ? "Q6_K" : base_;
    case GgufMix::q5_k_m:
        return more ? "Q6_K" : base_;
    case GgufMix::iq4_nl:
    case GgufMix::iq4_xs:
        return first_eighth && !imatrix_ ? "Q5_K" : base_;
    case GgufMix::q4_k_s:
        return first_eighth && !falcon_ ? "Q5_K" : base_;
    case GgufMix::q4_0:
        return first_eighth && imatrix_ ? "Q4_1" : base_;
    case GgufMix::q5_0:
        return first_eighth && imatrix_ ? "Q5_1" : base_;
    default:
        return base_;
    }
}

std::string_view GgufRules::of_attn_output() const
{
    if (falcon_)
        return mix_ == GgufMix::q3_k_l ? "Q4_K" : base_;
    if (experts_ == 8) {
        const bool raised =
            is({GgufMix::q2_k, GgufMix::iq3_xs, GgufMix::iq3_xxs, GgufMix::q3_k_s, GgufMix::q3_k_m, GgufMix::iq4_nl,
                GgufMix::q4_k_s, GgufMix::q4_k_m, GgufMix::iq3_s, GgufMix::iq3_m, GgufMix::iq4_xs});
        return raised ? "Q5_K" : base_;
    }
    switch (mix_) {
    case GgufMix::q2_k:
        return "Q3_K";
    case GgufMix::iq3_xxs:
        return "IQ3_S";
    case GgufMix::q3_k_m:
    case GgufMix::iq3_m:
        return "Q4_K";
    case GgufMix::q3_k_l:
        return "Q5_K";
    default:
        return base_;
    }
}

} // namespace weighbridge
