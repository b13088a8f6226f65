#include "core/engines/sglang/loaded_weights.h"

#include "core/engines/vllm/adapters.h"
#include "core/engines/vllm/loaded_weights.h"
#include "core/memory/cuda_allocator.h"
#include "core/memory/weights.h"
#include "core/model/inventory.h"
#include "core/quantity/rounding.h"

#include <algorithm>
#include <cmath>

namespace weighbridge::sglang {

namespace {

// ---- tables of positions

/// A table of cosines and sines: its width, and whether it is that of layers with a window where these have one of
/// their own.
struct Table
{
    std::int64_t width = 0;
    bool of_windows = false;
    double stretch = 1; ///< of the positions

    bool operator==(const Table&) const = default;
};

Table table_of(const Mixer& mixer, const Architecture& architecture, const Settings& settings)
{
    if (const auto* latent = std::get_if<LatentAttention>(&mixer))
        return {.width = latent->qk_rope_head_dim};
    const auto* attention = std::get_if<Attention>(&mixer);
    if (attention == nullptr)
        return {};
    const bool of_windows = attention->span != AttentionSpan::full && settings.model.window_tables;
    const double width = std::floor(static_cast<double>(attention->head_dim) * architecture.rotary_fraction);
    return {.width = static_cast<std::int64_t>(width),
            .of_windows = of_windows,
            .stretch = of_windows || settings.model.unstretched_table ? 1 : architecture.rope_stretch};
}

double positions_of(const Architecture& architecture, const Settings& settings)
{
    return static_cast<double>(architecture.max_position_embeddings > 0 ? architecture.max_position_embeddings
                                                                        : settings.context_length);
}

/// DeepSeek-V4 keeps complex numbers and their parts, once for layers with a compressor and once for others.
double compressed_tables(const Architecture& architecture, const Settings& settings)
{
    constexpr double rope = 64;
    bool with = false;
    bool without = false;
    for (const Layer& layer : architecture.kinds)
        if (const auto* attention = first_of<CompressedAttention>(layer.mixers))
            (attention->compress_ratio > 0 ? with : without) = true;
    return positions_of(architecture, settings) * rope * (4 + 4) * ((with ? 1 : 0) + (without ? 1 : 0));
}

/// In fp32, once for each distinct table, on every rank (layers/rotary_embedding.py).
double rope_tables(const InferenceInputs& inputs, const Settings& settings)
{
    const Architecture& architecture = inputs.model->architecture;
    if (settings.model.through_transformers)
        return 0;
    double bytes = compressed_tables(architecture, settings);
    std::vector<Table> seen;
    for (const Layer& layer : architecture.kinds)
        for (const Mixer& mixer : layer.mixers) {
            const Table table = table_of(mixer, architecture, settings);
            if (table.width == 0 || std::find(seen.begin(), seen.end(), table) != seen.end())
                continue;
            seen.push_back(table);
            const double size = allocated_bytes(positions_of(architecture, settings) * table.stretch *
                                                static_cast<double>(table.width) * 4);
            bytes += settings.model.indexer_table ? 2 * size : size;
        }
    return bytes;
}

// ---- copies and padding

/// L · r_kv · a / attn_tp · (d_nope + d_v) (models/deepseek_v2.py, post_load_weights).
double absorbed_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    const Architecture& architecture = inputs.model->architecture;
    double elements = 0;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind)
        for (const Mixer& mixer : architecture.kinds[kind].mixers)
            if (const auto* latent = std::get_if<LatentAttention>(&mixer))
                elements += static_cast<double>(architecture.layers_of(kind) * latent->kv_lora_rank * latent->heads *
                                                (latent->qk_nope_head_dim + latent->v_head_dim));
    return elements * settings.model_bytes / static_cast<double>(settings.attention_ranks);
}

/// What a rank's share of an expert's matrix is rounded up to.
struct ExpertSteps
{
    std::int64_t inner = 1;
    std::int64_t hidden = 1;
};

/// MXFP4 by the kernels of the card (quantization/mxfp4.py), 16 bits by FlashInfer's on Blackwell
/// (moe/fused_moe_triton/layer.py): not with experts held whole, nor with data-parallel attention.
ExpertSteps expert_steps(const InferenceInputs& inputs, const Settings& settings)
{
    if (inputs.weights.experts_only)
        return settings.blackwell ? ExpertSteps{128, 256} : ExpertSteps{64, 1};
    const bool plain = inputs.weights.takes_all_tensors && inputs.weights.bits == 16 && !inputs.weights.column;
    if (plain && settings.blackwell && settings.model.padded_experts && settings.attention_replicas == 1)
        return {128, 1};
    return {};
}

