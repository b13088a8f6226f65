#include "core/sources/tensor_names.h"

#include "core/quantity/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace weighbridge {

namespace {

/// Names in GGUF files (llama-arch.cpp of llama.cpp) and what checkpoints of transformers call the same.
constexpr std::array<std::pair<std::string_view, std::string_view>, 31> gguf_names = {{
    {"token_embd.weight", "model.embed_tokens.weight"},
    {"output.weight", "lm_head.weight"},
    {"output_norm.weight", "model.norm.weight"},
    {"attn_norm.weight", "input_layernorm.weight"},
    {"attn_q.weight", "self_attn.q_proj.weight"},
    {"attn_k.weight", "self_attn.k_proj.weight"},
    {"attn_v.weight", "self_attn.v_proj.weight"},
    {"attn_output.weight", "self_attn.o_proj.weight"},
    {"attn_q.bias", "self_attn.q_proj.bias"},
    {"attn_k.bias", "self_attn.k_proj.bias"},
    {"attn_v.bias", "self_attn.v_proj.bias"},
    {"attn_output.bias", "self_attn.o_proj.bias"},
    {"attn_q_norm.weight", "self_attn.q_norm.weight"},
    {"attn_k_norm.weight", "self_attn.k_norm.weight"},
    {"attn_sinks.weight", "self_attn.sinks"},
    {"attn_q_a.weight", "self_attn.q_a_proj.weight"},
    {"attn_q_b.weight", "self_attn.q_b_proj.weight"},
    {"attn_kv_a_mqa.weight", "self_attn.kv_a_proj_with_mqa.weight"},
    {"attn_kv_b.weight", "self_attn.kv_b_proj.weight"},
    {"attn_k_b.weight", "self_attn.kv_b_proj.weight"},
    {"attn_v_b.weight", "self_attn.kv_b_proj.weight"},
    {"ffn_gate.weight", "mlp.gate_proj.weight"},
    {"ffn_up.weight", "mlp.up_proj.weight"},
    {"ffn_down.weight", "mlp.down_proj.weight"},
    {"ffn_gate_inp.weight", "mlp.gate.weight"},
    {"ffn_gate_exps.weight", "mlp.experts.gate_proj.weight"},
    {"ffn_up_exps.weight", "mlp.experts.up_proj.weight"},
    {"ffn_down_exps.weight", "mlp.experts.down_proj.weight"},
    {"ffn_gate_shexp.weight", "mlp.shared_experts.gate_proj.weight"},
    {"ffn_up_shexp.weight", "mlp.shared_experts.up_proj.weight"},
    {"ffn_down_shexp.weight", "mlp.shared_experts.down_proj.weight"},
}};

/// Endings of tensors that belong to a quantized matrix, and whether they hold its weights.
struct MatrixEnding
{
    std::string_view text;
    bool weights = false;
};

constexpr std::array<MatrixEnding, 14> matrix_endings = {{
    {".weight_scale_inv"},
    {".weight_scale_2"},
    {".weight_scale"},
    {".weight_packed", true},
    {".weight_zero_point"},
    {".weight_shape"},
    {".weight_g_idx"},
    {".qweight", true},
    {".qzeros"},
    {".scales"},
    {".g_idx"},
    {".input_scale"},
    {".blocks", true},
    {".SCB"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> hf_spellings = {{
    {"block_sparse_moe.", "mlp."},
    {"feed_forward.", "mlp."},
    {"mlp.router.", "mlp.gate."},
    {"mlp.shared_expert.", "mlp.shared_experts."},
    {"experts.w1", "experts.gate_proj"},
    {"experts.w3", "experts.up_proj"},
    {"experts.w2", "experts.down_proj"},
    {"gate.e_score_correction_bias", "gate.bias"},
    {"self_attn.sinks.weight", "self_attn.sinks"},
}};

void replace_first(std::string& text, std::string_view what, std::string_view by)
{
    if (const std::size_t at = text.find(what); at != std::string::npos)
        text.replace(at, what.size(), by);
}

/// Takes the number that stands at a place out of a name.
std::int64_t take_index(std::string& name, std::size_t at)
{
    std::int64_t index = -1;
    const char* begin = name.data() + at;
    const auto [end, status] = std::from_chars(begin, name.data() + name.size(), index);
    if (status != std::errc{} || end == name.data() + name.size() || *end != '.' || index < 0)
        return -1;
    name.erase(at, static_cast<std::size_t>(end - begin) + 1);
    return index;
}

} // namespace

TensorPlace place_of_tensor(std::string_view stored)
{
    TensorPlace place{.name = std::string(stored)};
    if (part_of_tensor(stored) == Part::vision)
        return place; // a tower numbers layers of its own
    for (const std::string_view start : {"blk.", "layers.", "h.", "blocks."}) {
        const std::size_t at = stored.find(start);
        if (at == std::string_view::npos || (at > 0 && stored[at - 1] != '.'))
            continue;
        place.name = stored.substr(at + start.size());
        place.layer = take_index(place.name, 0);
        if (place.layer >= 0)
            break;
        place.name = stored;
    }
    for (const auto& [gguf, ours] : gguf_names)
        if (place.name == gguf) {
            place.name = ours;
            return place;
        }
    if (const std::size_t experts = place.name.find("experts."); experts != std::string::npos)
        take_index(place.name, experts + 8);
    for (const MatrixEnding& ending : matrix_endings)
        if (place.name.ends_with(ending.text)) {
            place.name.resize(place.name.size() - ending.text.size());
            place.name += ".weight";
            place.beside = !ending.weights;
            break;
        }
    for (const auto& [theirs, ours] : hf_spellings)
        replace_first(place.name, theirs, ours);
    if (place.layer < 0)
        for (const std::string_view prefix : {"language_model.", "model.language_model."})
            if (place.name.starts_with(prefix))
                place.name = "model." + place.name.substr(prefix.size());
    replace_first(place.name, "model.model.", "model.");
    replace_first(place.name, "model.lm_head.", "lm_head.");
    return place;
}

bool is_left_out(const TensorPlace& place, const Architecture& architecture)
{
    static constexpr std::array<std::string_view, 5> buffers = {"attn.bias", "attn.masked_bias", "attention.bias",
                                                                "attention.masked_bias", "position_ids"};
    if (place.layer >= architecture.layers() || has_part(place.name, {"nextn", "rotary_emb.inv_freq"}))
        return true;
    if (place.name.starts_with("mtp.") || has_part(place.name, {".mtp.", "eh_proj"}))
        return true;
    if (std::any_of(buffers.begin(), buffers.end(), [&](std::string_view buffer) {
            return place.name == buffer || place.name.ends_with("." + std::string(buffer));
        }))
        return true;
    return architecture.tie_word_embeddings && place.name == "lm_head.weight";
}

bool is_beside_a_matrix(std::string_view stored)
{
    return has_part(stored, {"scale", "zero_point", "qzeros", "g_idx", "absmax", "quant_map", "quant_state", ".SCB",
                             "weight_format", "weight_shape"});
}

Part part_of_tensor(std::string_view name)
{
    if (has_part(name, {"vision", "visual", "multi_modal", "mm_projector", "image_newline", "audio", "connector",
                        "resampler", "img_projector", "v.blk"}) ||
        name.starts_with("mm."))
        return Part::vision;
    if (has_part(name, {"shared_expert_gate", "ffn_gate_inp", "exp_probs_b", ".router.", "mlp.gate.", "moe.gate."}))
        return Part::router;
    if (has_part(name, {"norm", "ln_1", "ln_2", "ln_f"}))
        return Part::norms;
    if (has_part(name, {"shared_expert", "shexp"}))
        return Part::shared_experts;
    if (has_part(name, {"experts", "_exps"}))
        return Part::experts;
    if (has_part(name, {"embed", "token_embd", "lm_head", "wte", "wpe"}) || name == "output.weight")
        return Part::embedding;
    if (has_part(name, {"mlp", "ffn", "feed_forward", "fc1", "fc2"}))
        return Part::feed_forward;
    return Part::attention;
}

} // namespace weighbridge
