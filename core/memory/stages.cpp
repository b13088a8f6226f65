#include "core/memory/stages.h"

#include "core/memory/load.h"

#include <algorithm>
#include <optional>

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

/// A kind of layer of which a stage has some: those from `from` on, counted among the layers of that kind.
struct KindPart
{
    std::size_t kind = 0;
    std::int64_t from = 0;
    std::int64_t layers = 0;
};

/// The kinds that occur between two layers of the network, in order of their first appearance there: no row of a
/// stage's tables stands for no layer.
std::vector<KindPart> kinds_between(const Architecture& whole, std::int64_t from, std::int64_t count)
{
    std::vector<KindPart> parts;
    for (const LayerRun& run : slice(whole.runs, from, count)) {
        const auto same =
            std::find_if(parts.begin(), parts.end(), [&](const KindPart& part) { return part.kind == run.kind; });
        KindPart& part = same == parts.end() ? parts.emplace_back(KindPart{run.kind, 0, 0}) : *same;
        part.layers += run.count;
    }
    for (const LayerRun& run : slice(whole.runs, 0, from))
        for (KindPart& part : parts)
            part.from += part.kind == run.kind ? run.count : 0;
    return parts;
}

std::size_t place_of(std::size_t kind, const std::vector<KindPart>& parts)
{
    const auto found =
        std::find_if(parts.begin(), parts.end(), [&](const KindPart& part) { return part.kind == kind; });
    return static_cast<std::size_t>(found - parts.begin());
}

Architecture cut(const Architecture& whole, const std::vector<KindPart>& kinds, std::vector<LayerRun> runs)
{
    Architecture architecture = whole;
    architecture.kinds.clear();
    for (const KindPart& part : kinds)
        architecture.kinds.push_back(whole.kinds[part.kind]);
    for (LayerRun& run : runs)
        run.kind = place_of(run.kind, kinds);
    architecture.runs = std::move(runs);
    return architecture;
}

bool stays(const Tensor& tensor, bool first, bool last, TowerStages towers)
{
    if (tensor.part == Part::vision && towers == TowerStages::every)
        return true;
    switch (tensor.end) {
    case End::input:
        return first;
    case End::output:
        return last;
    case End::both:
        return first || last;
    case End::throughout:
        return true;
    }
    return true;
}

/// In the inventory's order: what stands before the layers, these kind by kind, what stands behind.
std::vector<RowPart> row_parts(const std::vector<Tensor>& tensors, const std::vector<KindPart>& kinds, bool first,
                               bool last, TowerStages towers)
{
    std::vector<RowPart> parts;
    bool layers_done = false;
    for (const Tensor& tensor : tensors) {
        if (tensor.kind == Tensor::no_index) {
            if (stays(tensor, first, last, towers))
                parts.push_back({tensor.row, 0, tensor.layers});
            continue;
        }
        if (std::exchange(layers_done, true))
            continue;
        for (const KindPart& part : kinds)
            for (const Tensor& other : tensors)
                if (other.kind == part.kind)
                    parts.push_back({other.row, part.from, part.layers});
    }
    return parts;
}

std::vector<Tensor> cut(const std::vector<Tensor>& whole, const std::vector<RowPart>& parts,
                        const std::vector<KindPart>& kinds)
{
    std::vector<Tensor> tensors;
    tensors.reserve(parts.size());
    for (const RowPart& part : parts) {
        Tensor tensor = whole[part.row];
        tensor.row = tensors.size();
        if (tensor.kind != Tensor::no_index) {
            tensor.kind = place_of(tensor.kind, kinds);
            tensor.layers = part.layers;
            tensor.layers_symbol = layers_symbol(tensor.kind, kinds.size());
        }
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

std::shared_ptr<const WeightColumn> cut(const std::shared_ptr<const WeightColumn>& whole,
                                        const std::vector<RowPart>& parts)
{
    return whole ? std::make_shared<const WeightColumn>(whole->cut(parts)) : nullptr;
}

/// What was published of the whole, for a part. A column that is the chosen one as well is so in the part.
std::optional<PublishedWeights> cut(const std::optional<PublishedWeights>& whole, const std::vector<RowPart>& parts,
                                    const std::shared_ptr<const WeightColumn>& chosen,
                                    const std::shared_ptr<const WeightColumn>& chosen_part)
{
    if (!whole)
        return std::nullopt;
    const auto part_of = [&](const std::shared_ptr<const WeightColumn>& column) {
        return column == chosen ? chosen_part : cut(column, parts);
    };
    PublishedWeights part;
    part.label = whole->label;
    part.compute = whole->compute;
    part.rule = part_of(whole->rule);
    if (whole->stored)
        part.stored.emplace().rows = part_of(whole->stored->rows);
    return part;
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

std::shared_ptr<const PipelineStages> pipeline_stages(const Model& model, std::int64_t stages, TowerStages towers,
                                                      const std::shared_ptr<const WeightColumn>& column)
{
    auto list = std::make_shared<PipelineStages>();
    const auto counts = layers_of_stages(model.architecture.layers(), stages);
    list->reserve(counts.size());
    std::int64_t from = 0;
    for (std::size_t index = 0; index < counts.size(); ++index) {
        PipelineStage& stage = list->emplace_back();
        stage.first = index == 0;
        stage.last = index + 1 == counts.size();
        const auto kinds = kinds_between(model.architecture, from, counts[index]);
        stage.parts = row_parts(model.tensors, kinds, stage.first, stage.last, towers);
        stage.column = cut(column, stage.parts);
        Model part;
        part.name = model.name;
        part.architecture = cut(model.architecture, kinds, slice(model.architecture.runs, from, counts[index]));
        part.tensors = cut(model.tensors, stage.parts, kinds);
        part.cache = cache_layout(part.architecture);
        part.parameters = model.parameters;
        part.published = cut(model.published, stage.parts, column, stage.column);
        part.family_assumed = model.family_assumed;
        stage.model = std::make_shared<const Model>(std::move(part));
        from += counts[index];
    }
    return list;
}

PipelineStage without_towers(const Model& model, const std::shared_ptr<const WeightColumn>& column)
{
    PipelineStage stage;
    stage.first = stage.last = true;
    Model part;
    for (const Tensor& tensor : model.tensors) {
        if (tensor.part == Part::vision)
            continue;
        stage.parts.push_back({tensor.row, 0, tensor.layers});
        part.tensors.push_back(tensor);
        part.tensors.back().row = part.tensors.size() - 1;
    }
    stage.column = cut(column, stage.parts);
    part.name = model.name;
    part.architecture = model.architecture;
    part.cache = model.cache;
    part.parameters = model.parameters;
    part.published = cut(model.published, stage.parts, column, stage.column);
    part.family_assumed = model.family_assumed;
    stage.model = std::make_shared<const Model>(std::move(part));
    return stage;
}

std::shared_ptr<const PipelineStages> with_column(const PipelineStages& stages,
                                                  const std::shared_ptr<const WeightColumn>& column)
{
    auto list = std::make_shared<PipelineStages>(stages);
    for (PipelineStage& stage : *list)
        stage.column = cut(column, stage.parts);
    return list;
}

InferenceInputs inputs_of_stage(const InferenceInputs& inputs, std::size_t stage)
{
    InferenceInputs part = inputs;
    if (!inputs.stages)
        return part;
    const PipelineStage& of_stage = inputs.stages->at(stage);
    part.model = of_stage.model.get();
    part.weights.column = of_stage.column;
    return part;
}

} // namespace weighbridge
