#include "core/training/book_rules.h"
#include "core/training/flops.h"
#include "core/training/moment_terms.h"
#include "core/training/pipeline.h"
#include "core/training/training.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {

namespace {

struct MomentRow
{
    MomentKind kind;
    std::string_view id;
    std::string_view label;
    std::string_view why;
};

constexpr std::array<MomentRow, 5> moment_rows = {{
    {MomentKind::forward_end, "forward_end", "End of forward",
     "The activations of every layer and the logits are there at once; gradients are not yet."},
    {MomentKind::backward_start, "backward_start", "Start of backward",
     "The last layer's activations stand beside everything that the forward pass kept."},
    {MomentKind::backward_end, "backward_end", "End of backward",
     "All gradients are there; of the activations only the first layer's are left."},
    {MomentKind::optimizer_step, "optimizer_step", "Optimizer step",
     "Weights, gradients and states stand beside what the step computes with."},
    {MomentKind::load, "load", "Load", "The weights arrive on the device."},
}};

Bytes total_of(const std::vector<Term>& terms)
{
    Bytes total;
    for (const Term& term : terms)
        total += term.bytes;
    return total;
}

TrainingStage stage_of(const TrainingInputs& in, const Model& model, std::int64_t index, bool last, bool text)
{
    StageState state{.inputs = &in, .model = &model, .last = last, .in_flight = micro_batches_in_flight(in, index)};
    state.trained = trained_tensors(in, model);
    state.gathered = gathered_weights(in, model);
    TrainingStage stage{.stage = index, .layers = model.architecture.layers(), .in_flight = state.in_flight};
    for (const Tensor& tensor : model.tensors)
        stage.parameters += static_cast<double>(tensor.elements()) /
                            static_cast<double>(in.sharding.divisor(tensor, in.hardware->tensor_parallel));
    stage.moments.reserve(moment_rows.size());
    for (const MomentRow& row : moment_rows) {
        Moment moment{.id = row.id, .label = row.label, .why = row.why};
        moment.terms = text ? moment_terms<Traced>(state, row.kind) : moment_terms<double>(state, row.kind);
        moment.total = total_of(moment.terms);
        stage.moments.push_back(std::move(moment));
        if (stage.moments.back().total > stage.moments[stage.peak].total)
            stage.peak = stage.moments.size() - 1;
    }
    return stage;
}

double bytes_of(const Moment& moment, std::string_view id)
{
    const Term* term = find_term(moment.terms, id);
    return term == nullptr ? 0 : static_cast<double>(term->bytes.count);
}

/// What FSDP's communication takes from the pool of its own stream, which the stream that computes can't use: gradients
/// once they are shared out, and what is being reduced.
double apart_bytes(const TrainingInputs& in, const Moment& moment)
{
    if (!in.choice->fsdp)
        return 0;
    return bytes_of(moment, "gradients.kept") +
           (in.framework->reduces_apart ? bytes_of(moment, "gradients.reducing") : 0);
}

/// Blocks that the loss leaves behind and cannot use again.
double left_by_loss(const TrainingInputs& in, const Moment& moment)
{
    const LossBytes bytes = loss_bytes(in);
    return bytes.left_over > 0 ? bytes_of(moment, "logits") * bytes.left_over / (bytes.kept + bytes.working) : 0;
}

/// What else the caching allocator keeps from what comes and goes, having no use for it: 15 %, calibrated on the runs
/// of docs/training.md. Expandable segments lose nothing.
double fragments(const TrainingInputs& in, const Moment& moment)
{
    constexpr double of_passing = 0.15;
    if (in.expandable_segments)
        return 0;
    return of_passing * (bytes_of(moment, "activations") + bytes_of(moment, "weights.gathered") +
                         bytes_of(moment, "gradients.unsharded") + bytes_of(moment, "gradients.reducing"));
}

/// A batch that is longer than those before finds no block large enough and takes new ones; what the others left stays.
/// How much depends on their order: replays of the allocator differ by more than networks do. Calibrated on the ten
/// ms-swift runs of two Qwen networks whose lengths are known: 2.8 to 3.9 times what a batch of average length holds.
double left_by_other_batches(const TrainingInputs& in, const Moment& moment)
{
    constexpr double times_average = 3.5;
    return times_average * in.average_share * (bytes_of(moment, "activations") + bytes_of(moment, "logits"));
}

/// Blocks that were lost to one moment are lost to the others as well.
Bytes largest_reserved(const TrainingInputs& in, const TrainingStage& stage)
{
    double lost = 0;
    double apart = 0;
    for (const Moment& moment : stage.moments) {
        lost = std::max(lost, left_by_loss(in, moment) + fragments(in, moment));
        apart = std::max(apart, apart_bytes(in, moment));
    }
    double largest = 0;
    for (const Moment& moment : stage.moments)
        largest = std::max(largest, static_cast<double>(moment.total.count) - apart_bytes(in, moment) +
                                        std::max(lost, left_by_other_batches(in, moment)));
    return {std::llround(largest + apart)};
}

/// One sum without moments, stages and ranks: the whole model as if on one GPU.
TrainingStage by_the_book(const TrainingInputs& in)
{
    TrainingStage stage{.layers = in.model->architecture.layers(),
                        .parameters = static_cast<double>(in.model->parameters.total)};
    Moment sum{.id = "forward_end", .label = "Sum", .why = "the appendix adds everything up."};
    sum.terms = book_terms(book_rules_of(in));
    sum.total = total_of(sum.terms);
    stage.moments.push_back(std::move(sum));
    return stage;
}

Term outside_allocator(const TrainingInputs& in)
{
    // CUDA context and kernels on A100: 0.47 and 0.92 GiB with torch 2.1, 1.78 with 1.10; torch.distributed adds 1.3 to
    // 1.5 GiB (stas00/ml-engineering, training/performance).
    constexpr double gib = 1073741824.0;
    constexpr double context_low = 0.47 * gib;
    constexpr double context_high = 1.78 * gib;
    constexpr double context_mean = (0.47 + 0.92 + 1.78) / 3 * gib;
    constexpr double distributed_low = 1.3 * gib;
    constexpr double distributed_high = 1.5 * gib;
    const HardwareChoice& hardware = *in.hardware;
    const bool several =
        hardware.tensor_parallel * hardware.pipeline_parallel * hardware.data_parallel * hardware.context_parallel > 1;
    if (in.choice->overhead_bytes || in.choice->book_rules) {
        const auto bytes = static_cast<double>(in.choice->overhead_bytes.value_or(0));
        Term term = make_term("overhead", "Overhead", named<Traced>("C_runtime", bytes), Basis::assumed);
        term.source = in.choice->overhead_bytes ? "typed in" : "the appendix counts none";
        return term;
    }
    const Traced context = named<Traced>("C_cuda", std::round(context_mean));
    Term term = make_term(
        "overhead", "Overhead",
        several ? context + named<Traced>("C_nccl", std::round((distributed_low + distributed_high) / 2)) : context,
        Basis::assumed);
    term.low.count = std::llround(context_low + (several ? distributed_low : 0));
    term.high.count = std::llround(context_high + (several ? distributed_high : 0));
    term.source = "CUDA context 0.47 to 1.78 GiB, torch.distributed 1.3 to 1.5 GiB, measured on A100 (ml-engineering)";
    return term;
}

double trained_parameters(const TrainingInputs& in)
{
    double sum = 0;
    for (const TrainedTensor& part : trained_tensors(in, *in.model))
        sum += part.whole_elements;
    return sum;
}

} // namespace

