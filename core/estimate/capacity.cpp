#include "core/estimate/capacity.h"
#include "core/engines/inference.h"

#include <algorithm>

namespace weighbridge {

namespace {

/// The largest whole number up to `most` that `holds`, which is true up to some point and false from there on; 0 where
/// it never is.
template<class Predicate>
std::int64_t largest(std::int64_t most, Predicate holds)
{
    std::int64_t good = 0;
    std::int64_t bad = most + 1;
    while (bad - good > 1) {
        const std::int64_t middle = good + (bad - good) / 2;
        (holds(middle) ? good : bad) = middle;
    }
    return good;
}

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

} // namespace

std::int64_t most_sequences_within(const InferenceInputs& inputs, Bytes usable)
{
    const auto room = static_cast<double>(usable.count);
    InferenceInputs probe = inputs;
    return largest(most_sequences, [&](std::int64_t sequences) {
        probe.concurrent_sequences = sequences;
        return inference_bytes(probe) <= room;
    });
}

std::int64_t longest_context_within(const InferenceInputs& inputs, Bytes usable)
{
    const auto room = static_cast<double>(usable.count);
    InferenceInputs probe = inputs;
    probe.work.reset(); // engines take lengths that are left out from this one
    return largest(most_tokens, [&](std::int64_t tokens) {
        probe.sequence_length = tokens;
        return inference_bytes(probe) <= room;
    });
}

Capacity capacity(const InferenceInputs& inputs, Bytes usable)
{
    Capacity answer;
    answer.max_concurrent_sequences = most_sequences_within(inputs, usable);
    answer.max_sequence_length = longest_context_within(inputs, usable);
    answer.kv_tokens = inputs.engine->kv_tokens != nullptr
                           ? inputs.engine->kv_tokens(inputs, answer.max_concurrent_sequences)
                           : answer.max_concurrent_sequences * inputs.sequence_length;
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

std::vector<std::pair<std::int64_t, double>> bytes_by_tensor_parallel(const InferenceInputs& inputs)
{
    std::vector<std::pair<std::int64_t, double>> bytes;
    for (const std::int64_t ranks : tensor_parallel_choices(inputs.model->architecture))
        bytes.emplace_back(ranks, inference_bytes(with_tensor_parallel(inputs, ranks)));
    return bytes;
}

std::optional<std::int64_t> fewest_gpus(const std::vector<std::pair<std::int64_t, double>>& bytes, Bytes usable)
{
    for (const auto& [ranks, needed] : bytes)
        if (needed <= static_cast<double>(usable.count))
            return ranks;
    return std::nullopt;
}

} // namespace weighbridge
