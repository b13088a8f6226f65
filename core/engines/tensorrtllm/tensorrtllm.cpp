#include "core/engines/tensorrtllm/tensorrtllm.h"

#include "core/engines/tensorrtllm/rank.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

using tensorrt_llm::cache_for;
using tensorrt_llm::figures_of;
using tensorrt_llm::Rank;
using tensorrt_llm::ranks_of;
using tensorrt_llm::Settings;
using tensorrt_llm::settings_of;

class TensorRtLlmPlan final : public Plan
{
public:
    TensorRtLlmPlan(InferenceInputs load, const Settings& settings)
        : Plan(tensorrt_llm::with_sharding(std::move(load), settings)), settings_(settings),
          ranks_(ranks_of(load_, settings_))
    {
    }

    DeviceLoad fullest(std::int64_t sequences) const override
    {
        DeviceLoad fullest = load_on(ranks_.front(), sequences);
        for (const Rank& rank : ranks_)
            if (const DeviceLoad other = load_on(rank, sequences); other.free_bytes() < fullest.free_bytes())
                fullest = other;
        return fullest;
    }

    std::vector<Term> terms(bool text) const override { return terms_on(tightest(), text); }

    std::vector<PlannedDevice> devices(bool text) const override
    {
        std::vector<PlannedDevice> list;
        for (const Rank& rank : ranks_) {
            const auto stage = static_cast<std::int64_t>(rank.stage);
            list.push_back({.index = stage * load_.tensor_parallel,
                            .count = gpus() / static_cast<std::int64_t>(ranks_.size()),
                            .rank = RankNumber{.pipeline = stage},
                            .layers = layers_of_stage(load_, rank.stage),
                            .load = load_on(rank, load_.concurrent_sequences),
                            .terms = terms_on(rank, text),
                            .prints = prints()});
        }
        return list;
    }

    /// Pinned memory of every rank for blocks that leave its GPU.
    std::vector<Term> host(bool /*text*/) const override
    {
        const std::int64_t bytes = load_.choice->tensorrt_llm.host_cache_size;
        if (bytes == 0)
            return {};
        Term term = make_term("kv_cache", "KV cache of the host",
                              named<Traced>("n_ranks", static_cast<double>(gpus())) *
                                  named<Traced>("host_cache_size", static_cast<double>(bytes)));
        term.source = "kv_cache_config.host_cache_size of every rank, pinned (llmapi/llm_args.py)";
        return {std::move(term)};
    }

    std::optional<Pool> pool() const override
    {
        if (load_.accelerator == nullptr)
            return std::nullopt;
        const std::int64_t tokens = tokens_of_pool();
        return Pool{tokens, tokens * settings_.replicas, {std::llround(tightest().available)}};
    }

    std::int64_t replicas() const override { return settings_.replicas; }
    std::int64_t gpus() const override
    {
        return settings_.replicas * settings_.attention_ranks * load_.pipeline_parallel;
    }

    /// On all ranks that share it.
    double cache_of_one() const override
    {
        double bytes = 0;
        for (const Rank& rank : ranks_)
            bytes += cache_for(rank, settings_, 1, load_.sequence_length) - rank.states;
        return bytes;
    }

    std::vector<EnginePrint> prints() const override
    {
        const std::int64_t tokens = load_.accelerator != nullptr ? tokens_of_pool() : 0;
        if (tokens == 0)
            return {};
        const Rank& rank = tightest();
        const double bytes =
            rank.pools.size() > 1 ? rank.available - rank.states : static_cast<double>(tokens) * rank.per_token();
        return {{"kv_cache_gib", "Allocated GiB for max tokens in paged KV cache", bytes / bytes_per_gib, 2},
                {"kv_tokens", "max tokens in paged KV cache", static_cast<double>(tokens), 0}};
    }

    std::vector<Issue> issues() const override;

    void fill_defaults(Scenario& scenario) const override
    {
        TensorRtLlmOptions& options = scenario.inference.tensorrt_llm;
        ServedOptions& served = scenario.inference.served;
        served.max_batch_size = settings_.max_batch_size;
        served.max_seq_len = settings_.max_seq_len;
        served.engine_backend = settings_.built_engine ? "tensorrt" : "pytorch";
        options.max_num_tokens = settings_.max_num_tokens;
        options.tokens_per_block = settings_.tokens_per_block;
        options.cuda_graph_max_batch_size = settings_.graph_batch;
        scenario.inference.total_memory_bytes = static_cast<std::int64_t>(settings_.total_memory);
    }

private:
    const Rank& tightest() const
    {
        return *std::min_element(ranks_.begin(), ranks_.end(), [&](const Rank& a, const Rank& b) {
            return load_on(a, load_.concurrent_sequences).free_bytes() <
                   load_on(b, load_.concurrent_sequences).free_bytes();
        });
    }

    /// All ranks take as many as the smallest pool holds.
    std::int64_t tokens_of_pool() const
    {
        std::int64_t tokens = ranks_.front().tokens(settings_);
        for (const Rank& rank : ranks_)
            tokens = std::min(tokens, rank.tokens(settings_));
        return tokens;
    }

    std::int64_t per_replica(std::int64_t sequences) const
    {
        return (sequences + settings_.replicas - 1) / settings_.replicas;
    }

