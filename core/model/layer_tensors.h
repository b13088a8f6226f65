#pragma once

#include "core/model/layer.h"

#include <string>
#include <vector>

namespace weighbridge {

/// Appends the tensors of one mixer of one layer. `module` is what the checkpoint calls it within its layer,
/// "self_attn"; recurrent mixers bring names of their own. Mixers whose weights are shared have none.
void append_tensors(std::vector<Tensor>& tensors, const Mixer& mixer, Extent hidden, const std::string& module);

/// The same for a feed-forward: "mlp".
void append_tensors(std::vector<Tensor>& tensors, const FeedForward& feed_forward, Extent hidden,
                    const std::string& module);

/// The tensors of one mixer of one layer, with the names it has alone.
std::vector<Tensor> mixer_inventory(const Mixer& mixer, std::int64_t hidden_size);

} // namespace weighbridge