double expert_padding(const InferenceInputs& inputs, const Settings& settings)
{
    const ExpertSteps steps = expert_steps(inputs, settings);
    double bytes = 0;
    for (const Tensor& tensor : inputs.model->tensors) {
        if (tensor.part != Part::experts || tensor.columns.symbol.empty())
            continue;
        const std::int64_t divisor = inputs.sharding.divisor(tensor, inputs.tensor_parallel);
        const std::int64_t splits = inputs.sharding.whole_experts
                                        ? divisor / std::max<std::int64_t>(1, inputs.hardware->expert_parallel)
                                        : divisor;
        const bool down = tensor.rows.symbol == "h";
        const std::int64_t hidden = down ? tensor.rows.value : tensor.columns.value;
        const std::int64_t inner =
            (down ? tensor.columns.value : tensor.rows.value) / std::max<std::int64_t>(1, splits);
        if (inner <= 0)
            continue;
        const double grown = static_cast<double>(rounded_up(inner, steps.inner) * rounded_up(hidden, steps.hidden)) /
                             static_cast<double>(inner * hidden);
        bytes += static_cast<double>(tensor.elements()) * bytes_per_element(inputs.weights, tensor) * (grown - 1) /
                 static_cast<double>(divisor);
    }
    return std::round(bytes); // shares of whole bytes
}

/// Projections of keys and values that the checkpoint does without: SGLang's fused one has them in every layer
/// (models/gemma4_causal.py).
double repeated_projections(const InferenceInputs& inputs, const Settings& settings)
{
    if (!settings.model.own_key_values)
        return 0;
    const Architecture& architecture = inputs.model->architecture;
    double bytes = 0;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind)
        for (const Mixer& mixer : architecture.kinds[kind].mixers) {
            const auto* attention = std::get_if<Attention>(&mixer);
            if (attention == nullptr || (attention->key_projection && attention->value_projection))
                continue;
            Tensor missing = matrix_tensor("self_attn.v_proj.weight", Part::attention,
                                           {attention->kv_heads * attention->head_dim, "k·d"},
                                           {architecture.hidden_size, "h"}, Sharding::kv_heads);
            missing.shard_limit = attention->kv_heads;
            missing.layers = architecture.layers_of(kind) * (attention->key_projection ? 1 : 2);
            bytes += tensor_bytes(inputs, missing);
        }
    return bytes;
}

double float_routers(const InferenceInputs& inputs, const Settings& settings)
{
    double bytes = 0;
    if (settings.model.full_precision_router)
        for (const Tensor& tensor : inputs.model->tensors)
            if (tensor.sharding == Sharding::router)
                bytes += widened_bytes(inputs, tensor, 4);
    return bytes;
}

/// Transformers' own modules: shared experts are no parallel layers there.
double whole_shared_experts(const InferenceInputs& inputs, const Settings& settings)
{
    double bytes = 0;
    if (!settings.model.through_transformers)
        return bytes;
    for (const Tensor& tensor : inputs.model->tensors)
        if (tensor.part == Part::shared_experts)
            bytes += static_cast<double>(tensor.elements()) * bytes_per_element(inputs.weights, tensor) *
                     (1 - 1.0 / static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel)));
    return bytes;
}

/// DeepSeek-V4's compressors stay in 16 bits, what mixes its streams in fp32 (models/deepseek_v4.py).
double wide_compressors(const InferenceInputs& inputs)
{
    double bytes = 0;
    if (!has_mixer<CompressedAttention>(inputs.model->architecture))
        return bytes;
    for (const Tensor& tensor : inputs.model->tensors) {
        if (tensor.name.find("compressor.w") != std::string::npos)
            bytes += widened_bytes(inputs, tensor, 2);
        else if (tensor.name.ends_with("_hc") || tensor.name == "hc_head")
            bytes += widened_bytes(inputs, tensor, 4);
    }
    return bytes;
}

/// Until 0.5.15 the loader's scales of MXFP4 experts, in fp32, stay beside those that Marlin's kernels want, on Hopper
/// and consumer Blackwell (quantization/mxfp4_marlin_moe.py).
double loader_scales(const InferenceInputs& inputs, const Settings& settings)
{
    constexpr double per_scale = 32;
    constexpr double widest = 5.0 / 8; // bytes of an element in 4 bits
    const bool marlin = has_mixer<CompressedAttention>(inputs.model->architecture) && !settings.blackwell;
    double bytes = 0;
    if (!marlin || settings.release >= Release{0, 5, 16})
        return bytes;
    for (const Tensor& tensor : inputs.model->tensors)
        if (tensor.part == Part::experts && bytes_per_element(inputs.weights, tensor) < widest)
            bytes += static_cast<double>(tensor.elements()) / per_scale * 4 /
                     static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel));
    return bytes;
}

