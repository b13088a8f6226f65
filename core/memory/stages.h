#pragma once

#include "core/model/model.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace weighbridge {

/// The part of a network that one stage of a pipeline holds: its layers, on the first stage the embedding and the
/// towers, on the last the final norm and the head. `model.parameters` is that of the whole network.
struct PipelineStage
{
    Model model;
    bool first = false;
    bool last = false;
};

using PipelineStages = std::vector<PipelineStage>;

/// How many layers each stage gets: equal shares, and what is left over goes one each to the stages before the last,
/// going backwards (vLLM distributed/utils.py, get_pp_indices). `stages` is from 1 to `layers`.
std::vector<std::int64_t> layers_of_stages(std::int64_t layers, std::int64_t stages);

/// The stages of a model. With tied embeddings the last stage holds a copy of the embedding as its head.
std::shared_ptr<const PipelineStages> pipeline_stages(const Model& model, std::int64_t stages);

} // namespace weighbridge
