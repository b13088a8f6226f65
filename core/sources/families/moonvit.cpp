#include "core/sources/families/vision.h"

namespace weighbridge {

namespace {

/// What tells one MoonViT from another; the keys that later ones have besides are those of Kimi-K3.
struct MoonVit
{
    std::int64_t hidden = 0;
    std::int64_t inner = 0;
    std::int64_t layers = 0;
    std::int64_t qkv = 0;          ///< width of queries, keys and values
    std::int64_t norm_vectors = 2; ///< weight and bias of a LayerNorm, or the weight of an RMSNorm
    bool attention_bias = true;
    bool network_bias = true;

    std::int64_t parameters() const
    {
        const std::int64_t attention = 4 * hidden * qkv + (attention_bias ? 3 * qkv + hidden : 0);
        const std::int64_t network = 2 * hidden * inner + (network_bias ? inner + hidden : 0);
        return layers * (attention + network + 2 * norm_vectors * hidden) + norm_vectors * hidden;
    }
};

MoonVit read_moonvit(ConfigReader& vision)
{
    const std::string prefix = vision.has("vt_hidden_size") ? "vt_" : ""; // Kimi-VL has none
    MoonVit tower;
    tower.hidden = vision.integer(prefix + "hidden_size", ranges::vision_size);
    tower.inner = vision.integer(prefix + "intermediate_size", ranges::vision_size);
    tower.layers = vision.integer(prefix + "num_hidden_layers", ranges::tower_layers);
    tower.qkv = vision.optional_integer("qkv_hidden_size", ranges::vision_size).value_or(tower.hidden);
    tower.norm_vectors = vision.text("norm_type").value_or("layernorm") == "rmsnorm" ? 1 : 2;
    tower.attention_bias = vision.flag("attn_bias", true);
    tower.network_bias = vision.flag("linear_bias", true);
    if (vision.text("mlp_type").value_or("mlp2") != "mlp2")
        vision.refuse("mlp_type", "networks of two matrices (mlp2) are known");
    return tower;
}

/// Patches, and a learned table of positions; those in time are computed.
std::int64_t read_embedding(ConfigReader& vision, std::int64_t hidden)
{
    const std::int64_t patch = vision.integer("patch_size", ranges::patches);
    const std::string prefix = vision.has("pos_emb_height") ? "" : "init_"; // transformers 5 spells it without
    const std::int64_t height = vision.integer(prefix + "pos_emb_height", ranges::patches);
    const std::int64_t width = vision.integer(prefix + "pos_emb_width", ranges::patches);
    const std::int64_t bias = vision.flag("patch_embed_proj_bias", true) ? hidden : 0;
    return 3 * patch * patch * hidden + bias + height * width * hidden;
}

/// Two matrices on merged patches: with biases behind a LayerNorm of the patches, or without and an RMSNorm behind them
/// (patchmergerv2 of Kimi-K3).
std::int64_t read_projector(ConfigReader& vision, std::int64_t hidden, std::int64_t output)
{
    const auto kernel =
        vision.integers("merge_kernel_size", ranges::tower_ratio).value_or(std::vector<std::int64_t>{2, 2});
    if (kernel.size() != 2) {
        vision.refuse("merge_kernel_size", "it must be two sizes");
        return 0;
    }
    const std::int64_t merged = hidden * kernel.front() * kernel.back();
    const std::int64_t matrices = merged * merged + merged * output;
    if (vision.text("mm_projector_type").value_or("patchmerger") == "patchmergerv2")
        return matrices + output;
    return 2 * hidden + matrices + merged + output;
}

} // namespace

void read_kimi_vision(ConfigReader& outer, Architecture& network)
{
    if (!has_vision(outer))
        return;
    ConfigReader vision = outer.nested("vision_config", "");
    const MoonVit tower = read_moonvit(vision);
    network.towers.push_back({"vision_tower", read_embedding(vision, tower.hidden) + tower.parameters()});
    network.towers.push_back({"multi_modal_projector", read_projector(vision, tower.hidden, network.hidden_size)});
}

} // namespace weighbridge