/// Dense layers of networks with experts, where moe_dense_tp_size has every rank hold them whole.
double whole_dense_layers(const InferenceInputs& inputs)
{
    double bytes = 0;
    if (!inputs.choice->sglang.moe_dense_tp_size)
        return bytes;
    for (const Tensor& tensor : inputs.model->tensors)
        if (tensor.part == Part::feed_forward)
            bytes += tensor_bytes(inputs, tensor) *
                     static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel) - 1);
    return bytes;
}

/// Classes after Llama's make the head on every stage (models/llama.py).
double idle_head(const InferenceInputs& inputs, const Settings& settings, StageEnds ends)
{
    const Architecture& architecture = inputs.model->architecture;
    if (ends.last || !settings.model.head_on_every_stage || architecture.tie_word_embeddings)
        return 0;
    const std::int64_t ranks = inputs.sharding.head_ranks > 0 ? inputs.sharding.head_ranks : inputs.tensor_parallel;
    return static_cast<double>(architecture.vocab_size * architecture.embedding_width()) * settings.model_bytes /
           static_cast<double>(ranks);
}

/// Matrices of the layers but routed experts, unless embedding and head are named.
double adapter_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    if (settings.adapters == 0)
        return 0;
    const std::vector<std::string>& targets = inputs.choice->served.lora_target_modules;
    const bool tables = std::any_of(targets.begin(), targets.end(), [](const std::string& name) {
        return name == "embed_tokens" || name == "lm_head";
    });
    return vllm::slot_bytes(inputs, {.slots = settings.adapters,
                                     .rank = settings.adapter_rank,
                                     .width = settings.model_bytes,
                                     .tables = tables,
                                     .experts = false,
                                     .targets = targets});
}

/// A named draft by its own config. What reads the network's states has a matrix that joins them, EAGLE3 wider queries,
/// keys and values, and a head over its own tokens; its embedding is given back for the network's
/// (models/llama_eagle3.py, models/llama_eagle.py).
DraftWeights named_draft(const InferenceInputs& inputs, const Settings& settings)
{
    InferenceInputs alone = inputs;
    alone.model = inputs.draft->model.get();
    alone.weights = inputs.draft->weights;
    alone.stages = nullptr;
    alone.draft = nullptr;
    const Architecture& architecture = alone.model->architecture;
    DraftWeights weights;
    double tables = 0;
    double wide_rows = 0;
    for (const Tensor& tensor : alone.model->tensors) {
        (tensor.part == Part::embedding ? tables : weights.layers) += tensor_bytes(alone, tensor);
        if (tensor.merged == Merged::qkv && !tensor.columns.symbol.empty())
            wide_rows += static_cast<double>(tensor.rows.value) /
                         static_cast<double>(alone.sharding.divisor(tensor, alone.tensor_parallel));
    }
    weights.layers += rope_tables(alone, settings);
    if (settings.draft.kind == DraftKind::network) {
        weights.layers += tables;
        return weights;
    }
    const auto hidden = static_cast<double>(architecture.hidden_size);
    const auto network = static_cast<double>(inputs.model->architecture.hidden_size);
    const auto ranks = static_cast<double>(alone.tensor_parallel);
    const double joins = settings.draft.third ? 3 * network * hidden + wide_rows * hidden : 2 * hidden * hidden;
    const auto own_head = static_cast<double>(architecture.draft_vocab_size) * hidden / ranks;
    weights.layers += (joins + (settings.draft.third ? own_head : 0)) * settings.model_bytes;
    weights.borrowed = static_cast<double>(architecture.vocab_size) * hidden / ranks * settings.model_bytes *
                       (settings.draft.third ? 1 : 2);
    return weights;
}

/// What a draft's layer is like where nobody says.
Layer last_attending_layer(const Architecture& architecture)
{
    for (auto run = architecture.runs.rbegin(); run != architecture.runs.rend(); ++run) {
        const Layer& layer = architecture.kinds[run->kind];
        if (first_of<Recurrent>(layer.mixers) == nullptr)
            return layer;
    }
    return architecture.kinds.empty() ? Layer() : architecture.kinds.back();
}

} // namespace

InferenceInputs with_sharding(InferenceInputs load, const Settings& settings)
{
    ShardingRules& rules = load.sharding;
    rules.whole_experts = load.hardware->expert_parallel > 1;
    rules.replicas = load.hardware->data_parallel;
    const bool splits = settings.attention_replicas > 1 && settings.model.splits_attention;
    if (splits) {
        rules.attention_ranks = rules.embedding_ranks = rules.tower_ranks = settings.attention_ranks;
        if (load.choice->sglang.enable_dp_lm_head || load.model->architecture.tie_word_embeddings)
            rules.head_ranks = settings.attention_ranks;
    }
    if (settings.model.whole_embedding || (splits && settings.model.whole_split_embedding))
        rules.embedding_ranks = 1;
    if (settings.model.whole_tower || load.choice->sglang.mm_enable_dp_encoder)
        rules.tower_ranks = 1;
    if (!settings.model.loads_tower)
        rules.tower_ranks = ShardingRules::nowhere;
    return load;
}

