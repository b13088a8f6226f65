#include "core/sources/families/audio.h"

namespace weighbridge {

namespace {

constexpr IntegerRange channel_range{1, 4'096};
constexpr IntegerRange kernel_range{1, 64};

/// Two convolutions of 3 x 3 that halve time and frequency, each with a norm, and a matrix from all channels of the
/// frequencies that are left.
std::int64_t subsampling(const std::vector<std::int64_t>& channels, std::int64_t frequencies, std::int64_t hidden)
{
    const std::int64_t first = channels.front();
    const std::int64_t second = channels.back();
    return 9 * first + first + 9 * first * second + second + frequencies * second * hidden;
}

/// A Conformer layer (Gemma3nAudioConformerBlock, Gemma4AudioLayer): two networks of fourfold width with two norms
/// each; attention with a projection of relative positions, a scale per head dimension and two norms; a convolution of
/// each channel between two matrices and two norms; a norm at the end.
std::int64_t conformer_layer(std::int64_t hidden, std::int64_t head_dim, std::int64_t kernel)
{
    const std::int64_t networks = 2 * (8 * hidden * hidden + 2 * hidden);
    const std::int64_t attention = 5 * hidden * hidden + head_dim + 2 * hidden;
    const std::int64_t convolution = 3 * hidden * hidden + kernel * hidden + 2 * hidden;
    return networks + attention + convolution + hidden;
}

std::vector<std::int64_t> read_channels(ConfigReader& audio, std::string_view key)
{
    auto channels = audio.integers(key, channel_range).value_or(std::vector<std::int64_t>{128, 32});
    if (channels.size() == 2)
        return channels;
    audio.refuse(key, "it must be two numbers of channels");
    return {1, 1};
}

std::int64_t head_dim(ConfigReader& audio, std::string_view key, std::int64_t hidden)
{
    return hidden / audio.integer(key, ranges::heads);
}

} // namespace

void read_gemma3n_audio(ConfigReader& outer, Architecture& network)
{
    outer.ignore({"audio_config"});
    if (!outer.has("audio_config"))
        return;
    ConfigReader audio = outer.nested("audio_config", "gemma3n_audio");
    const std::int64_t h = audio.integer("hidden_size", ranges::vision_size);
    const std::int64_t layers = audio.integer("conf_num_hidden_layers", ranges::tower_layers);
    const std::int64_t kernel = audio.integer("conf_conv_kernel_size", kernel_range);
    const std::int64_t features = audio.integer("input_feat_size", channel_range);
    const std::int64_t heads_width = head_dim(audio, "conf_num_attention_heads", h);
    const std::int64_t frequencies = ((features + 1) / 2 + 1) / 2; // each convolution halves, rounding up
    const std::int64_t tower = subsampling(read_channels(audio, "sscp_conv_channel_size"), frequencies, h) +
                               layers * conformer_layer(h, heads_width, kernel);
    network.towers.push_back({"audio_tower", tower});
    // Gemma3nMultimodalEmbedder: a small table of its own tokens, a norm each for those and for what is heard.
    const std::int64_t tokens = audio.integer("vocab_size", ranges::vision_size);
    network.towers.push_back({"embed_audio", tokens * h + 2 * h + h * network.hidden_size});
}

void read_gemma4_audio(ConfigReader& outer, Architecture& network)
{
    outer.ignore({"audio_config"});
    if (!outer.has("audio_config"))
        return;
    ConfigReader audio = outer.nested("audio_config", "gemma4_audio");
    const std::int64_t h = audio.integer("hidden_size", ranges::vision_size);
    const std::int64_t layers = audio.integer("num_hidden_layers", ranges::tower_layers);
    const std::int64_t kernel = audio.integer("conv_kernel_size", kernel_range);
    const std::int64_t output = audio.integer("output_proj_dims", ranges::vision_size);
    const std::vector<std::int64_t> channels = read_channels(audio, "subsampling_conv_channels");
    std::int64_t layer = conformer_layer(h, head_dim(audio, "num_attention_heads", h), kernel);
    if (audio.flag("use_clipped_linears"))
        layer += 40; // four bounds of ten projections
    const std::int64_t tower = subsampling(channels, channels.front() / 4, h) + layers * layer + h * output + output;
    network.towers.push_back({"audio_tower", tower});
    network.towers.push_back({"embed_audio", output * network.hidden_size});
}

} // namespace weighbridge
