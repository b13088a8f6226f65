#include "core/estimate/capacity.h"

#include "core/engines/engine.h"
#include "core/engines/inference.h"
#include "core/estimate/largest.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

bool divides_all(std::int64_t ranks, const Architecture& architecture)
{
    if (architecture.hidden_size % ranks != 0)
        return false;
    const auto allows = [&](const Mixer& mixer) {
        const auto shared = attention_heads(mixer);
        if (!shared)
            return true;
        const bool keys = shared->kv_heads == 0 || shared->kv_heads % ranks == 0 || ranks % shared->kv_heads == 0;
        return shared->heads % ranks == 0 && keys;
    };
    return std::all_of(architecture.kinds.begin(), architecture.kinds.end(), [&](const Layer& layer) {
        return std::all_of(layer.mixers.begin(), layer.mixers.end(), allows);
    });
}

/// Whether or not the engine would start.
std::int64_t most_that_fit(const Plan& plan)
{
    const auto device_at = [&](std::int64_t sequences) { return plan.fullest(sequences); };
    return Largest(most_sequences, device_at).from(plan.load().concurrent_sequences);
}

} // namespace

std::int64_t most_sequences_within(const Plan& plan)
{
    return plan.refusal() ? 0 : most_that_fit(plan);
}

std::int64_t longest_context_within(const Plan& plan)
{
    const InferenceInputs& load = plan.load();
    const auto limit = load.engine != nullptr ? request_limit(*load.engine, *load.choice) : std::nullopt;
    const auto device_at = [&](std::int64_t tokens) { return plan_of(with_length(load, tokens))->fullest(); };
    return Largest(limit ? limit->tokens : most_tokens, device_at).from(load.sequence_length);
}

Capacity capacity(const Plan& plan)
{
    Capacity answer;
    const bool starts = !plan.refusal();
    answer.max_concurrent_sequences = starts ? most_that_fit(plan) : 0;
    answer.max_sequence_length = longest_context_within(plan);
    answer.limited_by = starts ? plan.fullest(answer.max_concurrent_sequences + 1).limit : Limit::engine;
    if (const auto pool = plan.pool()) {
        answer.kv_tokens = pool->tokens;
        answer.kv_tokens_all = pool->tokens_all;
        answer.pool_bytes = pool->bytes;
        return answer;
    }
    // Whole sequences of the load's length, or the load's number of longer ones, whichever are more tokens.
    const InferenceInputs& load = plan.load();
    const std::int64_t as_long = answer.max_concurrent_sequences * load.sequence_length;
    const std::int64_t as_many = answer.max_sequence_length * load.concurrent_sequences;
    answer.kv_tokens = answer.kv_tokens_all = std::max(as_long, as_many);
    if (answer.kv_tokens == 0)
        return answer;
    const MemoryFigures most = as_long >= as_many ? plan.figures(answer.max_concurrent_sequences)
                                                  : plan_of(with_length(load, answer.max_sequence_length))->figures();
    answer.pool_bytes = {std::llround(most.kv_cache)};
    return answer;
}

std::vector<std::int64_t> tensor_parallel_choices(const Architecture& architecture)
{
    std::vector<std::int64_t> choices;
    for (std::int64_t ranks = 1; ranks <= std::min(most_ranks, architecture.hidden_size); ++ranks)
        if (divides_all(ranks, architecture))
            choices.push_back(ranks);
    return choices;
}

} // namespace weighbridge
