#include "core/engines/sglang/sglang.h"

#include "core/engines/sglang/host.h"
#include "core/engines/sglang/rank.h"
#include "core/memory/term.h"
#include "core/quantity/display.h"
#include "core/scenario/scenario.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace weighbridge {

namespace {

using sglang::CacheCosts;
using sglang::device_of;
using sglang::DraftKind;
using sglang::figures_of;
using sglang::Load;
using sglang::load_of;
using sglang::Rank;
using sglang::Settings;
using sglang::tightest;

class SglangPlan final : public Plan
{
public:
    SglangPlan(InferenceInputs load, const Settings& settings)
        : Plan(with_sharding(std::move(load), settings)), settings_(settings), ranks_(ranks_of(load_, settings_))
    {
    }

    DeviceLoad fullest(std::int64_t sequences) const override
    {
        const Load load = load_of(load_, settings_, sequences);
        DeviceLoad device = device_of(load, settings_, fullest_rank(load));
        for (const Rank& rank : ranks_)
            if (const DeviceLoad other = device_of(load, settings_, rank); other.free_bytes() < device.free_bytes()) {
                device.usable = device.needed + other.free_bytes();
                device.limit = other.limit;
            }
        return device;
    }

    std::vector<Term> terms(bool text) const override
    {
        const Load load = load_of(load_, settings_, load_.concurrent_sequences);
        return terms_of(load, fullest_rank(load), text);
    }

    std::vector<PlannedDevice> devices(bool text) const override;
    std::vector<Term> host(bool /*text*/) const override { return sglang::host_terms(load_, settings_, ranks_); }
    std::optional<Pool> pool() const override;
    std::int64_t replicas() const override { return settings_.data_parallel; }
    /// Attention replicas are made of the tensor-parallel GPUs.
    std::int64_t gpus() const override
    {
        const bool inside = load_.choice->sglang.enable_dp_attention;
        return load_.tensor_parallel * load_.pipeline_parallel * (inside ? 1 : settings_.data_parallel);
    }
    double cache_of_one() const override;
    std::vector<EnginePrint> prints() const override;
    std::vector<Issue> issues() const override;
    void fill_defaults(Scenario& scenario) const override;

private:
    std::vector<Term> terms_of(const Load& load, const Rank& rank, bool text) const;

    /// The rank that holds most. All have pools of one size, so that another may have less room in its own.
    const Rank& fullest_rank(const Load& load) const
    {
        return *std::max_element(ranks_.begin(), ranks_.end(), [&](const Rank& a, const Rank& b) {
            return device_of(load, settings_, a).needed < device_of(load, settings_, b).needed;
        });
    }
    void add_draft_issues(std::vector<Issue>& issues) const;
    void add_start_issues(std::vector<Issue>& issues) const;

