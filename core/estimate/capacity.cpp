#include "core/estimate/capacity.h"

#include "core/engines/engine.h"
#include "core/engines/inference.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

/// The largest whole number up to `most` at which a device fits, which is so up to some point and not from there on; 0
/// where it never is. A whole plan is made at each number looked at, so the first looks are where a line through those
/// before leads: what a device has left falls nearly in one. The rest is bisection.
template<class DeviceAt>
class Largest
{
public:
    Largest(std::int64_t most, const DeviceAt& device_at) : bad_(most + 1), device_at_(device_at) {}

    std::int64_t from(std::int64_t typed)
    {
        look(typed);
        look(good_ > 0 ? 2 * typed : typed / 2);
        const double crossing = crossing_;
        constexpr double doubt = 1.0 / 512;
        look(crossing * (1 - doubt));
        look(crossing * (1 + doubt) + 1);
        look(crossing_);
        look(good_ + 1);
        while (bad_ - good_ > 1)
            look(good_ + (bad_ - good_) / 2);
        return good_;
    }

private:
    void look(double at)
    {
        if (at > 0 && at < static_cast<double>(bad_))
            look(static_cast<std::int64_t>(at));
    }

    void look(std::int64_t at)
    {
        if (at <= good_ || at >= bad_)
            return;
        const DeviceLoad device = device_at_(at);
        (device.fits() ? good_ : bad_) = at;
        const double left = device.free_bytes();
        const auto x = static_cast<double>(at);
        crossing_ = x - left * (x - last_at_) / (left - last_left_);
        last_at_ = x;
        last_left_ = left;
    }

    std::int64_t good_ = 0;
    std::int64_t bad_;
    const DeviceAt& device_at_;
    double crossing_ = 0; ///< of nothing with the line through the last two looks; may be no number
    double last_at_ = 0;
    double last_left_ = 0;
};

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
