#include "core/engines/exllamav3/terms.h"

#include "core/quantity/display.h"

#include <algorithm>
#include <string>

namespace weighbridge {

namespace {

class ExlRemarks
{
public:
    ExlRemarks(const InferenceInputs& load, const ExlRun& run)
        : load_(load), run_(run), options_(load.choice->exllamav3)
    {
    }

    std::vector<Issue> take()
    {
        check_split();
        check_drafts();
        check_cache();
        check_version();
        return std::move(issues_);
    }

private:
    void say(std::string_view key, Severity severity, std::string text)
    {
        issues_.push_back({std::string(key), severity, std::move(text)});
    }

    void check_split()
    {
        const auto gpus = static_cast<std::int64_t>(run_.limits.size());
        const auto refuse_longer = [&](std::string_view key, std::size_t size) {
            if (static_cast<std::int64_t>(size) > gpus)
                say(key, Severity::error,
                    std::string(key) + " has " + grouped(static_cast<std::int64_t>(size)) + " entries; there " +
                        (gpus == 1 ? "is 1 GPU" : "are " + grouped(gpus) + " GPUs"));
        };
        refuse_longer("inference.gpu_split", options_.gpu_split.size());
        refuse_longer("inference.autosplit_reserve", options_.autosplit_reserve.size());
        if (!options_.gpu_split.empty() && !options_.autosplit_reserve.empty())
            say("inference.autosplit_reserve", Severity::warning,
                "inference.autosplit_reserve has no effect beside inference.gpu_split");
        const bool experts = std::any_of(run_.kinds.begin(), run_.kinds.end(),
                                         [](const ExlLayer& layer) { return layer.experts() > 0; });
        if (options_.cpu_moe_offload_layers.value_or(0) > 0 && !experts)
            say("inference.cpu_moe_offload_layers", Severity::warning,
                "inference.cpu_moe_offload_layers has no effect: the network has no routed experts");
        else if (options_.cpu_moe_offload_layers.value_or(0) > 0 && !run_.release.offloads_experts())
            say("inference.cpu_moe_offload_layers", Severity::warning,
                "inference.cpu_moe_offload_layers has no effect: exllamav3 keeps experts in system memory since 1.2");
    }

    void check_drafts()
    {
        if (options_.draft_mode == "model")
            say("inference.draft_mode", Severity::warning,
                "the draft model's weights and cache are not counted: add an estimate of it on the same GPUs");
        else if (options_.draft_model)
            say("inference.draft_model", Severity::warning,
                "inference.draft_model has no effect without inference.draft_mode model");
        if (options_.draft_mode == "mtp" && load_.model->architecture.mtp_layers() == 0)
            say("inference.draft_mode", Severity::error,
                "inference.draft_mode is mtp, but the network has no layers for multi-token prediction");
        else if (options_.draft_mode == "mtp" && !run_.network.predicts)
            say("inference.draft_mode", Severity::error,
                "inference.draft_mode is mtp, but exllamav3 has no prediction layers of model_type \"" +
                    load_.model->architecture.family + "\"");
        if (options_.draft_mode == "disabled" && options_.draft_num_tokens)
            say("inference.draft_num_tokens", Severity::warning,
                "inference.draft_num_tokens has no effect without inference.draft_mode");
    }

    void check_cache()
    {
        if (load_.sequence_length > run_.cache_size)
            say("inference.cache_size", Severity::warning,
                "the cache holds " + grouped(run_.cache_size) + " tokens, fewer than inference.sequence_length, " +
                    grouped(load_.sequence_length));
        if (run_.has_slots() && run_.sequences > run_.slots)
            say("inference.max_batch_size", Severity::warning,
                "inference.max_batch_size is " + grouped(run_.slots) + ": further requests wait for a slot");
        if (has_mixer<CompressedAttention>(load_.model->architecture))
            say("inference.engine", Severity::warning,
                "exllamav3's cache of compressed attention has no rule here: its entries are counted as plain ones");
        if (load_.model->parameters.vision > 0 && !load_.choice->mlx.vision)
            say("inference.vision", Severity::note, "TabbyAPI loads no vision tower unless inference.vision is set");
        constexpr std::string_view widths = "bits:";
        if (load_.weights.id.starts_with(widths))
            say("precision.weights", Severity::note,
                "precision.weights " + load_.weights.id + " is taken for the mean width of an EXL3 conversion: exl3:" +
                    load_.weights.id.substr(widths.size()));
    }

    void check_version()
    {
        constexpr int said_by_nobody = 9000;
        if (run_.release > newest_exl_release && run_.release.patch < said_by_nobody)
            say("inference.engine_version", Severity::warning,
                "exllamav3 " + load_.choice->engine_version +
                    " is newer than the rules here, which are those of 1.4.1");
    }

    const InferenceInputs& load_;
    const ExlRun& run_;
    const ExLlamaV3Options& options_;
    std::vector<Issue> issues_;
};

} // namespace

std::optional<Refusal> exl_refusal(const ExlRun& run)
{
    if (run.network.known)
        return std::nullopt;
    return Refusal{.rule = "model",
                   .text = "exllamav3 has no network for model_type \"" + run.model->architecture.family + "\"",
                   .keys = {"inference.engine", "model"},
                   .source = "exllamav3/architecture/architectures.py of exllamav3 1.4.1"};
}

std::vector<Issue> exl_issues(const InferenceInputs& load, const ExlRun& run)
{
    return ExlRemarks(load, run).take();
}

} // namespace weighbridge