std::vector<LoadedExtra> loaded_extras(const InferenceInputs& inputs, const Settings& settings, StageEnds ends)
{
    std::vector<LoadedExtra> extras = {
        {"weights.vocabulary_padding", "Padding of the vocabulary", "W_padding", vllm::vocabulary_padding_bytes(inputs),
         "rows up to a multiple of 64: VocabParallelEmbedding"},
        {"weights.rope_tables", "RoPE tables", "W_rope", rope_tables(inputs, settings),
         "cos_sin_cache in fp32, positions x rotated width, on every rank: layers/rotary_embedding.py"},
        {"weights.absorbed", "MLA up-projections, second copy", "W_absorbed", absorbed_bytes(inputs, settings),
         "w_kc and w_vc beside kv_b_proj: models/deepseek_v2.py, post_load_weights"},
        {"weights.expert_padding", "Padding of experts", "W_experts", expert_padding(inputs, settings),
         "as the kernels that run them want them: quantization/mxfp4.py, moe/fused_moe_triton/layer.py"},
        {"weights.repeated_projections", "Projections without a tensor", "W_repeated",
         repeated_projections(inputs, settings), "keys and values in every layer: models/gemma4_causal.py"},
        {"weights.float_routers", "Routers in fp32", "W_router", float_routers(inputs, settings),
         "params_dtype of the gate in the network's class"},
        {"weights.wide_compressors", "Compressors and mixing in 16 and 32 bits", "W_wide", wide_compressors(inputs),
         "models/deepseek_v4.py"},
        {"weights.loader_scales", "Scales of the loader", "W_scales", loader_scales(inputs, settings),
         "fp32 beside those of Marlin's kernels: quantization/mxfp4_marlin_moe.py until 0.5.15"},
        {"weights.whole_dense_layers", "Dense layers whole on every rank", "W_dense", whole_dense_layers(inputs),
         "moe_dense_tp_size: models/deepseek_v2.py"},
        {"weights.redundant_experts", "Copies of experts", "W_copies",
         copied_expert_bytes(inputs, settings.copied_experts, inputs.hardware->expert_parallel),
         "ep_num_redundant_experts: eplb/expert_location.py"},
        {"weights.adapters", "Slots of adapters", "W_lora", adapter_bytes(inputs, settings),
         "max_loras_per_batch x max_lora_rank at every target matrix: lora/mem_pool.py"},
        {"weights.whole_shared_experts", "Shared experts whole on every rank", "W_shared",
         whole_shared_experts(inputs, settings), "models/transformers.py"},
        {"weights.idle_head", "Head on a stage that doesn't use it", "W_head", idle_head(inputs, settings, ends),
         "models/llama.py and its like"},
        {allocator_rounding, "Rounding by the CUDA allocator", "W_rounding", vllm::rounding_bytes(inputs),
         "segments of 2 MiB steps from 10 MiB on: c10/cuda/CUDACachingAllocator.cpp"}};
    std::erase_if(extras, [](const LoadedExtra& extra) { return extra.bytes <= 0; });
    return extras;
}

DraftWeights draft_weights(const InferenceInputs& inputs, const Settings& settings)
{
    DraftWeights weights;
    if (!settings.draft.has_weights())
        return weights;
    if (settings.draft.is_named())
        return inputs.draft ? named_draft(inputs, settings) : weights;
    const Architecture& architecture = inputs.model->architecture;
    const auto add_layer = [&](const Layer& layer, std::int64_t count) {
        for (const Tensor& tensor : layer_inventory(architecture, layer))
            weights.layers += static_cast<double>(count) * tensor_bytes(inputs, tensor);
    };
    if (settings.draft.kind == DraftKind::prediction_layer && !architecture.mtp.empty())
        for (const PredictionLayers& prediction : architecture.mtp)
            add_layer(prediction.layer, prediction.count);
    else
        add_layer(last_attending_layer(architecture), 1);
    weights.layers += rope_tables(inputs, settings);
    const auto ranks = [&](std::int64_t of) { return static_cast<double>(of > 0 ? of : inputs.tensor_parallel); };
    const double rows = static_cast<double>(architecture.vocab_size * architecture.embedding_width()) * 2;
    weights.borrowed = rows / ranks(inputs.sharding.embedding_ranks) + rows / ranks(inputs.sharding.head_ranks);
    return weights;
}

} // namespace weighbridge::sglang
