#include "core/sources/families/vision.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace weighbridge {

namespace {

/// A product that can't overflow: sizes are at most 65,536, patches 1,024 wide.
struct QwenTower
{
    std::int64_t hidden = 0;
    std::int64_t inner = 0;
    std::int64_t layers = 0;
    std::int64_t patch_elements = 0; ///< channels x frames x pixels of a patch
    std::int64_t merged = 0;         ///< width of the patches that are merged into one token
};

QwenTower read_qwen_tower(ConfigReader& vision, std::string_view hidden_key)
{
    QwenTower tower;
    tower.hidden = vision.integer(hidden_key, ranges::vision_size);
    tower.layers = vision.integer("depth", ranges::tower_layers);
    const std::int64_t patch = vision.integer("patch_size", ranges::patches);
    const std::int64_t merge = vision.integer("spatial_merge_size", ranges::tower_ratio);
    const std::int64_t channels = vision.optional_integer("in_channels", {1, 16}).value_or(3);
    tower.patch_elements = channels * vision.integer("temporal_patch_size", ranges::tower_ratio) * patch * patch;
    tower.merged = tower.hidden * merge * merge;
    return tower;
}

/// A network of two matrices with biases on the merged patches.
std::int64_t merger(std::int64_t merged, std::int64_t output)
{
    return merged * merged + merged + merged * output + output;
}

/// Four projections with biases.
std::int64_t attention(std::int64_t hidden)
{
    return 4 * hidden * hidden + 4 * hidden;
}

/// Two matrices with biases.
std::int64_t network_of(std::int64_t hidden, std::int64_t inner)
{
    return 2 * hidden * inner + inner + hidden;
}

struct TransformerSizes
{
    std::int64_t hidden = 0;
    std::int64_t inner = 0;
    std::int64_t layers = 0;
};

TransformerSizes read_sizes(ConfigReader& vision)
{
    return {.hidden = vision.integer("hidden_size", ranges::vision_size),
            .inner = vision.integer("intermediate_size", ranges::vision_size),
            .layers = vision.integer("num_hidden_layers", ranges::tower_layers)};
}

void add_tower(Architecture& network, std::int64_t tower, std::int64_t projector, const char* tower_name = "visual")
{
    network.towers.push_back({tower_name, tower});
    if (projector > 0)
        network.towers.push_back({"multi_modal_projector", projector});
}

/// How many pairs of whole numbers, tiles across and down, a list has.
std::int64_t count_aspect_ratios(ConfigReader& vision, const nlohmann::json& list)
{
    const auto is_pair = [](const nlohmann::json& entry) {
        return entry.is_array() && entry.size() == 2 && entry[0].is_number_integer() && entry[1].is_number_integer();
    };
    if (list.is_array() && std::all_of(list.begin(), list.end(), is_pair))
        return static_cast<std::int64_t>(list.size());
    vision.refuse("supported_aspect_ratios", "it must be a list of pairs of whole numbers");
    return 0;
}

} // namespace

void read_qwen2_vision(ConfigReader& outer, Architecture& network)
{
    if (!has_vision(outer))
        return;
    ConfigReader vision = outer.nested("vision_config", "qwen2_vl_vision");
    const QwenTower tower = read_qwen_tower(vision, "embed_dim");
    const std::int64_t h = tower.hidden;
    const std::int64_t inner = h * vision.integer("mlp_ratio", ranges::tower_ratio);
    const std::int64_t output = vision.optional_integer("hidden_size", ranges::size).value_or(network.hidden_size);
    // modeling_qwen2_vl.py: patches without bias, LayerNorms, the merger with a norm of its own.
    const std::int64_t layer = attention(h) + network_of(h, inner) + 4 * h;
    add_tower(network, tower.patch_elements * h + tower.layers * layer + 2 * h + merger(tower.merged, output), 0);
}

void read_qwen2_5_vision(ConfigReader& outer, Architecture& network)
{
    if (!has_vision(outer))
        return;
    ConfigReader vision = outer.nested("vision_config", "qwen2_5_vl_vision");
    const QwenTower tower = read_qwen_tower(vision, "hidden_size");
    const std::int64_t h = tower.hidden;
    const std::int64_t inner = vision.integer("intermediate_size", ranges::vision_size);
    const std::int64_t output = vision.optional_integer("out_hidden_size", ranges::size).value_or(network.hidden_size);
    // modeling_qwen2_5_vl.py: RMSNorms and a gated network with biases.
    const std::int64_t layer = attention(h) + 3 * h * inner + 2 * inner + h + 2 * h;
    add_tower(network, tower.patch_elements * h + tower.layers * layer + h + merger(tower.merged, output), 0);
}

void read_qwen3_vision(ConfigReader& outer, Architecture& network)
{
    if (!has_vision(outer))
        return;
    const bool deep = network.family.starts_with("qwen3_vl");
    ConfigReader vision = outer.nested("vision_config", deep ? "qwen3_vl_vision" : "qwen3_5_vision");
    const QwenTower tower = read_qwen_tower(vision, "hidden_size");
    const std::int64_t h = tower.hidden;
    const std::int64_t inner = vision.integer("intermediate_size", ranges::vision_size);
    const std::int64_t output = vision.integer("out_hidden_size", ranges::size);
    const std::int64_t positions = vision.integer("num_position_embeddings", {1, 1 << 24});
    const auto levels =
        vision.integers("deepstack_visual_indexes", ranges::layer_index).value_or(std::vector<std::int64_t>{});
    if (levels.size() > static_cast<std::size_t>(tower.layers)) {
        vision.fail("deepstack_visual_indexes", "has more entries than there are layers");
        return;
    }
    // modeling_qwen3_vl.py: learned positions; each deepstack level has a merger with a norm of the merged width.
    const std::int64_t layer = attention(h) + network_of(h, inner) + 4 * h;
    const std::int64_t levels_parameters =
        static_cast<std::int64_t>(levels.size()) * (2 * tower.merged + merger(tower.merged, output));
    add_tower(network,
              tower.patch_elements * h + h + positions * h + tower.layers * layer + 2 * h +
                  merger(tower.merged, output) + levels_parameters,
              0);
}

