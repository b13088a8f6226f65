#pragma once

#include "core/model/model.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace weighbridge {

/// The part of a network that one stage of a pipeline holds: its layers, and what stands outside them on the stages
/// that need it. Tensors, and every column beside them, are cut from those of the whole by one list of rows and layers.
/// `model.parameters` is that of the whole network.
struct PipelineStage
{
    std::shared_ptr<const Model> model;
    std::vector<RowPart> parts;                 ///< of the whole network's rows, in the order of the model's tensors
    std::shared_ptr<const WeightColumn> column; ///< what was given beside the model, for this stage; null: nothing was
    bool first = false;
    bool last = false;
};

using PipelineStages = std::vector<PipelineStage>;

/// Which stages hold the vision and audio towers.
enum class TowerStages
{
    first,
    every,
};

/// How many layers each stage gets: equal shares, and what is left over goes one each to the stages before the last,
/// going backwards (vLLM distributed/utils.py, get_pp_indices). `stages` is from 1 to `layers`.
std::vector<std::int64_t> layers_of_stages(std::int64_t layers, std::int64_t stages);

/// The stages of a model, whose weights may be stored as a column says. With tied embeddings the last stage holds a
/// copy of the embedding as its head.
std::shared_ptr<const PipelineStages> pipeline_stages(const Model& model, std::int64_t stages, TowerStages towers,
                                                      const std::shared_ptr<const WeightColumn>& column = nullptr);

/// The whole network without its vision and audio towers, for engines that don't load them.
PipelineStage without_towers(const Model& model, const std::shared_ptr<const WeightColumn>& column = nullptr);

/// The same stages, whose weights are stored as another column of the whole network says.
std::shared_ptr<const PipelineStages> with_column(const PipelineStages& stages,
                                                  const std::shared_ptr<const WeightColumn>& column);

} // namespace weighbridge
