#include "core/training/book_rules.h"
#include "core/training/flops.h"
#include "core/training/moment_terms.h"
#include "core/training/spread.h"
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

constexpr std::array<MomentRow, 7> moment_rows = {{
    {MomentKind::forward_end, "forward_end", "End of forward",
     "The activations of every layer and the logits are there at once; gradients are not yet."},
    {MomentKind::backward_start, "backward_start", "Start of backward",
     "The last layer's activations stand beside everything that the forward pass kept."},
    {MomentKind::backward, "backward", "Middle of backward",
     "A layer between the last and the first goes back; it needs more than either."},
    {MomentKind::backward_end, "backward_end", "End of backward",
     "All gradients are there; of the activations only the first layer's are left."},
    {MomentKind::optimizer_step, "optimizer_step", "Optimizer step",
     "Weights, gradients and states stand beside what the step computes with."},
    {MomentKind::generation, "generation", "Generation",
     "Completions are made, with their cache beside weights and states."},
    {MomentKind::load, "load", "Load", "The weights arrive on the device."},
}};

const MomentRow& moment_row(MomentKind kind)
{
    return *std::find_if(moment_rows.begin(), moment_rows.end(),
                         [&](const MomentRow& row) { return row.kind == kind; });
}

void find_peak(TrainingStage& stage)
{
    stage.peak = 0;
    for (std::size_t moment = 1; moment < stage.moments.size(); ++moment)
        if (stage.moments[moment].total > stage.moments[stage.peak].total)
            stage.peak = moment;
}

bool middle_leads(const TrainingStage& stage)
{
    const auto total = [&](MomentKind kind) {
        const auto found = std::find_if(stage.moments.begin(), stage.moments.end(),
                                        [&](const Moment& moment) { return moment.id == moment_id(kind); });
        return found == stage.moments.end() ? Bytes{} : found->total;
    };
    return total(MomentKind::backward) > std::max(total(MomentKind::backward_start), total(MomentKind::backward_end));
}

/// The middle of the backward pass is told only where it is more than its ends, in some stage: mostly it lies between.
void leave_out_middle(std::vector<TrainingStage>& stages)
{
    if (std::any_of(stages.begin(), stages.end(), middle_leads))
        return;
    for (TrainingStage& stage : stages) {
        std::erase_if(stage.moments, [](const Moment& moment) { return moment.id == moment_id(MomentKind::backward); });
        find_peak(stage);
    }
}

TrainingStage stage_of(const TrainingInputs& in, const Model& model, std::int64_t index, bool last, bool text)
{
    const StageState state = stage_state(in, model, index, last);
    TrainingStage stage{.stage = index, .layers = model.architecture.layers(), .in_flight = state.in_flight};
    for (const Tensor& tensor : model.tensors)
        stage.parameters += static_cast<double>(tensor.elements()) /
                            static_cast<double>(in.sharding.divisor(tensor, in.hardware->tensor_parallel));
    stage.moments.reserve(moment_rows.size());
    for (const MomentRow& row : moment_rows) {
        if (row.kind == MomentKind::generation && in.generated_sequences <= 0 && in.colocated_share <= 0)
            continue;
        Moment moment{.id = row.id, .label = row.label, .why = row.why};
        moment.terms = text ? moment_terms<Traced>(state, row.kind) : moment_terms<double>(state, row.kind);
        moment.total = total_of(moment.terms);
        stage.moments.push_back(std::move(moment));
    }
    find_peak(stage);
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
    const double all = bytes.kept + bytes.working;
    return bytes.left_over > 0 && all > 0 ? bytes_of(moment, "logits") * bytes.left_over / all : 0;
}

/// What else the caching allocator keeps from what comes and goes, having no use for it: 15 %, calibrated on the runs
/// of docs/training.md. Expandable segments lose nothing.
double fragments(const TrainingInputs& in, const Moment& moment)
{
    constexpr double of_passing = 0.15;
    if (in.expandable_segments)
        return 0;
    const double sharded = bytes_of(moment, "weights.gathered") + bytes_of(moment, "gradients.unsharded") +
                           bytes_of(moment, "gradients.reducing");
    return of_passing * (bytes_of(moment, "activations") + (in.choice->fsdp ? 0 : sharded));
}

