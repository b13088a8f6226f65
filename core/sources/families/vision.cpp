#include "core/sources/families/vision.h"

namespace weighbridge {

namespace {

/// What every vision transformer here is made of. The ranges of its keys keep all products below 2^53.
struct VisionTransformer
{
    std::int64_t hidden = 0;
    std::int64_t inner = 0;
    std::int64_t layers = 0;
    std::int64_t patch_elements = 0; ///< channels x pixels of a patch
    std::int64_t patches = 0;

    /// Four projections, two matrices and two LayerNorms, all with biases.
    std::int64_t layer_parameters() const
    {
        return 4 * hidden * hidden + 4 * hidden + 2 * hidden * inner + inner + hidden + 4 * hidden;
    }
};

VisionTransformer read_transformer(ConfigReader& vision)
{
    VisionTransformer tower;
    tower.hidden = vision.integer("hidden_size", ranges::vision_size);
    tower.inner = vision.integer("intermediate_size", ranges::vision_size);
    tower.layers = vision.integer("num_hidden_layers", {1, 1'000});
    const std::int64_t image = vision.integer("image_size", ranges::vision_size);
    const std::int64_t patch = vision.integer("patch_size", {1, 1'024});
    const std::int64_t channels = vision.integer("num_channels", {1, 16});
    if (patch > image)
        vision.fail("patch_size", "is " + grouped(patch) + "; it must not exceed image_size (" + grouped(image) + ")");
    tower.patch_elements = channels * patch * patch;
    tower.patches = (image / patch) * (image / patch);
    return tower;
}

} // namespace

bool has_vision(ConfigReader& outer)
{
    if (outer.has("vision_config"))
        return true;
    outer.warn("vision_config", "config.json has no vision_config: no vision tower is counted.");
    return false;
}

void read_gemma3_vision(ConfigReader& outer, Architecture& network)
{
    if (!has_vision(outer))
        return;
    ConfigReader vision = outer.nested("vision_config", "siglip_vision_model");
    const VisionTransformer tower = read_transformer(vision);
    const std::int64_t h = tower.hidden;
    // modeling_siglip.py: patch embedding with bias, learned positions, layers, a last LayerNorm.
    std::int64_t parameters =
        tower.patch_elements * h + h + tower.patches * h + tower.layers * tower.layer_parameters() + 2 * h;
    // The pooling head is in no Gemma 3 checkpoint: their files say vision_use_head false.
    if (vision.flag("vision_use_head"))
        parameters += h + (4 * h * h + 4 * h) + 2 * h + (2 * h * tower.inner + tower.inner + h);
    network.towers.push_back({"vision_tower", parameters});
    // modeling_gemma3.py: one matrix and an RMSNorm.
    network.towers.push_back({"multi_modal_projector", h * network.hidden_size + h});
}

void read_llama4_vision(ConfigReader& outer, Architecture& network)
{
    if (!has_vision(outer))
        return;
    ConfigReader vision = outer.nested("vision_config", "llama4_vision_model");
    const VisionTransformer tower = read_transformer(vision);
    const std::int64_t h = tower.hidden;
    const std::int64_t adapter_in = vision.integer("projector_input_dim", ranges::vision_size);
    const std::int64_t adapter_out = vision.integer("projector_output_dim", ranges::vision_size);
    const std::int64_t output = vision.integer("vision_output_dim", ranges::vision_size);
    // modeling_llama4.py: patches without bias, a class token with its own position, LayerNorms before and after, and
    // the pixel-shuffle MLP without biases.
    const std::int64_t embeddings = tower.patch_elements * h + h + (tower.patches + 1) * h;
    const std::int64_t adapter = tower.inner * adapter_in + adapter_out * adapter_out;
    network.towers.push_back({"vision_model", embeddings + 4 * h + tower.layers * tower.layer_parameters() + adapter});
    network.towers.push_back({"multi_modal_projector", output * network.hidden_size});
}

} // namespace weighbridge
