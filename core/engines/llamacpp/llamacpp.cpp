#include "core/engines/llamacpp/llamacpp.h"

#include "core/engines/inference.h"
#include "core/engines/llamacpp/cache.h"
#include "core/engines/llamacpp/graph_rules.h"
#include "core/engines/llamacpp/model_buffers.h"
#include "core/engines/llamacpp/placement.h"
#include "core/engines/llamacpp/terms.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

namespace weighbridge {

namespace {

constexpr double mebibyte = 1048576;

template<class Number>
std::optional<Number> read_number(std::string_view text)
{
    Number number{};
    const char* end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, number);
    return problem == std::errc{} && rest == end ? std::optional(number) : std::nullopt;
}

/// Shares of the layers by GPU: numbers from 0, of which one is above it. Nothing where they are not.
std::optional<std::vector<double>> read_shares(const std::vector<std::string>& texts)
{
    std::vector<double> shares;
    for (const std::string& text : texts) {
        const auto share = read_number<double>(text);
        if (!share || !(*share >= 0) || *share > static_cast<double>(most_tokens))
            return std::nullopt;
        shares.push_back(*share);
    }
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    return sum > 0 ? std::optional(std::move(shares)) : std::nullopt;
}

/// "ffn_up=CPU": a pattern of names and where tensors lie that fit; the CPU where nothing is said.
struct Override
{
    Pattern pattern;
    std::string_view device;
};

Override read_override(std::string_view text)
{
    const std::size_t sign = text.rfind('=');
    return {Pattern(text.substr(0, sign)), sign == std::string_view::npos ? "CPU" : text.substr(sign + 1)};
}

constexpr std::int64_t every_token = -1;

constexpr std::int64_t server_rows = 0; ///< one a sequence, as left out

/// Rows of logits: "server", "all" or a number from 1. Nothing for other texts.
std::optional<std::int64_t> read_outputs(std::string_view text)
{
    if (text == "server")
        return server_rows;
    if (text == "all")
        return every_token;
    const auto rows = read_number<std::int64_t>(text);
    return rows && *rows >= 1 && *rows <= most_tokens ? rows : std::nullopt;
}

/// The run with a cache for the whole load, where the one that was typed in is too small for it.
LlamaCppRun with_room_for(LlamaCppRun run, const InferenceInputs& load)
{
    run.n_seq_max = std::max(run.n_seq_max, load.concurrent_sequences);
    run.n_ctx =
        std::max(run.n_ctx, load.sequence_length * (run.kv_unified ? load.concurrent_sequences : run.n_seq_max));
    return run;
}

PlanPointer llama_cpp_plan(InferenceInputs load);

class LlamaCppPlan final : public Plan
{
public:
    explicit LlamaCppPlan(InferenceInputs load)
        : Plan(std::move(load)), layout_(llama_cpp_layout(llama_cpp_run(load_))), run_(layout_.run)
    {
    }

    DeviceLoad fullest(std::int64_t sequences) const override
    {
        const InferenceInputs load = with_sequences(load_, sequences);
        const LlamaCppRun run = llama_cpp_run(load);
        const bool own = sequences == load_.concurrent_sequences;
        const MemoryFigures figures = llama_cpp_figures(load, own ? layout_ : llama_cpp_layout(run));
        DeviceLoad device{.figures = figures, .needed = figures.whole(), .usable = usable_device_memory(load_)};
        if (holds(run, load))
            return device;
        device.limit = Limit::pool;
        device.usable = std::min(device.usable, figures.whole());
        device.needed =
            std::max(llama_cpp_figures(load, llama_cpp_layout(with_room_for(run, load))).whole(), device.usable + 1);
        return device;
    }

    std::vector<Term> terms(bool text) const override { return llama_cpp_terms(load_, layout_, text); }

    std::vector<EnginePrint> prints() const override
    {
        const DeviceBytes& device = layout_.printed;
        std::vector<EnginePrint> list = {
            {"model_mib", "model buffer size (MiB)", device.model / mebibyte, 2},
            {"model_cpu_mib", "CPU model buffer size (MiB)", layout_.host_weights / mebibyte, 2},
            {"kv_mib", "KV buffer size (MiB)", device.kv / mebibyte, 2},
            {"kv_swa_mib", "of which sliding-window layers (MiB)", device.sliding / mebibyte, 2},
            {"recurrent_mib", "RS buffer size (MiB)", device.recurrent / mebibyte, 2},
            {"compute_mib", "compute buffer size (MiB)", layout_.largest_compute / mebibyte, 2}};
        if (layout_.host_compute)
            list.push_back({"host_compute_mib", "host compute buffer size (MiB)", *layout_.host_compute / mebibyte, 2});
        return list;
    }

