#include "core/engines/exllamav3/exllamav3.h"

#include "core/engines/exllamav3/run.h"
#include "core/engines/exllamav3/terms.h"
#include "core/engines/inference.h"
#include "core/precision/model_format.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

/// The head is a tensor of its own: the embedding lies in system memory.
ModelPointer with_head(const Model& model)
{
    if (!model.architecture.tie_word_embeddings)
        return nullptr;
    Architecture built = model.architecture;
    built.tie_word_embeddings = false;
    return make_model(model.name, std::move(built));
}

/// The weights as they lie in memory. A mean width that was typed is one of EXL3.
NumberFormat exl_loaded_format(const InferenceInputs& load, const Model& built)
{
    constexpr std::string_view widths = "bits:";
    const auto named = [&](const std::string& id) { return find_format(id, FormatUse::weights); };
    if (load.weights.id.starts_with(widths))
        if (auto format = named("exl3:" + load.weights.id.substr(widths.size())))
            return for_model(std::move(*format), built);
    const bool another = &built != load.model;
    if (another && load.weights.id == checkpoint_format && load.model->published &&
        !load.model->published->format.empty())
        return for_model(*named(load.model->published->format), built);
    return another ? for_model(*named(load.weights.id), built) : load.weights;
}

class ExlPlan final : public Plan
{
public:
    explicit ExlPlan(InferenceInputs load) : Plan(std::move(load)), text_(load_)
    {
        text_.tensor_parallel = text_.pipeline_parallel = 1;
        built_ = with_head(*load_.model);
        if (built_)
            text_.model = built_.get();
        text_.weights = exl_loaded_format(load_, *text_.model);
        if (!load_.choice->mlx.vision) {
            stage_ = without_towers(*text_.model, text_.weights.column);
            text_.model = stage_.model.get();
            text_.weights.column = stage_.column;
        }
        run_ = exl_run(text_, gpus());
        devices_ = exl_placement(run_);
    }

    DeviceLoad fullest(std::int64_t sequences) const override
    {
        const bool own = sequences == load_.concurrent_sequences;
        const ExlRun run = own ? run_ : run_of(sequences);
        const DeviceLoad device = fullest_of(run, own ? devices_ : exl_placement(run));
        return holds(run) ? device : short_of_cache(device, run);
    }

    std::vector<Term> terms(bool text) const override
    {
        return exl_terms(run_, exl_bytes(run_, devices_[fullest_of(run_, devices_).device]), text);
    }

    std::vector<PlannedDevice> devices(bool text) const override
    {
        std::vector<PlannedDevice> list;
        for (std::size_t index = 0; index < devices_.size(); ++index)
            list.push_back({.index = static_cast<std::int64_t>(index),
                            .layers = devices_[index].layers() + (devices_[index].output ? 1 : 0),
                            .load = load_on(run_, devices_[index], index),
                            .terms = exl_terms(run_, exl_bytes(run_, devices_[index]), text)});
        return list;
    }

    std::vector<Term> host(bool /*text*/) const override { return exl_host_terms(run_); }

    std::optional<Pool> pool() const override
    {
        if (!has_own_size())
            return std::nullopt;
        return Pool{run_.cache_size, run_.cache_size, {std::llround(Plan::fullest().figures.kv_cache)}};
    }

    /// Of all GPUs: its pages, and its slot.
    double cache_of_one() const override
    {
        ExlRun one = run_;
        one.sequences = one.slots = 1;
        one.cache_size = one.tokens_needed();
        double bytes = 0;
        for (const ExlDevice& device : devices_)
            bytes += exl_bytes(one, device).cache();
        return bytes;
    }

    std::optional<Refusal> refusal() const override { return exl_refusal(run_); }
    std::vector<Issue> issues() const override { return exl_issues(load_, run_); }

    void fill_defaults(Scenario& scenario) const override
    {
        ExLlamaV3Options& options = scenario.inference.exllamav3;
        options.cache_size = run_.cache_size;
        options.chunk_size = options.chunk_size.value_or(run_.chunk);
        if (run_.has_slots())
            scenario.inference.served.max_batch_size = run_.slots;
        if (run_.history > 0)
            options.draft_num_tokens = run_.history;
    }

private:
    ExlRun run_of(std::int64_t sequences) const { return exl_run(with_sequences(text_, sequences), gpus()); }

    bool has_own_size() const
    {
        return load_.choice->exllamav3.cache_size.has_value() || load_.choice->served.max_seq_len.has_value();
    }

    /// Whether the cache that was asked for has the pages and slots; one that was not always does.
    bool holds(const ExlRun& run) const
    {
        const bool slots = !load_.choice->served.max_batch_size || run.sequences <= run.slots;
        return slots && (!has_own_size() || run.tokens_needed() <= run.cache_size);
    }

    /// As a device that would have to hold more.
    DeviceLoad short_of_cache(DeviceLoad device, ExlRun run) const
    {
        run.cache_size = std::max(run.cache_size, run.tokens_needed());
        run.slots = std::max(run.slots, run.sequences);
        const DeviceLoad roomy = fullest_of(run, exl_placement(run));
        device.limit = Limit::pool;
        device.usable = std::min(device.usable, device.figures.whole());
        device.needed = std::max(roomy.needed, device.usable + 1);
        return device;
    }

    DeviceLoad load_on(const ExlRun& run, const ExlDevice& device, std::size_t index) const
    {
        const MemoryFigures figures = exl_figures(exl_bytes(run, device));
        const double usable =
            load_.devices != nullptr ? load_.devices->at(index).usable() : usable_device_memory(load_);
        return {.figures = figures, .needed = figures.whole(), .usable = usable, .device = index};
    }

    /// By the share that is used.
    DeviceLoad fullest_of(const ExlRun& run, const std::vector<ExlDevice>& devices) const
    {
        DeviceLoad fullest = load_on(run, devices.front(), 0);
        for (std::size_t index = 1; index < devices.size(); ++index) {
            const DeviceLoad other = load_on(run, devices[index], index);
            if (other.needed * fullest.usable > fullest.needed * other.usable)
                fullest = other;
        }
        return fullest;
    }

    InferenceInputs text_; ///< what is loaded of it
    ModelPointer built_;   ///< with a head of its own
    PipelineStage stage_;  ///< without towers
    ExlRun run_;
    std::vector<ExlDevice> devices_;
};

PlanPointer exllamav3_plan(InferenceInputs load)
{
    return std::make_shared<ExlPlan>(std::move(load));
}

std::optional<RequestLimit> exl_request_limit(const InferenceChoice& choice)
{
    const auto tokens = choice.served.max_seq_len ? choice.served.max_seq_len : choice.exllamav3.cache_size;
    const std::string_view key = choice.served.max_seq_len ? "inference.max_seq_len" : "inference.cache_size";
    return tokens ? std::optional<RequestLimit>({key, *tokens}) : std::nullopt;
}

} // namespace

const Engine exllamav3_rules = {.id = "exllamav3",
                                .name = "exllamav3",
                                .summary = "EXL3 weights, TabbyAPI's defaults: layers in a row over GPUs of any size",
                                .versions = "0.0.3 to 0.0.29, 0.0.30 on, 1.0 to 1.4.1",
                                .also = {"tabbyapi"},
                                .cache_format = "fp16",
                                .pipelines = true,
                                .splits_layers = true,
                                .differs_by_accelerator = true,
                                .sharding = {.router_divided = true, .latent_divided = true, .even_stages = false},
                                .token_bytes = exl_page_bytes,
                                .plan = exllamav3_plan,
                                .request_limit = exl_request_limit};

} // namespace weighbridge
