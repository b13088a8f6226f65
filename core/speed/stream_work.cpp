#include "core/speed/stream_work.h"

#include <algorithm>

namespace weighbridge {

namespace {

class StreamSums
{
public:
    StreamSums(const NetworkWork& network, double key_bytes, double value_bytes)
        : key_bytes_(key_bytes), value_bytes_(value_bytes)
    {
        work.layers = network.layer_count();
        work.head = network.head;
        work.parameters = work.all_parameters = network.head;
        for (const LayerWork& layer : network.layers)
            add(layer);
    }

    StreamWork work;

private:
    void add(const LayerWork& layer)
    {
        const double always = layer.layers * (layer.attention + layer.always);
        const double share = layer.has_experts() ? std::min(1.0, layer.chosen / layer.experts) : 0;
        work.parameters += always + layer.layers * layer.routed * share;
        work.used_experts += layer.layers * layer.routed * share;
        work.all_parameters += always + layer.layers * layer.routed;
        if (share > 0)
            work.expert_share = share;
        for (const MixerWork& mixer : layer.mixers)
            add(mixer, layer.layers);
    }

    void add(const MixerWork& mixer, double layers)
    {
        const double width = (key_bytes_ + value_bytes_) / 2;
        double entry = 0;
        double pair = 0;
        switch (mixer.kind) {
        case MixerWork::Kind::grouped:
            entry = mixer.kv_heads * (mixer.head_dim * key_bytes_ + mixer.value_dim * value_bytes_);
            pair = 2 * mixer.heads * (mixer.head_dim + mixer.value_dim);
            break;
        case MixerWork::Kind::latent:
            entry = (mixer.latent + mixer.rope) * width;
            pair = 2 * mixer.heads * (2 * mixer.latent + mixer.rope);
            break;
        case MixerWork::Kind::compressed:
            entry = mixer.head_dim * width;
            pair = 4 * mixer.heads * mixer.head_dim;
            break;
        case MixerWork::Kind::recurrent:
            work.state_bytes += layers * 8 * mixer.state;
            work.recurrent = true;
            return;
        }
        const bool windowed = mixer.window > 0;
        (windowed ? work.window_bytes : work.full_bytes) += layers * entry;
        (windowed ? work.window_pair : work.full_pair) += layers * pair;
        if (windowed)
            work.window = std::max(work.window, mixer.window);
        if (mixer.kind == MixerWork::Kind::compressed && mixer.ratio > 0) {
            work.full_bytes += layers * entry / mixer.ratio;
            work.full_pair += layers * pair / mixer.ratio;
        }
    }

    double key_bytes_;
    double value_bytes_;
};

} // namespace

StreamWork stream_work(const NetworkWork& network, double key_bytes, double value_bytes)
{
    return StreamSums(network, key_bytes, value_bytes).work;
}

} // namespace weighbridge
