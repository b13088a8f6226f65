#pragma once

#include "core/model/model.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// One low-rank adapter beside all matrices of one row of the inventory: A is rank x columns, B is rows x rank.
struct Adapter
{
    const Tensor* tensor = nullptr;
    bool shares_a = false; ///< one of several matrices that the model's code fuses into one: A was counted with another

    /// Elements in all layers and copies; with DoRA, a magnitude per output as well.
    double elements(std::int64_t rank, bool magnitudes) const;
};

/// What lora_target_modules may say: roles, and the names that implementations give their modules.
std::span<const std::string_view> target_names();

/// Whether one of the targets means this tensor.
bool is_target(const std::vector<std::string>& targets, const Tensor& tensor);

/// The adapters of a network. Empty targets mean all_linear: every matrix of attention and feed-forwards, as PEFT's
/// "all-linear", without embeddings, head and router. Targets that name a fused module ("c_attn") get one A for all of
/// its matrices.
std::vector<Adapter> adapters_of(const std::vector<Tensor>& tensors, const std::vector<std::string>& targets);

} // namespace weighbridge