void read_pixtral_vision(ConfigReader& outer, Architecture& network)
{
    if (!has_vision(outer))
        return;
    ConfigReader vision = outer.nested("vision_config", "pixtral");
    const auto [h, inner, layers] = read_sizes(vision);
    const std::int64_t patch = vision.integer("patch_size", ranges::patches);
    const std::int64_t channels = vision.integer("num_channels", {1, 16});
    const std::int64_t merge = outer.optional_integer("spatial_merge_size", ranges::tower_ratio).value_or(2);
    const std::int64_t width = network.hidden_size;
    // modeling_pixtral.py: RMSNorms, gated networks, no biases. modeling_mistral3.py: a norm, the merging of patches,
    // two matrices.
    const std::int64_t tower = channels * patch * patch * h + h + layers * (4 * h * h + 3 * h * inner + 2 * h);
    std::int64_t projector = h + h * merge * merge * h + h * width + width * width;
    if (outer.flag("multimodal_projector_bias"))
        projector += 2 * width;
    add_tower(network, tower, projector, "vision_tower");
}

void read_gemma4_vision(ConfigReader& outer, Architecture& network)
{
    if (!has_vision(outer))
        return;
    ConfigReader vision = outer.nested("vision_config", "gemma4_vision");
    const auto [h, inner, layers] = read_sizes(vision);
    const std::int64_t heads = vision.integer("num_attention_heads", ranges::patches);
    const std::int64_t kv_heads = vision.optional_integer("num_key_value_heads", ranges::patches).value_or(heads);
    const std::int64_t head_dim = vision.optional_integer("head_dim", ranges::patches).value_or(h / heads);
    const std::int64_t patch = vision.integer("patch_size", ranges::patches);
    const std::int64_t positions = vision.optional_integer("position_embedding_size", {1, 1 << 24}).value_or(10'240);
    // modeling_gemma4.py: two tables of positions, norms on queries and keys, four norms, gated networks; clipped
    // linears hold four bounds each.
    std::int64_t layer = 2 * h * heads * head_dim + 2 * h * kv_heads * head_dim + 2 * head_dim + 4 * h + 3 * h * inner;
    if (vision.flag("use_clipped_linears"))
        layer += 28; // four bounds of seven projections
    std::int64_t tower = 3 * patch * patch * h + 2 * positions * h + layers * layer;
    if (vision.flag("standardize"))
        tower += 2 * h;
    add_tower(network, tower, h * network.hidden_size, "vision_tower");
}

void read_mllama_vision(ConfigReader& outer, Architecture& network)
{
    if (!has_vision(outer))
        return;
    ConfigReader vision = outer.nested("vision_config", "mllama_vision_model");
    const auto [h, inner, local] = read_sizes(vision);
    const std::int64_t global = vision.integer("num_global_layers", ranges::tower_layers);
    const std::int64_t patch = vision.integer("patch_size", ranges::patches);
    const std::int64_t image = vision.integer("image_size", ranges::vision_size);
    const std::int64_t tiles = vision.integer("max_num_tiles", ranges::tower_ratio);
    const std::int64_t channels = vision.integer("num_channels", {1, 16});
    const std::int64_t output = vision.integer("vision_output_dim", ranges::vision_size);
    // One embedding per aspect ratio and one for none; the class lists eight.
    std::int64_t ratios = vision.optional_integer("max_aspect_ratio_id", ranges::patches).value_or(8);
    const nlohmann::json* object = vision.object();
    if (!vision.has("max_aspect_ratio_id") && object != nullptr && object->contains("supported_aspect_ratios") &&
        !object->at("supported_aspect_ratios").is_null())
        ratios = count_aspect_ratios(vision, object->at("supported_aspect_ratios"));
    vision.ignore({"supported_aspect_ratios"});
    const std::int64_t embeddings = std::min<std::int64_t>(ratios, ranges::patches.maximum) + 1;
    const std::int64_t patches = (image / patch) * (image / patch) + 1;
    if (patches > 1 << 20) {
        vision.refuse("image_size", "it must make no more than 1,048,576 patches");
        return;
    }
    // modeling_mllama.py: projections without biases, gated global layers, positions per tile and aspect ratio.
    const std::int64_t layer = 4 * h * h + network_of(h, inner) + 4 * h;
    const std::int64_t positions = h + patches * h + 1 + embeddings * tiles * patches * h;
    const std::int64_t tile_embeddings = 2 * (embeddings * tiles * h + 1);
    const std::int64_t tower =
        channels * patch * patch * h + positions + tile_embeddings + 4 * h + local * layer + global * (layer + 2);
    add_tower(network, tower, output * network.hidden_size + network.hidden_size, "vision_model");
}

} // namespace weighbridge
