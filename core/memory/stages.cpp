#include "core/memory/stages.h"

#include <algorithm>
#include <string_view>

namespace weighbridge {

namespace {

/// `count` layers from the one at `from`, as runs of their own.
std::vector<LayerRun> slice(const std::vector<LayerRun>& runs, std::int64_t from, std::int64_t count)
{
    std::vector<LayerRun> part;
    for (const LayerRun& run : runs) {
        const std::int64_t begin = std::min(from, run.count);
        const std::int64_t taken = std::min(run.count - begin, count);
        if (taken > 0)
            part.push_back({run.kind, taken});
        from -= begin;
        count -= taken;
    }
    return part;
}

/// The same layers with only the kinds that occur, so that no row of the tables stands for no layer.
void keep_kinds_in_use(Architecture& architecture)
{
    const std::vector<Layer> kinds = std::move(architecture.kinds);
    const std::vector<LayerRun> runs = std::move(architecture.runs);
    architecture.kinds.clear();
    architecture.runs.clear();
    for (const LayerRun& run : runs)
        for (std::int64_t layer = 0; layer < run.count; ++layer)
            architecture.append(kinds[run.kind]);
}

bool stays(const Tensor& tensor, const PipelineStage& stage, bool tied)
{
    if (!tensor.layers_symbol.empty())
        return true;
    if (tensor.part == Part::embedding && tensor.name.find("lm_head") == std::string::npos)
        return stage.first || (stage.last && tied);
    if (tensor.part == Part::vision)
        return stage.first;
    return stage.last;
}

} // namespace

std::vector<std::int64_t> layers_of_stages(std::int64_t layers, std::int64_t stages)
{
    std::vector<std::int64_t> counts(static_cast<std::size_t>(stages), layers / stages);
    const auto left_over = static_cast<std::size_t>(layers % stages);
    for (std::size_t stage = 0; stage < left_over; ++stage)
        counts[counts.size() - 2 - stage] += 1;
    return counts;
}

std::shared_ptr<const PipelineStages> pipeline_stages(const Model& model, std::int64_t stages)
{
    auto list = std::make_shared<PipelineStages>();
    const auto counts = layers_of_stages(model.architecture.layers(), stages);
    std::int64_t from = 0;
    for (std::size_t index = 0; index < counts.size(); ++index) {
        Architecture architecture = model.architecture;
        architecture.runs = slice(model.architecture.runs, from, counts[index]);
        from += counts[index];
        keep_kinds_in_use(architecture);
        PipelineStage stage{.model = *make_model(model.name, std::move(architecture)),
                            .first = index == 0,
                            .last = index + 1 == counts.size()};
        stage.model.parameters = model.parameters;
        std::erase_if(stage.model.tensors, [&](const Tensor& tensor) {
            return !stays(tensor, stage, model.architecture.tie_word_embeddings);
        });
        list->push_back(std::move(stage));
    }
    return list;
}

} // namespace weighbridge
