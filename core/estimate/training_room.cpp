#include "core/estimate/training_room.h"

#include "core/estimate/largest.h"
#include "core/estimate/layouts.h"
#include "core/quantity/display.h"
#include "core/training/training.h"

#include <algorithm>
#include <limits>

namespace weighbridge {

namespace {

/// A copy of the scenario to change.
struct Changed
{
    Scenario scenario;

    TrainingChoice& choice() { return scenario.task == "train" ? scenario.train : scenario.fine_tune; }
};

/// Bytes per GPU; nothing where the layout can't be, or the sum is beyond what is computed exactly.
std::optional<Bytes> total_of_step(const Question& question, const Scenario& scenario)
{
    const auto inputs = training_inputs(scenario, *question.model, &question.accelerator);
    if (!inputs || !(training_bytes_bound(*inputs) <= largest_exact))
        return std::nullopt;
    const TrainingMemory memory = training_memory(*inputs, false);
    return memory.allocated + memory.overhead.bytes;
}

/// What a step leaves of the usable bytes; one that can't be leaves less than nothing.
struct StepRoom
{
    double left = -std::numeric_limits<double>::infinity();

    bool fits() const { return left >= 0; }
    double free_bytes() const { return left; }
};

template<class TryAt>
std::optional<std::int64_t> largest(std::int64_t most, std::int64_t typed, const TryAt& try_at)
{
    const std::int64_t found = Largest(most, try_at).from(typed);
    return found > 0 ? std::optional(found) : std::nullopt;
}

bool divides(const Scenario& scenario, const TrainingChoice& choice, std::int64_t ranks)
{
    const HardwareChoice& hardware = scenario.hardware;
    const std::int64_t replicas = ranks * hardware.context_parallel;
    const std::int64_t split = hardware.expert_tensor_parallel.value_or(hardware.tensor_parallel);
    const std::int64_t all = replicas * hardware.tensor_parallel;
    const bool experts = all % split == 0 && (all / split) % hardware.expert_parallel == 0;
    return experts && (!choice.shard_degree || replicas % *choice.shard_degree == 0);
}

} // namespace

const std::vector<TrainingSearch::Ranks>& TrainingSearch::by_ranks()
{
    if (by_ranks_)
        return *by_ranks_;
    by_ranks_.emplace();
    Changed changed{question_.scenario};
    HardwareChoice& hardware = changed.scenario.hardware;
    const std::int64_t of_one = hardware.tensor_parallel * hardware.pipeline_parallel * hardware.context_parallel;
    constexpr std::int64_t finely = 8;
    for (std::int64_t ranks = 1; ranks * of_one <= most_layout_gpus; ranks += ranks < finely ? 1 : finely) {
        if (!divides(changed.scenario, changed.choice(), ranks))
            continue;
        hardware.data_parallel = ranks;
        if (const auto total = total_of_step(question_, changed.scenario))
            by_ranks_->push_back({ranks, *total});
    }
    return *by_ranks_;
}

std::optional<std::int64_t> TrainingSearch::fewest_ranks(Bytes usable)
{
    for (const Ranks& row : by_ranks())
        if (row.total <= usable)
            return row.ranks;
    return std::nullopt;
}

TrainingRoom TrainingSearch::room(Bytes usable)
{
    const TrainingChoice& asked = *question_.scenario.training();
    const HardwareChoice& hardware = question_.scenario.hardware;
    Changed changed{question_.scenario};
    const auto room_of = [&] {
        const auto total = total_of_step(question_, changed.scenario);
        return total ? StepRoom{static_cast<double>(usable.count - total->count)} : StepRoom{};
    };
    TrainingRoom room;
    if (!(asked.max_prompt_length && asked.max_completion_length)) {
        // a whole number of tokens for each rank that shares a sequence
        const std::int64_t unit =
            hardware.context_parallel * (hardware.sequence_parallel ? hardware.tensor_parallel : 1);
        const auto at = largest(most_tokens / unit, asked.sequence_length / unit, [&](std::int64_t units) {
            changed.choice().sequence_length = units * unit;
            if (asked.average_length)
                changed.choice().average_length = std::min(*asked.average_length, units * unit);
            return room_of();
        });
        if (at)
            room.max_sequence_length = *at * unit;
        changed.choice() = asked;
    }
    room.max_micro_batch_size = largest(most_sequences, asked.micro_batch_size, [&](std::int64_t sequences) {
        changed.choice().micro_batch_size = sequences;
        return room_of();
    });
    changed.choice() = asked;
    if (asked.method != "full" && !asked.lora_fraction)
        room.max_lora_rank = largest(most_adapter_rank, asked.lora_rank, [&](std::int64_t rank) {
            changed.choice().lora_rank = rank;
            return room_of();
        });
    if (const auto ranks = fewest_ranks(usable))
        room.fewest_gpus = *ranks * hardware.tensor_parallel * hardware.pipeline_parallel * hardware.context_parallel;
    return room;
}

} // namespace weighbridge