    /// All cells are taken when it starts; as many as were asked for.
    std::optional<Pool> pool() const override
    {
        if (!load_.choice->llama_cpp.n_ctx)
            return std::nullopt;
        const std::int64_t tokens = llama_cpp_cells(run_).n_ctx;
        return Pool{tokens, tokens, {std::llround(llama_cpp_figures(load_, layout_).kv_cache)}};
    }

    double cache_of_one() const override;
    std::vector<Issue> issues() const override;
    void fill_defaults(Scenario& scenario) const override;

private:
    /// Whether the cells of a typed context hold the load; those of one that was left out always do.
    static bool holds(const LlamaCppRun& run, const InferenceInputs& load)
    {
        if (!load.choice->llama_cpp.n_ctx)
            return true;
        const LlamaCppCells cells = llama_cpp_cells(run);
        if (load.sequence_length > cells.full)
            return false;
        return run.kv_unified
                   ? static_cast<double>(load.sequence_length) * static_cast<double>(load.concurrent_sequences) <=
                         static_cast<double>(cells.n_ctx)
                   : load.concurrent_sequences <= run.n_seq_max;
    }

    LlamaCppLayout layout_;
    const LlamaCppRun& run_; ///< of the layout
};

/// Of a typed context, the part that the sequence fills.
double LlamaCppPlan::cache_of_one() const
{
    if (!load_.choice->llama_cpp.n_ctx)
        return Plan::cache_of_one();
    InferenceChoice open = *load_.choice;
    open.llama_cpp.n_ctx.reset();
    InferenceInputs load = load_;
    load.choice = &open;
    return llama_cpp_plan(std::move(load))->cache_of_one();
}

std::vector<Issue> LlamaCppPlan::issues() const
{
    std::vector<Issue> issues;
    const LlamaCppCells cells = llama_cpp_cells(run_);
    const LlamaCppOptions& options = load_.choice->llama_cpp;
    if (!options.tensor_split.empty() && !read_shares(options.tensor_split))
        issues.push_back({"inference.tensor_split", Severity::error,
                          "inference.tensor_split must be numbers from 0, of which one is above it"});
    if (options.n_outputs_max && !read_outputs(*options.n_outputs_max))
        issues.push_back({"inference.n_outputs_max", Severity::error,
                          "inference.n_outputs_max is \"" + *options.n_outputs_max +
                              "\"; it must be server, all or a whole number from 1 to " + grouped(most_tokens)});
    for (const std::string& given : options.override_tensor) {
        const Override read = read_override(given);
        if (!read.pattern.valid())
            issues.push_back(
                {"inference.override_tensor", Severity::error,
                 "inference.override_tensor has \"" + given + "\", which can't be read as a regular expression"});
        else if (read.device != "CPU")
            issues.push_back({"inference.override_tensor", Severity::warning,
                              "inference.override_tensor moves tensors to " + std::string(read.device) +
                                  "; the figures are for the CPU, the only device with a rule here"});
    }
    if (options.split_mode == "row" || options.split_mode == "tensor")
        issues.push_back({"inference.split_mode", Severity::warning,
                          "inference.split_mode is \"" + options.split_mode +
                              "\", for which there is no rule here; the figures are those of \"layer\""});
    if (run_.n_ctx < run_.n_seq_max)
        issues.push_back({"inference.n_ctx", Severity::error,
                          "inference.n_ctx is " + grouped(run_.n_ctx) + "; it must be at least inference.n_seq_max, " +
                              grouped(run_.n_seq_max)});
    if (const auto slots = load_.choice->llama_cpp.n_seq_max; slots && load_.concurrent_sequences > *slots)
        issues.push_back({"inference.concurrent_sequences", Severity::warning,
                          "llama.cpp serves at most n_seq_max " + grouped(*slots) + " at a time; the figures are for " +
                              grouped(load_.concurrent_sequences)});
    if (!layout_.graph)
        issues.push_back(
            {"model", Severity::warning,
             "llama.cpp's graph of \"" + load_.model->architecture.family +
                 "\" is not known here; its compute buffer is reckoned by sums that others were measured by"});
    const bool quantized_values = run_.kv_v.bits != 16 && run_.kv_v.bits != 32;
    if (quantized_values && !run_.flash_attn)
        issues.push_back({"precision.kv_cache.v", Severity::error,
                          "precision.kv_cache.v is \"" + run_.kv_v.id +
                              "\"; llama.cpp quantizes values only with inference.flash_attn"});
    if (load_.sequence_length > cells.full)
        issues.push_back({"inference.n_ctx", Severity::note,
                          "a sequence has " + grouped(cells.full) + " cells, fewer than inference.sequence_length, " +
                              grouped(load_.sequence_length)});
    return issues;
}

void LlamaCppPlan::fill_defaults(Scenario& scenario) const
{
    LlamaCppOptions& options = scenario.inference.llama_cpp;
    options.n_ctx = run_.n_ctx;
    options.n_batch = options.n_batch.value_or(2048);
    options.n_ubatch = run_.n_ubatch;
    options.n_seq_max = run_.n_seq_max;
    options.kv_unified = run_.kv_unified;
    options.flash_attn = run_.flash_attn;
    options.swa_full = run_.swa_full;
    options.n_gpu_layers = run_.n_gpu_layers;
    options.n_cpu_moe = run_.n_cpu_moe;
}

double cell_bytes(const InferenceInputs& inputs, const CacheRun& run)
{
    const LlamaCppCells one{.full = 1, .sliding = 1, .streams = 1, .n_ctx = 1};
    return llama_cpp_cache_bytes<double>(llama_cpp_run(inputs), one, run, 1);
}

std::optional<RequestLimit> request_limit_of(const InferenceChoice& choice)
{
    const auto cells = choice.llama_cpp.n_ctx;
    return cells ? std::optional<RequestLimit>({"inference.n_ctx", *cells}) : std::nullopt;
}

PlanPointer llama_cpp_plan(InferenceInputs load)
{
    return std::make_shared<LlamaCppPlan>(std::move(load));
}

} // namespace

