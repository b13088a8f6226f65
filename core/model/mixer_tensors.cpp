#include "core/model/layer_tensors.h"
#include "core/model/tensor_rows.h"

namespace weighbridge {

namespace {

/// Queries from the latent or the hidden state, one key, two norms of the key's width, and weights of the heads
/// (transformers, modeling_glm_moe_dsa.py).
void add_indexer(TensorRows& rows, const Indexer& indexer, Extent hidden, Extent queries_from)
{
    if (!indexer.cached())
        return;
    const Extent queries{indexer.heads * indexer.head_dim, "a_idx·d_idx"};
    const Extent key{indexer.head_dim, "d_idx"};
    rows.matrix("indexer.wq_b.weight", Part::attention, queries, queries_from, Sharding::latent);
    rows.matrix("indexer.wk.weight", Part::attention, key, hidden, Sharding::latent);
    rows.vector("indexer.k_norm.weight", Part::norms, key, Sharding::replicated);
    rows.vector("indexer.k_norm.bias", Part::norms, key, Sharding::replicated);
    if (indexer.head_weights)
        rows.matrix("indexer.weights_proj.weight", Part::attention, {indexer.heads, "a_idx"}, hidden, Sharding::latent);
}

void add_gate(TensorRows& rows, OutputGate gate, std::int64_t heads, Extent outputs, Extent hidden)
{
    if (gate == OutputGate::per_head)
        rows.matrix("g_proj.weight", Part::attention, {heads, "a"}, hidden, Sharding::column);
    else if (gate == OutputGate::full_width)
        rows.matrix("g_proj.weight", Part::attention, outputs, hidden, Sharding::column);
}

void add_qk_norms(TensorRows& rows, const Attention& attention, Extent queries, Extent keys)
{
    if (attention.qk_norm == QkNorm::none)
        return;
    const bool per_head = attention.qk_norm == QkNorm::per_head;
    const Extent head{attention.head_dim, "d"};
    rows.vector("q_norm.weight", Part::norms, per_head ? head : queries, Sharding::replicated);
    if (attention.key_projection)
        rows.vector("k_norm.weight", Part::norms, per_head ? head : keys, Sharding::replicated);
}

void add(TensorRows& rows, const Attention& attention, Extent hidden)
{
    if (!attention.holds_weights)
        return;
    const bool equal_dims = attention.value_head_dim == attention.head_dim;
    const bool doubled = attention.gate == OutputGate::doubled_query;
    const Extent queries{attention.heads * attention.head_dim, "a·d"};
    const Extent projected{doubled ? 2 * queries.value : queries.value, doubled ? "2·a·d" : "a·d"};
    const Extent keys{attention.kv_heads * attention.head_dim, "k·d"};
    const Extent values{attention.kv_heads * attention.value_head_dim, equal_dims ? "k·d" : "k·d_v"};
    const Extent outputs{attention.heads * attention.value_head_dim, equal_dims ? "a·d" : "a·d_v"};
    const Extent inputs = attention.input_size > 0 ? Extent{attention.input_size, "h_in"} : hidden;
    const bool has_values = attention.key_projection && attention.value_projection;

    const auto per_kv_head = [&](Tensor& tensor) { tensor.shard_limit = attention.kv_heads; };
    rows.matrix("q_proj.weight", Part::attention, projected, inputs, Sharding::column);
    if (attention.key_projection)
        per_kv_head(rows.matrix("k_proj.weight", Part::attention, keys, inputs, Sharding::kv_heads));
    if (has_values)
        per_kv_head(rows.matrix("v_proj.weight", Part::attention, values, inputs, Sharding::kv_heads));
    rows.matrix("o_proj.weight", Part::attention, hidden, outputs, Sharding::row);
    if (attention.qkv_bias) {
        rows.vector("q_proj.bias", Part::attention, projected, Sharding::column);
        if (attention.key_projection)
            per_kv_head(rows.vector("k_proj.bias", Part::attention, keys, Sharding::kv_heads));
        if (has_values)
            per_kv_head(rows.vector("v_proj.bias", Part::attention, values, Sharding::kv_heads));
    }
    if (attention.output_bias)
        rows.vector("o_proj.bias", Part::attention, hidden, Sharding::replicated);
    if (attention.sinks)
        rows.vector("sinks", Part::attention, {attention.heads, "a"}, Sharding::column);
    add_qk_norms(rows, attention, queries, keys);
    add_gate(rows, attention.gate, attention.heads, outputs, hidden);
    add_indexer(rows, attention.indexer, hidden, hidden);
}

void add(TensorRows& rows, const LatentAttention& attention, Extent hidden)
{
    const Extent queries{attention.heads * (attention.qk_nope_head_dim + attention.qk_rope_head_dim),
                         "a·(d_nope + d_rope)"};
    const Extent q_rank{attention.q_lora_rank, "r_q"};
    const Extent kv_rank{attention.kv_lora_rank, "r_kv"};
    const Extent latent{attention.kv_lora_rank + attention.qk_rope_head_dim, "r_kv + d_rope"};
    const Extent expanded{attention.heads * (attention.qk_nope_head_dim + attention.v_head_dim), "a·(d_nope + d_v)"};
    const Extent outputs{attention.heads * attention.v_head_dim, "a·d_v"};

    if (attention.q_lora_rank > 0) {
        rows.matrix("q_a_proj.weight", Part::attention, q_rank, hidden, Sharding::latent);
        rows.vector("q_a_layernorm.weight", Part::norms, q_rank, Sharding::replicated);
        rows.matrix("q_b_proj.weight", Part::attention, queries, q_rank, Sharding::column);
    } else {
        rows.matrix("q_proj.weight", Part::attention, queries, hidden, Sharding::column);
    }
    rows.matrix("kv_a_proj_with_mqa.weight", Part::attention, latent, hidden, Sharding::latent);
    rows.vector("kv_a_layernorm.weight", Part::norms, kv_rank, Sharding::replicated);
    rows.matrix("kv_b_proj.weight", Part::attention, expanded, kv_rank, Sharding::column);
    rows.matrix("o_proj.weight", Part::attention, hidden, outputs, Sharding::row);
    if (attention.bias) {
        if (attention.q_lora_rank > 0)
            rows.vector("q_a_proj.bias", Part::attention, q_rank, Sharding::latent);
        rows.vector("kv_a_proj_with_mqa.bias", Part::attention, latent, Sharding::latent);
        rows.vector("o_proj.bias", Part::attention, hidden, Sharding::replicated);
    }
    add_gate(rows, attention.gate, attention.heads, outputs, hidden);
    add_indexer(rows, attention.indexer, hidden, attention.q_lora_rank > 0 ? q_rank : hidden);
}

/// Two projections of the hidden state (entries and their weights), a learned position for each of the mixed tokens and
/// a norm. Overlapping compressors project twice the width.
void add_compressor(TensorRows& rows, const std::string& name, const CompressedAttention& attention, Extent hidden,
                    Extent entry)
{
    const std::int64_t width = attention.overlapping ? 2 * entry.value : entry.value;
    const Extent projected{width, "d_c"};
    rows.matrix(name + ".wkv.weight", Part::attention, projected, hidden, Sharding::latent);
    rows.matrix(name + ".wgate.weight", Part::attention, projected, hidden, Sharding::latent);
    rows.vector(name + ".ape", Part::attention, {attention.compress_ratio * width, "m·d_c"}, Sharding::replicated);
    rows.vector(name + ".norm.weight", Part::norms, entry, Sharding::replicated);
}

/// transformers, modeling_deepseek_v4.py: one key/value projection for all heads, learned sinks, and the output in two
/// steps, the first within each group of heads.
void add(TensorRows& rows, const CompressedAttention& attention, Extent hidden)
{
    const Extent q_rank{attention.q_lora_rank, "r_q"};
    const Extent queries{attention.heads * attention.head_dim, "a·d"};
    const Extent entry{attention.head_dim, "d"};
    const Extent group{attention.heads * attention.head_dim / attention.output_groups, "a·d / g"};
    const Extent ranks{attention.output_groups * attention.output_rank, "g·r_o"};

    rows.matrix("q_a_proj.weight", Part::attention, q_rank, hidden, Sharding::latent);
    rows.vector("q_a_norm.weight", Part::norms, q_rank, Sharding::replicated);
    rows.matrix("q_b_proj.weight", Part::attention, queries, q_rank, Sharding::column);
    rows.matrix("kv_proj.weight", Part::attention, entry, hidden, Sharding::latent);
    rows.vector("kv_norm.weight", Part::norms, entry, Sharding::replicated);
    rows.matrix("o_a_proj.weight", Part::attention, ranks, group, Sharding::column);
    rows.matrix("o_b_proj.weight", Part::attention, hidden, ranks, Sharding::row);
    rows.vector("sinks", Part::attention, {attention.heads, "a"}, Sharding::column);
    if (attention.compress_ratio == 0)
        return;
    add_compressor(rows, "compressor", attention, hidden, entry);
    const Indexer& indexer = attention.indexer;
    if (!indexer.cached())
        return;
    add_compressor(rows, "indexer.compressor", attention, hidden, {indexer.head_dim, "d_idx"});
    rows.matrix("indexer.wq_b.weight", Part::attention, {indexer.heads * indexer.head_dim, "a_idx·d_idx"}, q_rank,
                Sharding::latent);
    rows.matrix("indexer.weights_proj.weight", Part::attention, {indexer.heads, "a_idx"}, hidden, Sharding::latent);
}

} // namespace

void append_tensors(std::vector<Tensor>& tensors, const Mixer& mixer, Extent hidden, const std::string& module)
{
    if (const auto* recurrent = std::get_if<Recurrent>(&mixer)) {
        tensors.insert(tensors.end(), recurrent->weights.begin(), recurrent->weights.end());
        return;
    }
    TensorRows rows(tensors, module);
    if (const auto* attention = std::get_if<Attention>(&mixer))
        add(rows, *attention, hidden);
    else if (const auto* latent = std::get_if<LatentAttention>(&mixer))
        add(rows, *latent, hidden);
    else if (const auto* compressed = std::get_if<CompressedAttention>(&mixer))
        add(rows, *compressed, hidden);
}

std::vector<Tensor> mixer_inventory(const Mixer& mixer, std::int64_t hidden_size)
{
    std::vector<Tensor> tensors;
    append_tensors(tensors, mixer, {hidden_size, "h"}, "self_attn");
    return tensors;
}

} // namespace weighbridge
