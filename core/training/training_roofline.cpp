#include "core/training/training_roofline.h"

#include "core/training/flops.h"
#include "core/training/saved_tensors.h"

#include <algorithm>

namespace weighbridge {

namespace {

Workload workload_of(const TrainingInputs& in)
{
    Workload workload;
    workload.phase = Phase::prefill;
    workload.sequences = std::max<std::int64_t>(1, static_cast<std::int64_t>(in.sequences));
    workload.context = std::max<std::int64_t>(1, in.tokens / workload.sequences);
    workload.tensor_parallel = in.hardware->tensor_parallel;
    // The ranks of an expert-parallel group bring a micro batch each to the experts that they share.
    if (in.hardware->expert_parallel > 1)
        workload.experts = Spread{.ranks = in.sharding.expert_ranks,
                                  .sequences = workload.sequences * in.hardware->expert_parallel,
                                  .whole_experts = true};
    const auto compute = find_format(in.recipe.compute == 4 ? "fp32" : "bf16", FormatUse::weights);
    workload.kv_k = workload.kv_v = workload.activations = *compute;
    workload.weights = in.frozen_base ? in.base : *compute;
    return workload;
}

/// Times that an operation is done, counted in forward passes.
double passes_of(const TrainingInputs& in, const Operation& operation)
{
    const bool product = operation.weight_bytes > 0;
    const double backward = product && in.frozen_base ? 1 : 2;
    return 1 + recomputed_share(in) + backward;
}

Formula times(double factor, const Formula& formula)
{
    if (formula.symbols.empty())
        return formula;
    const std::string number = formula_number(factor);
    return {number + " · (" + formula.symbols + ")", number + " × (" + formula.numbers + ")"};
}

Operation repeated(Operation operation, double passes)
{
    operation.flops *= passes;
    operation.weight_bytes *= passes;
    operation.cache_bytes *= passes;
    operation.activation_bytes *= passes;
    operation.flops_formula = times(passes, operation.flops_formula);
    operation.bytes_formula = times(passes, operation.bytes_formula);
    return operation;
}

} // namespace

std::vector<Roofline> training_rooflines(const TrainingInputs& in, const Accelerator& accelerator)
{
    const Workload workload = workload_of(in);
    return rooflines_of(
        in.model->architecture, accelerator, workload, Phase::training,
        [&](const Layer& layer) {
            std::vector<Operation> operations = layer_operations(in.model->architecture, layer, workload, true);
            for (Operation& operation : operations) {
                const auto passes = passes_of(in, operation);
                operation = repeated(std::move(operation), passes);
            }
            return operations;
        },
        in.stages.get());
}

} // namespace weighbridge
