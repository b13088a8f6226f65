#pragma once

#include "core/training/training.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace weighbridge {

/// "layers:A-B", both included, from 0; nothing for other texts.
std::optional<std::pair<std::int64_t, std::int64_t>> frozen_layers(std::string_view part);

/// Whether a text is a part that `freeze` may name.
bool is_part(std::string_view part);

/// The share of a tensor's layers that `freeze` leaves to be trained: 0 for a frozen part.
double unfrozen_share(const TrainingInputs& inputs, const Tensor& tensor);

/// The first layer that something is trained in or below: with frozen embeddings no gradient is needed before it.
std::int64_t first_unfrozen_layer(const TrainingInputs& inputs);

} // namespace weighbridge
