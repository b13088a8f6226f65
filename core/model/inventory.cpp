#include "core/model/inventory.h"

#include <array>

namespace weighbridge {

namespace {

/// Builds the rows of one layer, or of the tensors outside the layers.
class Rows
{
public:
    explicit Rows(std::vector<Tensor>& rows) : rows_(rows) {}

    Tensor& matrix(std::string_view name, Part part, Extent rows, Extent columns, Sharding sharding)
    {
        Tensor& tensor = rows_.emplace_back();
        tensor.name = name;
        tensor.part = part;
        tensor.rows = rows;
        tensor.columns = columns;
        tensor.sharding = sharding;
        tensor.quantizable = true;
        return tensor;
    }

    Tensor& vector(std::string_view name, Part part, Extent rows, Sharding sharding)
    {
        Tensor& tensor = matrix(name, part, rows, {}, sharding);
        tensor.quantizable = false;
        return tensor;
    }

    void experts(Extent copies, double active, Tensor& tensor) const
    {
        tensor.copies = copies;
        tensor.active_copies = active;
    }

private:
    std::vector<Tensor>& rows_;
};

void add(Rows& rows, const Attention& attention, Extent hidden)
{
    const Extent queries{attention.heads * attention.head_dim, "a·d"};
    const Extent keys{attention.kv_heads * attention.head_dim, "k·d"};
    const bool equal_dims = attention.value_head_dim == attention.head_dim;
    const Extent values{attention.kv_heads * attention.value_head_dim, equal_dims ? "k·d" : "k·d_v"};
    const Extent outputs{attention.heads * attention.value_head_dim, equal_dims ? "a·d" : "a·d_v"};

    const auto per_kv_head = [&](Tensor& tensor) { tensor.shard_limit = attention.kv_heads; };
    rows.matrix("self_attn.q_proj.weight", Part::attention, queries, hidden, Sharding::column);
    per_kv_head(rows.matrix("self_attn.k_proj.weight", Part::attention, keys, hidden, Sharding::kv_heads));
    per_kv_head(rows.matrix("self_attn.v_proj.weight", Part::attention, values, hidden, Sharding::kv_heads));
    rows.matrix("self_attn.o_proj.weight", Part::attention, hidden, outputs, Sharding::row);
    if (attention.qkv_bias) {
        rows.vector("self_attn.q_proj.bias", Part::attention, queries, Sharding::column);
        per_kv_head(rows.vector("self_attn.k_proj.bias", Part::attention, keys, Sharding::kv_heads));
        per_kv_head(rows.vector("self_attn.v_proj.bias", Part::attention, values, Sharding::kv_heads));
    }
    if (attention.output_bias)
        rows.vector("self_attn.o_proj.bias", Part::attention, hidden, Sharding::replicated);
    if (attention.sinks)
        rows.vector("self_attn.sinks", Part::attention, {attention.heads, "a"}, Sharding::column);
    if (attention.qk_norm == QkNorm::per_head) {
        rows.vector("self_attn.q_norm.weight", Part::norms, {attention.head_dim, "d"}, Sharding::replicated);
        rows.vector("self_attn.k_norm.weight", Part::norms, {attention.head_dim, "d"}, Sharding::replicated);
    } else if (attention.qk_norm == QkNorm::full_width) {
        rows.vector("self_attn.q_norm.weight", Part::norms, queries, Sharding::replicated);
        rows.vector("self_attn.k_norm.weight", Part::norms, keys, Sharding::replicated);
    }
}

void add(Rows& rows, const LatentAttention& attention, Extent hidden)
{
    const Extent queries{attention.heads * (attention.qk_nope_head_dim + attention.qk_rope_head_dim),
                         "a·(d_nope + d_rope)"};
    const Extent q_rank{attention.q_lora_rank, "r_q"};
    const Extent kv_rank{attention.kv_lora_rank, "r_kv"};
    const Extent latent{attention.kv_lora_rank + attention.qk_rope_head_dim, "r_kv + d_rope"};
    const Extent expanded{attention.heads * (attention.qk_nope_head_dim + attention.v_head_dim), "a·(d_nope + d_v)"};
    const Extent outputs{attention.heads * attention.v_head_dim, "a·d_v"};

    if (attention.q_lora_rank > 0) {
        rows.matrix("self_attn.q_a_proj.weight", Part::attention, q_rank, hidden, Sharding::latent);
        rows.vector("self_attn.q_a_layernorm.weight", Part::norms, q_rank, Sharding::replicated);
        rows.matrix("self_attn.q_b_proj.weight", Part::attention, queries, q_rank, Sharding::column);
    } else {
        rows.matrix("self_attn.q_proj.weight", Part::attention, queries, hidden, Sharding::column);
    }
    rows.matrix("self_attn.kv_a_proj_with_mqa.weight", Part::attention, latent, hidden, Sharding::latent);
    rows.vector("self_attn.kv_a_layernorm.weight", Part::norms, kv_rank, Sharding::replicated);
    rows.matrix("self_attn.kv_b_proj.weight", Part::attention, expanded, kv_rank, Sharding::column);
    rows.matrix("self_attn.o_proj.weight", Part::attention, hidden, outputs, Sharding::row);
    if (attention.bias) {
        if (attention.q_lora_rank > 0)
            rows.vector("self_attn.q_a_proj.bias", Part::attention, q_rank, Sharding::latent);
        rows.vector("self_attn.kv_a_proj_with_mqa.bias", Part::attention, latent, Sharding::latent);
        rows.vector("self_attn.o_proj.bias", Part::attention, hidden, Sharding::replicated);
    }
}

void add(Rows& rows, const DenseFeedForward& dense, Extent hidden)
{
    const Extent inner{dense.intermediate_size, "h_ffn"};
    if (dense.gated)
        rows.matrix("mlp.gate_proj.weight", Part::feed_forward, inner, hidden, Sharding::column);
    rows.matrix("mlp.up_proj.weight", Part::feed_forward, inner, hidden, Sharding::column);
    rows.matrix("mlp.down_proj.weight", Part::feed_forward, hidden, inner, Sharding::row);
    if (dense.bias) {
        if (dense.gated)
            rows.vector("mlp.gate_proj.bias", Part::feed_forward, inner, Sharding::column);
        rows.vector("mlp.up_proj.bias", Part::feed_forward, inner, Sharding::column);
        rows.vector("mlp.down_proj.bias", Part::feed_forward, hidden, Sharding::replicated);
    }
}

void add(Rows& rows, const MixtureOfExperts& moe, Extent hidden)
{
    const Extent experts{moe.routed_experts, "E"};
    const Extent inner{moe.expert_intermediate_size, "h_exp"};
    const auto active = static_cast<double>(moe.experts_per_token);

    Tensor& router = rows.matrix("mlp.gate.weight", Part::router, experts, hidden, Sharding::router);
    router.quantizable = false;
    if (moe.router_bias)
        rows.vector("mlp.gate.bias", Part::router, experts, Sharding::router);
    for (const std::string_view name : {"mlp.experts.gate_proj.weight", "mlp.experts.up_proj.weight"})
        rows.experts(experts, active, rows.matrix(name, Part::experts, inner, hidden, Sharding::expert));
    rows.experts(experts, active,
                 rows.matrix("mlp.experts.down_proj.weight", Part::experts, hidden, inner, Sharding::expert));
    if (moe.expert_bias) {
        for (const std::string_view name : {"mlp.experts.gate_proj.bias", "mlp.experts.up_proj.bias"})
            rows.experts(experts, active, rows.vector(name, Part::experts, inner, Sharding::expert));
        rows.experts(experts, active,
                     rows.vector("mlp.experts.down_proj.bias", Part::experts, hidden, Sharding::replicated));
    }
    if (moe.shared_intermediate_size > 0) {
        const Extent shared{moe.shared_intermediate_size, "h_sh"};
        rows.matrix("mlp.shared_experts.gate_proj.weight", Part::shared_experts, shared, hidden, Sharding::column);
        rows.matrix("mlp.shared_experts.up_proj.weight", Part::shared_experts, shared, hidden, Sharding::column);
        rows.matrix("mlp.shared_experts.down_proj.weight", Part::shared_experts, hidden, shared, Sharding::row);
    }
    if (moe.shared_gate)
        rows.vector("mlp.shared_expert_gate.weight", Part::router, hidden, Sharding::replicated);
}

/// Literals, because Tensor keeps a view: models have a handful of kinds of layers.
std::string_view layers_symbol(std::size_t kind, std::size_t kinds)
{
    static constexpr std::array<std::string_view, 8> symbols = {"L_1", "L_2", "L_3", "L_4", "L_5", "L_6", "L_7", "L_8"};
    if (kinds == 1)
        return "L";
    return kind < symbols.size() ? symbols[kind] : "L_i";
}

/// One more decoder layer of the last kind, a projection of [hidden, embedding] to hidden, and three norms: the block
/// that DeepSeek-V3 and the GLM-4 family ship (arXiv:2412.19437, section 2.2; names in the checkpoint: eh_proj, enorm,
/// hnorm, shared_head.norm).
std::int64_t multi_token_prediction_parameters(const Architecture& architecture)
{
    if (architecture.mtp_layers == 0 || architecture.runs.empty())
        return 0;
    const std::int64_t h = architecture.hidden_size;
    std::int64_t layer = 2 * h * h + 3 * h;
    for (const Tensor& tensor : layer_inventory(architecture, architecture.kinds[architecture.runs.back().kind]))
        layer += tensor.elements();
    return architecture.mtp_layers * layer;
}

} // namespace

std::vector<Tensor> layer_inventory(const Architecture& architecture, const Layer& layer)
{
    const Extent hidden{architecture.hidden_size, "h"};
    std::vector<Tensor> tensors;
    Rows rows(tensors);
    std::visit([&](const auto& mixer) { add(rows, mixer, hidden); }, layer.mixer);
    std::visit([&](const auto& feed_forward) { add(rows, feed_forward, hidden); }, layer.feed_forward);
    static constexpr std::array<std::string_view, 4> norm_names = {
        "input_layernorm.weight", "post_attention_layernorm.weight", "pre_feedforward_layernorm.weight",
        "post_feedforward_layernorm.weight"};
    for (int norm = 0; norm < layer.norms; ++norm)
        rows.vector(norm_names[static_cast<std::size_t>(norm) % norm_names.size()], Part::norms, hidden,
                    Sharding::replicated);
    return tensors;
}

std::vector<Tensor> weight_inventory(const Architecture& architecture)
{
    const Extent hidden{architecture.hidden_size, "h"};
    const Extent vocabulary{architecture.vocab_size, "v"};
    std::vector<Tensor> tensors;
    Rows rows(tensors);

    Tensor& embedding =
        rows.matrix("model.embed_tokens.weight", Part::embedding, vocabulary, hidden, Sharding::vocabulary);
    embedding.quantizable = false;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind) {
        for (Tensor& tensor : layer_inventory(architecture, architecture.kinds[kind])) {
            tensor.kind = kind;
            tensor.layers = architecture.layers_of(kind);
            tensor.layers_symbol = layers_symbol(kind, architecture.kinds.size());
            tensors.push_back(std::move(tensor));
        }
    }
    rows.vector("model.norm.weight", Part::norms, hidden, Sharding::replicated);
    if (!architecture.tie_word_embeddings) {
        Tensor& head = rows.matrix("lm_head.weight", Part::embedding, vocabulary, hidden, Sharding::vocabulary);
        head.quantizable = false;
    }
    for (const Tower& tower : architecture.towers) {
        Tensor& tensor = rows.vector(tower.name, Part::vision, {tower.parameters, "P_vision"}, Sharding::replicated);
        tensor.active_copies = 0;
    }
    for (std::size_t row = 0; row < tensors.size(); ++row)
        tensors[row].row = row;
    return tensors;
}

ParameterCounts count_parameters(const Architecture& architecture, const std::vector<Tensor>& inventory)
{
    ParameterCounts counts;
    for (const Tensor& tensor : inventory) {
        counts.total += tensor.elements();
        const std::int64_t one_copy = tensor.rows.value * tensor.columns.value * tensor.layers;
        counts.active += one_copy * static_cast<std::int64_t>(tensor.active_copies);
        counts.vision += tensor.part == Part::vision ? tensor.elements() : 0;
    }
    counts.multi_token_prediction = multi_token_prediction_parameters(architecture);
    return counts;
}

} // namespace weighbridge
