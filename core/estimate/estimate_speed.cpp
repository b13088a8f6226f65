#include "core/estimate/estimate_speed.h"

#include "core/engines/inference.h"
#include "core/estimate/capacity.h"
#include "core/estimate/workload.h"
#include "core/speed/local_pace.h"
#include "core/speed/local_speed.h"
#include "core/speed/serving_speed.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

/// Of replicas with data-parallel attention the ranks of one are fewer than those of the tensor parallelism.
WorkerLayout decode_layout(const Plan& plan)
{
    const InferenceInputs& load = plan.load();
    const ShardingRules& rules = load.sharding;
    const bool shares = rules.attention_ranks > 0;
    return {.tensor = static_cast<double>(shares ? rules.attention_ranks : load.tensor_parallel),
            .pipeline = static_cast<double>(load.pipeline_parallel),
            .data = static_cast<double>(plan.replicas()),
            .expert = rules.whole_experts ? static_cast<double>(plan.replicas()) : 1};
}

/// Whether a worker's replicas of attention are made of its tensor-parallel ranks.
bool replicas_inside(const Scenario& used, const InferenceInputs& load)
{
    if (load.accelerator == nullptr)
        return false;
    bool assumed = false;
    const EnginePace* pace =
        engine_pace(load.engine->id, used.inference.engine_version, *load.accelerator, true, assumed);
    return pace != nullptr && pace->attention_inside;
}

std::optional<PrefillPool> prefill_pool(const Scenario& used, const InferenceInputs& load, std::int64_t& gpus)
{
    const PrefillWorkers& workers = used.hardware.prefill_workers;
    if (!workers.count)
        return std::nullopt;
    const bool inside = replicas_inside(used, load) && workers.data_parallel > 1;
    const std::int64_t each =
        workers.tensor_parallel * workers.pipeline_parallel * (inside ? 1 : workers.data_parallel);
    gpus += *workers.count * each;
    const std::int64_t ranks =
        inside ? std::max<std::int64_t>(1, workers.tensor_parallel / workers.data_parallel) : workers.tensor_parallel;
    return PrefillPool{.workers = static_cast<double>(*workers.count),
                       .layout = {.tensor = static_cast<double>(ranks),
                                  .pipeline = static_cast<double>(workers.pipeline_parallel),
                                  .data = static_cast<double>(workers.data_parallel),
                                  .expert = static_cast<double>(workers.expert_parallel)}};
}

/// Sequences of the requests' mean length that one replica's cache holds. Where not even one fits, what would if the
/// engine were told to take nearly all of the memory: who runs it has done so. Of a setup that fits in no way the speed
/// is that of all requests running.
double capacity_of(const Plan& plan, const RequestLoad& requests)
{
    const double part = requests.arrival == Arrival::batch ? 0.75 : 0.6; // of the answer, mean over time and requests
    const auto tokens = static_cast<std::int64_t>(std::llround(requests.prompt + part * requests.answer));
    const PlanPointer mean = plan_of(with_length(plan.load(), std::max<std::int64_t>(1, tokens)));
    const auto replicas = static_cast<double>(plan.replicas());
    const auto most = static_cast<double>(most_sequences_within(*mean));
    if (most >= replicas)
        return most / replicas;
    constexpr double nearly_all = 0.97;
    constexpr double endless = 1e9;
    const double one = mean->cache_of_one();
    const double free = plan.load().device_memory * nearly_all - plan.figures(1).weights - bytes_per_gib;
    const double held = one > 0 ? free * static_cast<double>(plan.gpus()) / replicas / one : 0;
    return held >= 1 ? held : endless;
}

/// One stream of an engine for one's own device. Scripts that start batches, and several at a time, are serving.
bool is_one_stream(const SpeedQuestion& question)
{
    return is_local_engine(question.choice->engine) && question.requests.arrival == Arrival::closed &&
           question.requests.concurrent <= 1 && question.load->accelerator != nullptr;
}

} // namespace

std::shared_ptr<const Speed> inference_speed(const Scenario& used, const Plan& plan)
{
    SpeedQuestion question;
    question.load = &plan.load();
    question.precision = &used.precision;
    question.choice = &used.inference;
    question.requests = request_load(used, plan.load().sequence_length);
    question.wide_lengths = used.workload.length_spread == "wide";
    question.layout = decode_layout(plan);
    question.gpus = plan.gpus();
    std::int64_t more = 0;
    question.prefill = prefill_pool(used, plan.load(), more);
    if (question.prefill) {
        question.workers = static_cast<double>(used.hardware.decode_workers.value_or(1));
        question.gpus = question.gpus * used.hardware.decode_workers.value_or(1) + more;
    }
    const bool alone = is_one_stream(question);
    if (!alone)
        question.capacity = capacity_of(plan, question.requests);
    if (plan.load().model->cache.empty()) // an encoder reads its input at once
        return std::make_shared<const Speed>(
            unknown_speed("the network keeps nothing for a next token, so it has no speed per token"));
    return std::make_shared<const Speed>(alone ? local_speed(question) : serving_speed(question));
}

} // namespace weighbridge