double training_bytes_bound(const TrainingInputs& in)
{
    const std::vector<TrainedTensor> trained = trained_tensors(in, *in.model);
    double bytes = total_of(resident_weights(in, *in.model)) + total_of(adapter_weights(in, trained)) +
                   2 * total_of(gradients(in, trained)) + 2 * total_of(optimizer_states(in, trained)) +
                   total_of(master_weights(in, trained));
    const Architecture& architecture = in.model->architecture;
    const auto tokens = static_cast<double>(in.tokens);
    const auto in_flight = static_cast<double>(in.hardware->pipeline_parallel) + 1;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind) {
        const auto layers = static_cast<double>(architecture.layers_of(kind) + 1);
        for (const SavedTensor& row : saved_tensors(in, *in.model, kind))
            bytes += in_flight * layers * tokens * row.width * row.bytes;
        for (const SavedTensor& row : working_tensors(in, *in.model, kind))
            bytes += tokens * row.width * row.bytes;
    }
    constexpr double most_per_logit = 20;
    return bytes + tokens * most_per_logit * static_cast<double>(architecture.vocab_size);
}

TrainingMemory training_memory(const TrainingInputs& in, bool text)
{
    TrainingMemory memory;
    if (in.choice->book_rules) {
        memory.stages.push_back(by_the_book(in));
    } else if (in.stages) {
        TrainingInputs part = in;
        for (std::size_t index = 0; index < in.stages->size(); ++index) {
            const PipelineStage& stage = (*in.stages)[index];
            part.base.column = stage.column;
            memory.stages.push_back(stage_of(part, *stage.model, static_cast<std::int64_t>(index), stage.last, text));
        }
    } else {
        memory.stages.push_back(stage_of(in, *in.model, 0, true, text));
    }
    for (std::size_t index = 1; index < memory.stages.size(); ++index)
        if (memory.stages[index].peak_moment().total > memory.stage().peak_moment().total)
            memory.fullest = index;
    memory.allocated = memory.peak().total;
    memory.reserved = largest_reserved(in, memory.stage());
    memory.overhead = outside_allocator(in);
    memory.used = options_in_use(in);
    memory.trained_parameters = trained_parameters(in);
    Traced flops = step_flops(in);
    memory.flops_per_step = flops.value();
    memory.flops_formula = std::move(flops).formula();
    return memory;
}

std::vector<Term> training_terms(const TrainingMemory& memory)
{
    std::vector<Term> terms = memory.peak().terms;
    terms.push_back(memory.overhead);
    return terms;
}

} // namespace weighbridge
