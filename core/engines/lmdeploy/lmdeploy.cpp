#include "core/engines/lmdeploy/lmdeploy.h"

#include "core/engines/lmdeploy/rank.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

using lmdeploy::cache_for;
using lmdeploy::figures_of;
using lmdeploy::Rank;
using lmdeploy::rank_of;
using lmdeploy::Settings;
using lmdeploy::settings_of;

class LmDeployPlan final : public Plan
{
public:
    LmDeployPlan(InferenceInputs load, const Settings& settings)
        : Plan(with_sharding(std::move(load))), settings_(settings), rank_(rank_of(load_, settings_))
    {
    }

    /// TurboMind profiles nothing: weights, cache and what a step computes must fit together.
    DeviceLoad fullest(std::int64_t sequences) const override
    {
        const MemoryFigures figures =
            figures_of(rank_, cache_for<double>(rank_, settings_, per_replica(sequences), load_.sequence_length));
        DeviceLoad device{.figures = figures,
                          .needed = figures.whole(),
                          .usable = figures.kept_whole() + rank_.cache,
                          .limit = Limit::pool};
        if (device.usable > settings_.memory_left()) {
            device.usable = settings_.memory_left();
            device.limit = Limit::memory;
        }
        return device;
    }

    std::vector<Term> terms(bool text) const override
    {
        if (text)
            return lmdeploy::terms_of(load_, rank_, settings_, per_replica(load_.concurrent_sequences));
        const MemoryFigures figures = figures_of(
            rank_, cache_for<double>(rank_, settings_, per_replica(load_.concurrent_sequences), load_.sequence_length));
        return {make_term("weights", "Weights", figures.weights, Basis::derived),
                make_term("kv_cache", "KV cache", figures.kv_cache, Basis::derived),
                make_term("activations", "Activations", figures.activations, Basis::assumed),
                make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
    }

    std::optional<Pool> pool() const override
    {
        if (load_.accelerator == nullptr)
            return std::nullopt;
        const std::int64_t tokens = rank_.tokens(settings_);
        return Pool{tokens, tokens * replicas(), {std::llround(rank_.cache)}};
    }

    std::int64_t replicas() const override { return load_.hardware->data_parallel; }

    double cache_of_one() const override
    {
        return cache_for<double>(rank_, settings_, 1, load_.sequence_length) *
               static_cast<double>(load_.tensor_parallel);
    }

    std::vector<EnginePrint> prints() const override
    {
        if (load_.accelerator == nullptr || rank_.blocks <= 0)
            return {};
        return {{"block_mib", "block_size (MB)", rank_.block / bytes_per_mib, 3},
                {"blocks", "max_block_count", static_cast<double>(rank_.blocks), 0}};
    }

    std::vector<Issue> issues() const override;

    void fill_defaults(Scenario& scenario) const override
    {
        LmDeployOptions& options = scenario.inference.lmdeploy;
        ServedOptions& served = scenario.inference.served;
        options.cache_max_entry_count = settings_.share;
        options.cache_block_seq_len = settings_.block;
        options.max_prefill_token_num = settings_.max_prefill_tokens;
        options.session_len = settings_.session_len;
        served.max_batch_size = settings_.max_batch_size;
        served.engine_backend = settings_.turbomind ? "turbomind" : "pytorch";
        scenario.inference.total_memory_bytes = static_cast<std::int64_t>(settings_.total_memory);
    }

private:
    static InferenceInputs with_sharding(InferenceInputs load)
    {
        load.sharding.replicas = load.hardware->data_parallel;
        load.sharding.whole_experts = load.hardware->expert_parallel > 1;
        return load;
    }

    std::int64_t per_replica(std::int64_t sequences) const { return (sequences + replicas() - 1) / replicas(); }

    Settings settings_;
    Rank rank_;
};

std::vector<Issue> LmDeployPlan::issues() const
{
    std::vector<Issue> issues;
    const auto say = [&](std::string_view key, Severity severity, std::string text) {
        issues.push_back({std::string(key), severity, std::move(text)});
    };
    const std::optional<std::string>& backend = load_.choice->served.engine_backend;
    if (backend == "tensorrt")
        say("inference.engine_backend", Severity::error,
            "inference.engine_backend is tensorrt; LMDeploy has turbomind and pytorch");
    if (backend == "turbomind" && !lmdeploy::turbomind_knows(load_.model->architecture))
        say("inference.engine_backend", Severity::error,
            "TurboMind has no network for model_type \"" + load_.model->architecture.family +
                "\": LMDeploy takes its PyTorch engine");
    if (settings_.turbomind && load_.hardware->expert_parallel > 1)
        say("hardware.expert_parallel", Severity::error,
            "hardware.expert_parallel is " + grouped(load_.hardware->expert_parallel) +
                "; TurboMind splits every expert, so only 1 is allowed");
    else if (load_.hardware->expert_parallel > 1 && load_.tensor_parallel % load_.hardware->expert_parallel != 0)
        say("hardware.expert_parallel", Severity::error,
            "hardware.expert_parallel is " + grouped(load_.hardware->expert_parallel) +
                "; in LMDeploy it must divide hardware.tensor_parallel, " + grouped(load_.tensor_parallel));
    if (settings_.turbomind && (load_.kv_k.id == "fp8" || load_.kv_v.id == "fp8"))
        say("precision.kv_cache", Severity::error, "TurboMind has no FP8 cache; LMDeploy's PyTorch engine has one");
    constexpr EngineVersion arena{0, 14};
    if (settings_.blocks && !(settings_.version < arena))
        say("inference.cache_max_entry_count", Severity::error,
            "inference.cache_max_entry_count is " + grouped(*settings_.blocks) +
                "; since 0.14 LMDeploy takes a share below 1 alone");
    else if (settings_.blocks && !settings_.turbomind)
        say("inference.cache_max_entry_count", Severity::error,
            "inference.cache_max_entry_count counts blocks in TurboMind alone");
    if (load_.sequence_length > settings_.session_len)
        say("inference.session_len", Severity::warning,
            "LMDeploy serves at most session_len " + grouped(settings_.session_len) + " tokens; the figures are for " +
                grouped(load_.sequence_length));
    if (load_.concurrent_sequences > settings_.max_batch_size * replicas())
        say("inference.max_batch_size", Severity::warning,
            "inference.max_batch_size is " + grouped(settings_.max_batch_size) + ": further requests wait");
    const std::int64_t tokens = rank_.tokens(settings_);
    if (load_.accelerator != nullptr && tokens > 0 && tokens < settings_.session_len)
        say("inference.session_len", Severity::note,
            "the cache holds " + grouped(tokens) + " tokens: LMDeploy cuts session_len to that");
    if (load_.accelerator != nullptr && rank_.kept() + rank_.cache > settings_.memory_left())
        say("inference.cache_max_entry_count", Severity::warning,
            "what a step computes may not fit beside the cache: LMDeploy may fail at its warm-up; a smaller "
            "inference.cache_max_entry_count or inference.max_prefill_token_num leaves room");
    constexpr EngineVersion said_by_nobody{9999, 0}, latent_pools{0, 12};
    if (settings_.turbomind && has_mixer<LatentAttention>(load_.model->architecture) &&
        settings_.version < latent_pools)
        say("inference.engine_version", Severity::warning,
            "how TurboMind before 0.12 cached latent attention has no rule here: the latent vector is counted");
    if (settings_.version > lmdeploy::newest_release && settings_.version != said_by_nobody)
        say("inference.engine_version", Severity::warning,
            "LMDeploy " + load_.choice->engine_version + " is newer than the rules here, which are those of 0.16");
    return issues;
}

PlanPointer lmdeploy_plan(InferenceInputs load)
{
    const Settings settings = settings_of(load);
    return std::make_shared<LmDeployPlan>(std::move(load), settings);
}

std::optional<RequestLimit> lmdeploy_request_limit(const InferenceChoice& choice)
{
    const auto tokens = choice.lmdeploy.session_len;
    return tokens ? std::optional<RequestLimit>({"inference.session_len", *tokens}) : std::nullopt;
}

} // namespace

const Engine lmdeploy_rules = {.id = "lmdeploy",
                               .name = "LMDeploy",
                               .summary = "a share of what is free after loading: TurboMind and its PyTorch engine",
                               .versions = "up to 0.2, 0.3 to 0.13, 0.14 to 0.16",
                               .replicates = true,
                               .differs_by_accelerator = true,
                               .takes_device_memory = true,
                               .memory_share_key = "inference.cache_max_entry_count",
                               .token_bytes = lmdeploy::token_bytes,
                               .plan = lmdeploy_plan,
                               .request_limit = lmdeploy_request_limit};

} // namespace weighbridge