    /// What the cache may take lies within the share of what is free; the rest of it stays free.
    DeviceLoad load_on(const Rank& rank, std::int64_t sequences) const
    {
        const double cache = cache_for(rank, settings_, per_replica(sequences), load_.sequence_length);
        const MemoryFigures figures = figures_of(rank, cache);
        DeviceLoad device{.figures = figures,
                          .needed = figures.whole(),
                          .usable = figures.kept_whole() + std::floor(rank.available),
                          .limit = Limit::pool};
        if (device.usable > settings_.memory_left()) {
            device.usable = settings_.memory_left();
            device.limit = Limit::memory;
        }
        if (rank.states > rank.available)
            device.limit = Limit::states;
        return device;
    }

    std::vector<Term> terms_on(const Rank& rank, bool text) const
    {
        const std::int64_t sequences = per_replica(load_.concurrent_sequences);
        if (text)
            return tensorrt_llm::terms_of(inputs_of_stage(load_, rank.stage), rank, settings_, sequences);
        const MemoryFigures figures = figures_of(rank, cache_for(rank, settings_, sequences, load_.sequence_length));
        return {make_term("weights", "Weights", figures.weights, Basis::derived),
                make_term("kv_cache", "KV cache", figures.kv_cache, Basis::derived),
                make_term("activations", "Activations", figures.activations, Basis::assumed),
                make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
    }

    Settings settings_;
    std::vector<Rank> ranks_;
};

std::vector<Issue> TensorRtLlmPlan::issues() const
{
    std::vector<Issue> issues;
    const TensorRtLlmOptions& options = load_.choice->tensorrt_llm;
    const auto say = [&](std::string_view key, Severity severity, std::string text) {
        issues.push_back({std::string(key), severity, std::move(text)});
    };
    const std::int64_t experts = load_.hardware->expert_parallel;
    if (experts > 1 && load_.tensor_parallel % experts != 0)
        say("hardware.expert_parallel", Severity::error,
            "hardware.expert_parallel is " + grouped(experts) +
                "; in TensorRT-LLM it must divide hardware.tensor_parallel, " + grouped(load_.tensor_parallel));
    if (load_.choice->served.engine_backend == "turbomind")
        say("inference.engine_backend", Severity::error,
            "inference.engine_backend is turbomind; TensorRT-LLM has pytorch and tensorrt");
    if (load_.sequence_length > settings_.max_seq_len)
        say("inference.sequence_length", Severity::warning,
            "TensorRT-LLM serves at most max_seq_len " + grouped(settings_.max_seq_len) +
                " tokens; the figures are for " + grouped(load_.sequence_length));
    const std::int64_t tokens = tokens_of_pool();
    if (load_.accelerator != nullptr && tokens > 0 && tokens < settings_.max_seq_len)
        say("inference.max_seq_len", Severity::note,
            "the cache holds " + grouped(tokens) + " tokens: TensorRT-LLM cuts max_seq_len to that");
    if (!settings_.windows.empty() && options.max_tokens)
        say("inference.max_tokens", Severity::warning,
            "inference.max_tokens has no clear meaning beside inference.max_attention_window; it is not counted");
    if (settings_.drafted > 0 && load_.model->architecture.mtp_layers() == 0)
        say("inference.max_draft_len", Severity::warning,
            "the network has no prediction layers: the weights and the cache of what drafts are not counted");
    if (settings_.beams > 1)
        say("inference.max_beam_width", Severity::warning,
            "blocks that beams of one request do not share are not counted");
    if (options.max_input_len)
        say("inference.max_input_len", Severity::note,
            "inference.max_input_len bounds prompts and takes no memory of its own");
    if (load_.model->published && load_.model->published->method.starts_with("modelopt") && !load_.kv_cache_chosen)
        say("precision.kv_cache", Severity::note,
            "ModelOpt's hf_quant_config may name an FP8 cache (kv_cache_quant_algo): choose precision.kv_cache fp8 "
            "then");
    constexpr EngineVersion said_by_nobody{9999, 0};
    if (settings_.version > tensorrt_llm::newest_release && settings_.version != said_by_nobody)
        say("inference.engine_version", Severity::warning,
            "TensorRT-LLM " + load_.choice->engine_version + " is newer than the rules here, which are those of 1.2");
    return issues;
}

PlanPointer tensorrt_llm_plan(InferenceInputs load)
{
    const Settings settings = settings_of(load);
    return std::make_shared<TensorRtLlmPlan>(std::move(load), settings);
}

std::optional<RequestLimit> tensorrt_llm_request_limit(const InferenceChoice& choice)
{
    const auto tokens = choice.served.max_seq_len;
    return tokens ? std::optional<RequestLimit>({"inference.max_seq_len", *tokens}) : std::nullopt;
}

} // namespace

const Engine tensorrt_llm_rules = {.id = "tensorrt-llm",
                                   .name = "TensorRT-LLM",
                                   .summary = "a share of what a trial run leaves free",
                                   .versions = "0.8 to 0.16, 0.17 on, 1.0 to 1.2",
                                   .also = {"trtllm", "tensorrt_llm"},
                                   .pipelines = true,
                                   .replicates = true,
                                   .differs_by_accelerator = true,
                                   .takes_device_memory = true,
                                   .memory_share_key = "inference.free_gpu_memory_fraction",
                                   .token_bytes = tensorrt_llm::token_bytes,
                                   .plan = tensorrt_llm_plan,
                                   .request_limit = tensorrt_llm_request_limit};

} // namespace weighbridge