/// Buffers of FSDP's all-gather and reduce-scatter streams lie in pools that the stream that computes can't use: a
/// layer's, and those of what lies outside the layers. Of units of their own the embedding's buffer, its weights copied
/// out and the head's buffer are left; where the two are one, the buffer alone; of FSDP1's root what was gathered, its
/// flat gradient and the buffer that is reduced. Expandable segments grow in place.
double left_in_streams(const TrainingInputs& in, const Model& model)
{
    if (!in.choice->fsdp || in.expandable_segments || in.choice->book_rules)
        return 0;
    constexpr double left_of_root = 3;
    const GatheredWeights g = gathered_weights(in, model);
    const bool tied = model.architecture.tie_word_embeddings;
    const double outside = in.own_units ? (tied ? 1 : left_of_root) * g.largest_outside : left_of_root * g.outside;
    return outside + g.layer;
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
Bytes largest_reserved(const TrainingInputs& in, const TrainingStage& stage, double in_streams)
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
    return {std::llround(largest + apart + in_streams)};
}

const Model& fullest_model(const TrainingInputs& in, std::size_t stage)
{
    return in.stages ? *(*in.stages)[stage].model : *in.model;
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

std::string_view moment_id(MomentKind moment)
{
    return moment_row(moment).id;
}

std::string_view moment_label(MomentKind moment)
{
    return moment_row(moment).label;
}

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
    if (in.generated_sequences > 0)
        bytes += 4 * in.generated_sequences * static_cast<double>(in.sequence_length) * cache_width(architecture);
    return bytes + in.references * total_of(resident_weights(in, *in.model)) +
           tokens * most_per_logit * static_cast<double>(architecture.vocab_size);
}

namespace {

void take_ranges(TrainingMemory& memory, const Framework& framework)
{
    const FrameworkSpread& spread = spread_of(framework);
    const auto times = [](Bytes bytes, double factor) {
        return Bytes{std::llround(static_cast<double>(bytes.count) * factor)};
    };
    memory.spread = spread.allocated;
    memory.allocated_low = times(memory.allocated, 1 - spread.allocated);
    memory.allocated_high = times(memory.allocated, 1 + spread.allocated);
    memory.reserved_low = std::max(memory.allocated_low, times(memory.reserved, 1 - spread.reserved_below));
    memory.reserved_high = times(memory.reserved, 1 + spread.reserved_above);
}

} // namespace

TrainingMemory training_memory(const TrainingInputs& in, bool text)
{
    TrainingMemory memory;
    if (in.choice->book_rules) {
        memory.stages.push_back(by_the_book(in));
    } else {
        for_each_stage(in, [&](const TrainingInputs& part, const Model& model, std::int64_t index, bool last) {
            memory.stages.push_back(stage_of(part, model, index, last, text));
        });
        leave_out_middle(memory.stages);
    }
    for (std::size_t index = 1; index < memory.stages.size(); ++index)
        if (memory.stages[index].peak_moment().total > memory.stage().peak_moment().total)
            memory.fullest = index;
    memory.allocated = memory.peak().total;
    memory.reserved = largest_reserved(in, memory.stage(), left_in_streams(in, fullest_model(in, memory.fullest)));
    if (!in.choice->book_rules)
        take_ranges(memory, *in.framework);
    memory.overhead = outside_allocator(in);
    memory.used = options_in_use(in);
    memory.trained_parameters = trained_parameters(in);
    Traced flops = step_flops(in);
    memory.flops_per_step = flops.value();
    memory.flops_formula = std::move(flops).formula();
    return memory;
}

std::vector<Term> training_terms(const TrainingMemory& memory, const TrainingStage& stage)
{
    std::vector<Term> terms = stage.peak_moment().terms;
    if (memory.spread > 0)
        take_range(terms, memory.spread);
    terms.push_back(memory.overhead);
    return terms;
}

} // namespace weighbridge