LlamaCppRun llama_cpp_run(const InferenceInputs& inputs)
{
    const LlamaCppOptions& options = inputs.choice->llama_cpp;
    const std::int64_t all_layers = inputs.model->architecture.layers() + 1;
    LlamaCppRun run;
    run.model = inputs.model;
    run.widths = layer_widths(inputs.model->architecture);
    run.build = llama_cpp_build(inputs.choice->engine_version);
    const GraphRules* rules = graph_rules(inputs.model->architecture.family);
    run.windowed = rules == nullptr || rules->windowed;
    if (!run.windowed)
        for (LayerWidths& widths : run.widths)
            widths.sliding = false;
    run.weights = inputs.weights;
    run.kv_k = inputs.kv_k;
    run.kv_v = inputs.kv_v;
    run.n_seq_max = options.n_seq_max.value_or(inputs.concurrent_sequences);
    run.n_ctx = options.n_ctx.value_or(inputs.sequence_length * inputs.concurrent_sequences);
    run.n_ubatch = std::min(options.n_ubatch.value_or(512), options.n_batch.value_or(2048));
    run.kv_unified = options.kv_unified.value_or(!run.build.separates_sequences());
    run.flash_attn = options.flash_attn.value_or(run.build.defaults_to_flash() && (rules == nullptr || rules->flash));
    run.swa_full = options.swa_full.value_or(false);
    const std::int64_t offloaded = options.n_gpu_layers.value_or(-1);
    run.n_gpu_layers = offloaded < 0 ? all_layers : std::min(offloaded, all_layers);
    run.n_cpu_moe = options.n_cpu_moe.value_or(0);
    run.mla = options.mla;
    if (!run.build.ik && rules != nullptr && rules->expanded_latent)
        run.mla = 0;
    run.devices = options.split_mode == "none" ? 1 : inputs.tensor_parallel * inputs.pipeline_parallel;
    if (options.split_mode != "none")
        run.shares = read_shares(options.tensor_split).value_or(std::vector<double>());
    if (!options.override_tensor.empty()) {
        auto patterns = std::make_shared<std::vector<Pattern>>();
        for (const std::string& given : options.override_tensor)
            patterns->push_back(read_override(given).pattern);
        run.overrides = std::move(patterns);
    }
    run.kv_offload = options.kv_offload;
    run.op_offload = options.op_offload;
    run.drafted = options.spec_draft_n_max;
    run.flash_auto = !options.flash_attn && run.flash_attn;
    if (options.n_outputs_max)
        if (const auto rows = read_outputs(*options.n_outputs_max); rows && *rows != server_rows)
            run.n_outputs_max = rows;
    return run;
}

const Engine llama_cpp_rules = {.id = "llama.cpp",
                                .name = "llama.cpp",
                                .summary = "llama.cpp and ik_llama.cpp: buffers as they print them",
                                .versions = "2025 and before, 2026 on; ik_llama.cpp",
                                .fork = "ik_llama.cpp",
                                .loads_gguf = true,
                                .pipelines = true,
                                .splits_layers = true,
                                .sharding = {.router_divided = true, .latent_divided = true, .even_stages = false},
                                .token_bytes = cell_bytes,
                                .plan = llama_cpp_plan,
                                .request_limit = request_limit_of};

} // namespace weighbridge