    Settings settings_;
    std::vector<Rank> ranks_;
};

/// Ranks of one stage hold alike, and so do replicas; what the server prints, every rank does.
std::vector<PlannedDevice> SglangPlan::devices(bool text) const
{
    const Load load = load_of(load_, settings_, load_.concurrent_sequences);
    const std::vector<EnginePrint> prints = this->prints();
    std::vector<PlannedDevice> list;
    for (const Rank& rank : ranks_) {
        const auto stage = static_cast<std::int64_t>(rank.stage);
        list.push_back({.index = stage * load_.tensor_parallel,
                        .count = gpus() / static_cast<std::int64_t>(ranks_.size()),
                        .rank = RankNumber{.pipeline = stage},
                        .layers = layers_of_stage(load_, rank.stage),
                        .load = device_of(load, settings_, rank),
                        .terms = terms_of(load, rank, text),
                        .prints = prints});
        for (EnginePrint& print : list.back().prints)
            if (print.id == "load_weight_gib")
                print.value = rank.loaded / bytes_per_gib;
    }
    return list;
}

std::vector<Term> SglangPlan::terms_of(const Load& load, const Rank& rank, bool text) const
{
    if (text)
        return sglang::terms_of(inputs_of_stage(load_, rank.stage), load, settings_, rank);
    const MemoryFigures figures = figures_of(load, settings_, rank);
    return {make_term("weights", "Weights", figures.weights, Basis::derived),
            make_term("kv_cache", "KV cache", figures.kv_cache, Basis::derived),
            make_term("activations", "Activations", figures.activations, Basis::derived),
            make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
}

/// Weights and the share are said whether or not they would fit: a person asks what they need. Pools are where there is
/// room for one.
std::vector<EnginePrint> SglangPlan::prints() const
{
    if (load_.accelerator == nullptr)
        return {};
    std::vector<EnginePrint> list = {
        {"load_weight_gib", "Load weight end, mem usage (GB)", ranks_.front().loaded / bytes_per_gib, 2}};
    if (settings_.mem_fraction_static > 0) // a card too small for any share has none
        list.push_back({"mem_fraction_static", "mem_fraction_static", settings_.mem_fraction_static, 3});
    const Rank& rank = tightest(ranks_);
    const sglang::Pools& pools = rank.pools;
    const CacheCosts& costs = rank.costs;
    const bool stateful = costs.state_per_slot > 0;
    if (pools.rest <= 0 || pools.max_total_num_tokens <= 0 || (stateful && pools.states <= 0))
        return list;
    const auto tokens = static_cast<double>(pools.max_total_num_tokens);
    list.push_back({"max_total_num_tokens", "max_total_num_tokens", tokens, 0});
    list.push_back({"kv_gib", "KV Cache is allocated (GB)", pools.kv_bytes / bytes_per_gib, 2});
    if (pools.window_tokens > 0)
        list.push_back({"swa_max_total_num_tokens", "swa_layer_tokens", static_cast<double>(pools.window_tokens), 0});
    if (stateful) {
        list.push_back({"max_mamba_cache_size", "max_mamba_cache_size", static_cast<double>(pools.states), 0});
        const double slots = static_cast<double>(pools.states + 1) * costs.state_per_slot;
        list.push_back({"mamba_gib", "Mamba Cache is allocated (GB)", slots / bytes_per_gib, 2});
    }
    if (costs.draft_per_token > 0)
        list.push_back(
            {"draft_kv_gib", "KV Cache of the draft (GB)", tokens * costs.draft_per_token / bytes_per_gib, 2});
    list.push_back({"max_running_requests", "max_running_requests",
                    static_cast<double>(running_requests(settings_, costs, pools.max_total_num_tokens, pools.states)),
                    0});
    return list;
}

std::optional<Pool> SglangPlan::pool() const
{
    if (load_.accelerator == nullptr)
        return std::nullopt;
    const Rank& rank = tightest(ranks_);
    return Pool{rank.pools.max_total_num_tokens,
                rank.pools.max_total_num_tokens * settings_.data_parallel,
                {std::llround(rank.pools.total())}};
}

/// Its tokens and windows, and the slots of its states; not what the pools' fixed shares make of them.
double SglangPlan::cache_of_one() const
{
    const Load load = load_of(load_, settings_, settings_.data_parallel);
    const CacheCosts& costs = fullest_rank(load).costs;
    return load.tokens * costs.full_per_token + std::min(load.tokens, costs.longest_window) * costs.windowed_per_token +
           static_cast<double>(settings_.slots_per_request) * costs.state_per_slot;
}

void SglangPlan::add_draft_issues(std::vector<Issue>& issues) const
{
    const bool predicts = settings_.draft.kind == DraftKind::prediction_layer;
    const bool named = load_.model->architecture.mtp_layers() > 0;
    if (predicts && !named && settings_.model.makes_prediction_layer)
        issues.push_back({"inference.speculative_algorithm", Severity::warning,
                          "The config names no layers for multi-token prediction: one is assumed, as SGLang's class "
                          "makes one"});
    else if (predicts && !named)
        issues.push_back({"inference.speculative_algorithm", Severity::error,
                          "inference.speculative_algorithm is NEXTN, but the network has no layers for multi-token "
                          "prediction; EAGLE and NGRAM need none"});
    if (settings_.draft.kind == DraftKind::network && load_.draft == nullptr)
        issues.push_back({"inference.speculative_draft_model_path",
                          load_.choice->sglang.speculative_draft_model_path ? Severity::warning : Severity::error,
                          "The config of the network that drafts is not at hand: its weights and its cache are not "
                          "counted. inference.speculative_draft_model_path takes a preset or {\"config\": ...}"});
    if (load_.choice->sglang.speculative_algorithm == "DFLASH")
        issues.push_back({"inference.speculative_algorithm", Severity::warning,
                          "DFlash drafts are counted as EAGLE's layers are, which is a guess"});
    if (settings_.draft.kind == DraftKind::assumed_layer)
        issues.push_back({"inference.speculative_algorithm", Severity::warning,
                          "No draft whose config is at hand is named: it is taken as one layer of the network's widths "
                          "with an embedding and a head of its own"});
}

void SglangPlan::add_start_issues(std::vector<Issue>& issues) const
{
    if (load_.accelerator == nullptr)
        return;
    const Rank& rank = tightest(ranks_);
    const sglang::Pools& pools = rank.pools;
    const auto add = [&](std::string_view field, std::string_view why) {
        issues.push_back({std::string(field), Severity::warning, "SGLang would not start: " + std::string(why)});
    };
    if (pools.rest <= 0)
        add("inference.mem_fraction_static", "the static share leaves no room for a cache beside the weights");
    else if (rank.costs.state_per_slot > 0 && pools.states < settings_.slots_per_request)
        add("inference.mem_fraction_static", "the pool of recurrent states is too small for a request");
    else if (pools.window_tokens > 0 && static_cast<double>(pools.window_tokens) <=
                                            rank.costs.longest_window + static_cast<double>(settings_.page_size))
        add("inference.swa_full_tokens_ratio", "the windows' pool can't hold a request's window");
}

std::vector<Issue> SglangPlan::issues() const
{
    std::vector<Issue> issues;
    // ep_size lies inside the tensor-parallel ranks; the others split each expert (server_args.py).
    const std::int64_t experts = load_.hardware->expert_parallel;
    if (experts > 1 && load_.tensor_parallel % experts != 0)
        issues.push_back({"hardware.expert_parallel", Severity::error,
                          "hardware.expert_parallel is " + grouped(experts) +
                              "; in SGLang it must divide hardware.tensor_parallel, " +
                              grouped(load_.tensor_parallel)});
    if (load_.choice->sglang.enable_dp_attention && load_.tensor_parallel % load_.hardware->data_parallel != 0)
        issues.push_back({"hardware.data_parallel", Severity::error,
                          "hardware.data_parallel is " + grouped(load_.hardware->data_parallel) +
                              "; with enable_dp_attention it must divide hardware.tensor_parallel " +
                              grouped(load_.tensor_parallel)});
    if (load_.sequence_length > settings_.context_length)
        issues.push_back({"inference.sequence_length", Severity::warning,
                          "SGLang serves at most context_length " + grouped(settings_.context_length) +
                              " tokens; the figures are for " + grouped(load_.sequence_length)});
    if (settings_.attention_replicas > 1 && !settings_.model.splits_attention)
        issues.push_back({"inference.enable_dp_attention", Severity::warning,
                          "SGLang's class for " + load_.model->architecture.family +
                              " doesn't share out its attention: the ranks hold shards of it and whole caches"});
    if (settings_.release > sglang::newest_release && settings_.release.patch < 1000)
        issues.push_back(
            {"inference.engine_version", Severity::warning,
             "SGLang " + load_.choice->engine_version + " is newer than the rules here, which are those of 0.5.23"});
    if (settings_.experts_on_device)
        issues.push_back({"inference.kt_num_gpu_experts", Severity::warning,
                          "Experts in the host's memory are counted as they would lie on the GPU; ktransformers may "
                          "hold them in another format"});
    if (settings_.adapters > 0 && !load_.choice->served.max_lora_rank)
        issues.push_back({"inference.max_lora_rank", Severity::warning,
                          "SGLang takes the largest rank of the adapters it is given; 16 is assumed"});
    const SglangOptions& options = load_.choice->sglang;
    for (const auto& [key, said] : {std::pair{"inference.enable_two_batch_overlap", options.enable_two_batch_overlap},
                                    std::pair{"inference.enable_symm_mem", options.enable_symm_mem}})
        if (said)
            issues.push_back(
                {key, Severity::warning, std::string(key) + " has no rule here: its buffers are not counted"});
    add_draft_issues(issues);
    add_start_issues(issues);
    return issues;
}

void SglangPlan::fill_defaults(Scenario& scenario) const
{
    SglangOptions& options = scenario.inference.sglang;
    const auto& architecture = load_.model->architecture;
    if (settings_.mem_fraction_static > 0) // a card too small for any share has none, nor would SGLang take 0
        options.mem_fraction_static = settings_.mem_fraction_static;
    options.context_length = settings_.context_length;
    options.chunked_prefill_size =
        options.chunked_prefill_size.value_or(settings_.chunked_prefill_size * settings_.attention_replicas);
    options.cuda_graph_max_bs = settings_.cuda_graph_max_bs;
    options.page_size = settings_.page_size;
    if (settings_.max_running_requests && !options.max_running_requests)
        options.max_running_requests = *settings_.max_running_requests * settings_.attention_replicas;
    if (settings_.model.window_pool)
        options.swa_full_tokens_ratio = settings_.window_ratio;
    if (has_mixer<Recurrent>(architecture))
        options.mamba_full_memory_ratio = settings_.state_ratio;
    if (settings_.draft.any()) {
        options.speculative_num_steps = settings_.draft.steps;
        options.speculative_num_draft_tokens = settings_.draft.tokens;
    }
    scenario.inference.total_memory_bytes = static_cast<std::int64_t>(settings_.total_memory);
}

PlanPointer sglang_plan(InferenceInputs load)
{
    const Settings settings = sglang::settings_of(load);
    return std::make_shared<SglangPlan>(sglang::with_cache_type(std::move(load)), settings);
}

std::optional<RequestLimit> request_limit_of(const InferenceChoice& choice)
{
    const auto tokens = choice.sglang.context_length;
    return tokens ? std::optional<RequestLimit>({"inference.context_length", *tokens}) : std::nullopt;
}

DraftName sglang_draft(const InferenceChoice& choice)
{
    DraftName name{.key = "inference.speculative_draft_model_path"};
    if (choice.sglang.speculative_algorithm && choice.sglang.speculative_draft_model_path)
        name.model = *choice.sglang.speculative_draft_model_path;
    return name;
}

bool replicas_take_gpus(const InferenceChoice& choice)
{
    return !choice.sglang.enable_dp_attention;
}

} // namespace

const Engine sglang_rules = {.id = "sglang",
                             .name = "SGLang",
                             .summary = "rules of SGLang's static memory share",
                             .versions = "0.4.6 to 0.5.23",
                             .pipelines = true,
                             .replicates = true,
                             .differs_by_accelerator = true,
                             .takes_device_memory = true,
                             .memory_share_key = "inference.mem_fraction_static",
                             .sharding = {.vision_divided = true, .tower_stages = TowerStages::every},
                             .token_bytes = sglang::token_bytes,
                             .plan = sglang_plan,
                             .request_limit = request_limit_of,
                             .draft = sglang_draft,
                             .replicas_take_gpus = replicas_take_gpus};

} // namespace weighbridge
